package io.kappacdc.capture;

import io.kappacdc.capture.publish.TransactionAssembler;
import io.kappacdc.capture.publish.TransactionalPublisher;
import io.kappacdc.capture.resume.CapturedTable;
import io.kappacdc.capture.resume.CapturedTable.Reading;
import io.kappacdc.capture.resume.CapturedTable.Reason;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.capture.resume.TableForm.Difference;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.capture.source.TableReader;
import io.kappacdc.capture.source.TableReader.Chunk;
import io.kappacdc.capture.source.TableReader.Moment;
import io.kappacdc.capture.transform.ChangeDecoder;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Position;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads tables in full while the others stream, chunk by chunk, and puts each chunk between two
 * transactions of the stream: behind all that the chunk has seen as far as they are in the order of
 * the log, and before every one that it has not. So its rows are never older than what is published
 * before them, and every later change follows.
 *
 * <p>A chunk begins with a mark in the log that has arrived and ends with another, so no two chunks
 * share a place. Called by the thread of the stream; a chunk's rows are read by another meanwhile,
 * and the stream waits for them only where they belong.
 */
final class TableSnapshots implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableSnapshots.class);

  /** How often the catalog is asked for tables that joined. */
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(5);

  /** After a chunk that could not begin. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** A table that cannot be read is tried again so often. */
  private static final Duration REFUSED_PAUSE = Duration.ofMinutes(1);

  private static final String ACCESS_OR_NAME = "42";

  /** Beyond so many transactions the readers wait for all that are running. */
  private static final int PASSED_MAX = 500_000;

  private final SourceCatalog catalog;
  private final TableRoster roster;
  private final TableReader reader;
  private final ChangeDecoder decoder;
  private final TransactionAssembler assembler;
  private final TransactionalPublisher publisher;
  private final CaptureStatus status;
  private final Clock clock;
  private final ExecutorService reading =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "table-reader"));
  private final PassedTransactions passed = new PassedTransactions(PASSED_MAX);
  private final Map<Long, Refused> refused = new HashMap<>();

  private final TableChanges changes;

  /** Last keys that must not leave this process, by the table's oid. */
  private final Map<Long, List<String>> hiddenKeys = new HashMap<>();

  private long shapesSeen;
  private Instant checkDue = Instant.MIN;
  private Instant beginDue = Instant.MIN;

  /** The sign in the log that is awaited; 0 for none. */
  private long mark;

  private boolean marked;

  /** Whether the sign that is awaited is older than what was noticed of tables. */
  private boolean markIsOld;

  private @Nullable OpenChunk chunk;
  private @Nullable OpenChunk keyless;
  private @Nullable SingleMoment singleMoment;

  /** A chunk whose rows are being read. */
  private record OpenChunk(
      CapturedTable table, SourceTable shape, Moment moment, CompletableFuture<Chunk> rows) {
    boolean isKeyless() {
      return shape.key().isEmpty();
    }
  }

  /** A table without a key between two of its chunks, of which all show one moment. */
  private record SingleMoment(CapturedTable table, SourceTable shape, Moment moment, long rows) {}

  private record Refused(String reason, Instant until) {}

  TableSnapshots(
      TableChanges changes,
      SourceCatalog catalog,
      TableRoster roster,
      TableReader reader,
      ChangeDecoder decoder,
      TransactionAssembler assembler,
      TransactionalPublisher publisher,
      CaptureStatus status,
      Clock clock) {
    this.changes = changes;
    this.catalog = catalog;
    this.roster = roster;
    this.reader = reader;
    this.decoder = decoder;
    this.assembler = assembler;
    this.publisher = publisher;
    this.status = status;
    this.clock = clock;
  }

  /** Before the first batch of the stream: what happened to the tables meanwhile. */
  void prepare() {
    if (checkDue.equals(Instant.MIN)) {
      check();
    }
  }

  /**
   * Whether the topics lack rows of a table, so that its changes need care; looks for a table that
   * is not known yet.
   */
  boolean isJoining(String schema, String table) {
    if (assembler.tables().table(schema, table).isEmpty()) {
      check();
    }
    return assembler
        .tables()
        .table(schema, table)
        .map(CapturedTable::reading)
        .filter(rows -> rows.reason().isOfMissingRows())
        .isPresent();
  }

  /**
   * A table's changes begin, or go on under another description. If no look has ever found the
   * table, it was dropped since, or it is one of those by now that seem to have been made empty and
   * whole: what it got under its former name is in its topic only if it is read.
   */
  void met(String schema, String table) {
    if (!roster.wantsRows() || assembler.tables().table(schema, table).isPresent()) {
      return;
    }
    for (CapturedTable young : assembler.tables().tables()) {
      if (young.reading() == null && !hasEvents(young)) {
        LOG.info(
            "table={} is read while the others stream: it may have been {}.{} before",
            young.name(),
            schema,
            table);
        readAgain(young, Reading.of(Reason.JOINED));
      }
    }
  }

  /** Whether the table's rows are those of its partitions. */
  boolean isRoot(String schema, String table) {
    return assembler.tables().table(schema, table).filter(changes::isRoot).isPresent();
  }

  /** Looks whether the topics lack rows of a table by now. */
  void look(String schema, String table) {
    assembler
        .tables()
        .table(schema, table)
        .ifPresent(known -> changes.look(List.of(known), this::changed));
  }

  /** Looks whether the topics lack rows of any table by now. */
  void lookAtAll() {
    check();
  }

  /**
   * A user wants a table to be read.
   *
   * @param oid the table's, as text
   */
  void asked(String oid) {
    check();
    for (CapturedTable table : assembler.tables().tables()) {
      if (Long.toString(table.oid()).equals(oid)) {
        LOG.info("table={} is read again, as asked for, while the others stream", table.name());
        readAgain(table, Reading.of(Reason.ASKED));
        return;
      }
    }
    LOG.warn("A table was asked for that is not captured: oid={}", oid);
  }

  private void readAgain(CapturedTable table, Reading why) {
    if (isBeingRead(table)) {
      giveUp();
    }
    refused.remove(table.oid());
    hiddenKeys.remove(table.oid());
    Reading under = table.reading();
    assembler.note(assembler.tables().with(table.with(under == null ? why : under.and(why))));
    tell();
  }

  private void changed(CapturedTable table, Difference difference) {
    if (!roster.wantsRows()) {
      return;
    }
    LOG.info(
        "table={} is read again while the others stream: {}", table.name(), difference.cause());
    readAgain(
        table,
        switch (difference.effect()) {
          case WENT -> Reading.of(Reason.JOINED);
          case CAME -> Reading.among(Reason.GAINED, difference.among());
          case READ_DIFFERENTLY -> Reading.of(Reason.CHANGED);
        });
    awaitAnotherMark();
  }

  /** What a table had before may still be on its way: it must not follow what it has now. */
  private void awaitAnotherMark() {
    markIsOld = mark != 0;
    marked = false;
  }

  /** The next transaction is complete, and is to be added. */
  void before(SourceTransaction transaction) {
    OpenChunk open = chunk;
    if (open != null && !open.moment().sees().sees(transaction.xid())) {
      place(open, assembler.reachedLsn() + 1);
    } else if (keyless != null && keyless.moment().sees().sees(transaction.xid())) {
      // Its rows are there already, and without a key nothing tells them from further ones.
      CapturedTable table = keyless.table();
      keyless = null;
      assembler
          .tables()
          .table(table.schema(), table.table())
          .ifPresent(now -> readAgain(now, Reading.of(Reason.CHANGED)));
    }
    if (isActive()) {
      passed.add(transaction.xid());
    }
  }

  /** A sign of life has arrived. */
  void reached(long lsn) {
    if (mark == 0 || Long.compareUnsigned(lsn, mark) < 0) {
      return;
    }
    mark = 0;
    marked = !markIsOld;
    markIsOld = false;
    keyless = null; // all that it sees is published
    OpenChunk open = chunk;
    if (open != null) {
      place(open, assembler.reachedLsn());
    }
  }

  private boolean isActive() {
    return mark != 0 || marked;
  }

  /** Between two batches of the stream. */
  void proceed() {
    Instant now = clock.instant();
    if (!now.isBefore(checkDue) || decoder.shapesMade() != shapesSeen) {
      shapesSeen = decoder.shapesMade();
      check();
    }
    if (chunk != null || mark != 0 || now.isBefore(beginDue)) {
      return;
    }
    if (singleMoment != null) {
      proceed(singleMoment);
      return;
    }
    CapturedTable table = nextToRead(now);
    if (table == null) {
      marked = false;
      passed.clear();
      return;
    }
    try {
      if (!marked) {
        passed.beginAt(catalog.newTransactionId());
        mark = catalog.mark();
      } else if (passed.hasLost()) {
        passed.beginAt(catalog.newTransactionId());
      } else if (!begin(table)) {
        beginDue = now.plus(PAUSE);
      }
    } catch (SQLException e) {
      reader.end();
      refuse(table, e);
    }
  }

  private void check() {
    checkDue = clock.instant().plus(CHECK_INTERVAL);
    CapturedTables before = assembler.tables();
    CapturedTables now = roster.next(before, catalog.publishedNow());
    assembler.note(now);
    if (!now.equals(before) && !before.unread().containsAll(now.unread())) {
      awaitAnotherMark();
    }
    changes.lookAtAll(assembler.tables().tables(), this::changed);
    CapturedTable table =
        chunk != null ? chunk.table() : singleMoment != null ? singleMoment.table() : null;
    if (table != null && !assembler.tables().tables().contains(table)) {
      giveUp();
    }
    tell();
  }

  private @Nullable CapturedTable nextToRead(Instant now) {
    for (CapturedTable table : assembler.tables().unread()) {
      Refused not = refused.get(table.oid());
      if (not == null || now.isAfter(not.until())) {
        return table;
      }
    }
    return null;
  }

  /** Returns whether a chunk is being read, or needs no reading. */
  private boolean begin(CapturedTable table) throws SQLException {
    Moment moment = reader.begin(table.schema(), table.table()).orElse(null);
    if (moment == null) {
      return false;
    }
    if (!passed.areAllSeenBy(moment.sees())) {
      reader.end();
      status.waitsFor("table " + table.name() + " is read once older transactions have ended");
      return false;
    }
    status.waitsFor("");
    SourceTable shape = catalog.table(table.schema(), table.table(), null);
    mark = catalog.mark();
    if (shape.key().isEmpty()) {
      chunk = new OpenChunk(table, shape, moment, inBackground(() -> reader.readNext(shape)));
      return true;
    }
    Reading from = Objects.requireNonNull(table.reading());
    List<String> behind = hiddenKeys.getOrDefault(table.oid(), from.behind());
    chunk =
        new OpenChunk(
            table, shape, moment, inBackground(() -> reader.read(shape, from.among(), behind)));
    return true;
  }

  /** The next chunk of a table that is read in one moment. */
  private void proceed(SingleMoment under) {
    mark = catalog.mark();
    SourceTable shape = under.shape();
    chunk =
        new OpenChunk(
            under.table(), shape, under.moment(), inBackground(() -> reader.readNext(shape)));
  }

  /** Rows from the source. */
  private interface Query {
    Chunk run() throws SQLException;
  }

  private CompletableFuture<Chunk> inBackground(Query query) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return query.run();
          } catch (SQLException e) {
            throw new CompletionException(e);
          }
        },
        reading);
  }

  /** Puts the chunk's rows where the stream is; waits for them. */
  private void place(OpenChunk open, long lsn) {
    SingleMoment under = singleMoment;
    chunk = null;
    singleMoment = null;
    Chunk rows;
    try {
      rows = open.rows().join();
    } catch (CompletionException e) {
      reader.end();
      if (e.getCause() instanceof SQLException sql) {
        refuse(open.table(), sql);
        return;
      }
      throw e;
    }
    Reading before = Objects.requireNonNull(open.table().reading());
    long rowsBefore = open.isKeyless() ? (under == null ? 0 : under.rows()) : before.rows();
    long rowsNow = rowsBefore + rows.rows().size();
    if (open.isKeyless() && under == null) {
      keyless = open;
    }
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    List<ChangeEvent> events = new ArrayList<>();
    if ((before.reason() == Reason.JOINED || open.isKeyless())
        && rowsBefore == 0
        && hasEvents(open.table())) {
      Position barrier = new Position(lsn, Position.SNAPSHOT_ORDINAL_BASE);
      events.add(
          ChangeEvent.truncate(new Origin(barrier, 0, micros), decoder.schema(open.shape())));
    }
    long ordinal = Position.SNAPSHOT_ORDINAL_BASE;
    List<String> behind = before.behind();
    if (!rows.rows().isEmpty()) {
      behind = key(open.shape(), rows.rows().get(rows.rows().size() - 1));
    }
    if (decoder.hidesKey(open.shape())) {
      hiddenKeys.put(open.table().oid(), behind);
      behind = List.of(); // another process begins with the first row
    }
    for (@Nullable String[] row : rows.rows()) {
      ChangeEvent event =
          decoder.read(open.shape(), row, new Origin(new Position(lsn, ++ordinal), 0, micros));
      if (event != null) {
        events.add(event);
      }
    }
    Reading after = rows.isLast() ? null : before.to(behind, rows.rows().size());
    if (after != null && open.isKeyless()) {
      after = before; // another process begins with the first row
      singleMoment = new SingleMoment(open.table(), open.shape(), open.moment(), rowsNow);
    }
    long end = open.moment().endLsn();
    CapturedTables tables =
        assembler
            .tables()
            .with(open.table().with(after))
            .settledFrom(Long.compareUnsigned(lsn, end) > 0 ? lsn : end);
    assembler.readMeanwhile(lsn, events, tables);
    if (after == null) {
      LOG.info("table={} rows={} the table is read, and streams on", open.table().name(), rowsNow);
    }
    tell();
  }

  /** Whether there are events of it before what is placed next. */
  private boolean hasEvents(CapturedTable table) {
    return publisher.hasEventsOf(table.schema(), table.table())
        || assembler.hasReadyEventsOf(table.schema(), table.table());
  }

  private static List<String> key(SourceTable shape, @Nullable String[] row) {
    List<String> key = new ArrayList<>();
    for (String name : shape.key()) {
      for (int i = 0; i < row.length; i++) {
        if (shape.columns().get(i).name().equals(name)) {
          key.add(String.valueOf(row[i]));
        }
      }
    }
    return key;
  }

  private boolean isBeingRead(CapturedTable table) {
    return (chunk != null && chunk.table().oid() == table.oid())
        || (singleMoment != null && singleMoment.table().oid() == table.oid());
  }

  /** The table changed, or is wanted from its beginning. */
  private void giveUp() {
    OpenChunk open = chunk;
    chunk = null;
    singleMoment = null;
    if (open != null) {
      open.rows().handle((rows, error) -> rows).join();
    }
    reader.end();
  }

  private void refuse(CapturedTable table, SQLException e) {
    if (TransientFailure.isTransient(e)) {
      throw new TransientFailure("Cannot read table " + table.name(), e);
    }
    String state = String.valueOf(e.getSQLState());
    // Class 42 is of names and rights; the messages of others may quote a value.
    refuse(
        table,
        state.startsWith(ACCESS_OR_NAME)
            ? "the source refuses: " + e.getMessage()
            : "the source refuses with SQLSTATE " + state);
  }

  private void refuse(CapturedTable table, String reason) {
    Refused before =
        refused.put(table.oid(), new Refused(reason, clock.instant().plus(REFUSED_PAUSE)));
    if (before == null || !before.reason().equals(reason)) {
      LOG.warn(
          "table={} {}, and is not read: {}. Cure that, or start capture once with --resnapshot to"
              + " read all tables anew.",
          table.name(),
          Objects.requireNonNull(table.reading()).reason().isOfMissingRows()
              ? "LACKS ROWS that no change brings"
              : "has rows in the topics that are not as they are",
          reason);
    }
    tell();
  }

  /** Tells the status which tables lack rows. */
  private void tell() {
    status.unread(
        assembler.tables().unread().stream()
            .map(
                table -> {
                  Refused not = refused.get(table.oid());
                  return new CaptureStatus.Unread(
                      table.name(), rowsOf(table), not == null ? "" : not.reason());
                })
            .toList());
  }

  private long rowsOf(CapturedTable table) {
    SingleMoment under = singleMoment;
    return under != null && under.table().oid() == table.oid()
        ? under.rows()
        : Objects.requireNonNull(table.reading()).rows();
  }

  @Override
  public void close() {
    reading.shutdownNow();
    reader.close();
  }
}
