package io.kappacdc.capture.publish;

import io.kappacdc.capture.publish.EventBuffer.EncodedEvent;
import io.kappacdc.capture.publish.Publication.Segment;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.resume.GapException;
import io.kappacdc.capture.resume.PartlyPublished;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceOffset.Phase;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.capture.resume.TableNote;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Operation;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.runtime.KappaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gathers events until their transaction ends, and hands out whole transactions with the offset
 * behind them. Memory is bounded: a large open transaction goes to a file, and {@link #readyBytes}
 * tells when what is complete should be taken. Not thread-safe.
 */
public final class TransactionAssembler implements AutoCloseable {
  private final EventWriter writer = new EventWriter();
  private final long openBytesMax;
  private final List<Segment> ready = new ArrayList<>();
  private EventBuffer open;
  private long openRecords;
  private long openOrdinals;
  private long readyBytes;
  private @Nullable EventBuffer reads;
  private long readsLsn;
  private SourceOffset taken;
  private SourceOffset offset;
  private boolean advanced;
  private final List<TableNote> notes = new ArrayList<>();

  /**
   * @param start the offset capture starts from
   * @param openBytesMax bytes of an open transaction held in memory
   */
  public TransactionAssembler(SourceOffset start, long openBytesMax) {
    this.taken = start;
    this.offset = start;
    this.openBytesMax = openBytesMax;
    this.open = new EventBuffer(openBytesMax);
  }

  /** The rank that the next change of the open transaction has. */
  public long nextOrdinal() {
    return ++openOrdinals;
  }

  /**
   * Counts a record of the open transaction.
   *
   * @param event the change; null for what is not to be published, a message or a dropped row
   */
  public void add(@Nullable ChangeEvent event) {
    openRecords++;
    if (event != null) {
      open.add(encode(event));
    }
  }

  /**
   * Ends the open transaction.
   *
   * @param name the transaction, for people
   * @param transaction what the source says it was; its end becomes its events' LSN
   * @throws KappaException if records are missing or were repeated, or if it is not the one of
   *     which a part is published
   */
  public void end(String name, SourceTransaction transaction) {
    if (transaction.records() != openRecords) {
      throw new KappaException(
          "Transaction " + name + " of the source is not complete.",
          "It ended with " + transaction.records() + " events, and " + openRecords + " arrived.",
          "Start capture again, which repeats the transaction; report it if it happens again.");
    }
    PartlyPublished begun = offset.begun();
    boolean continued = begun != null && begun.transaction().equals(transaction);
    if (begun != null && !continued && open.count() > 0) {
      throw isAnother(begun, name);
    }
    requireNotPassed(continued ? null : begun, transaction.endLsn());
    SourceOffset behind =
        begun == null || continued
            ? offset.behind(transaction)
            : offset.at(Phase.STREAMING, transaction.endLsn(), transaction.commitMicros());
    if (open.count() > 0) {
      long published = continued ? begun.ordinal() : 0;
      ready.add(new Segment(open, transaction.endLsn(), transaction, published, behind));
      readyBytes += open.memoryBytes();
      open = new EventBuffer(openBytesMax);
    }
    openRecords = 0;
    openOrdinals = 0;
    advance(behind);
  }

  /** A point between transactions that was reached without data. */
  public void reached(long lsn, long micros) {
    requireNotPassed(offset.begun(), lsn);
    advance(offset.at(Phase.STREAMING, lsn, micros));
  }

  /** What is partly published comes first of all when the log is read again. */
  private static void requireNotPassed(@Nullable PartlyPublished begun, long lsn) {
    if (begun != null && Long.compareUnsigned(lsn, begun.transaction().endLsn()) >= 0) {
      throw isAnother(begun, "that reaches " + Lsn.format(lsn));
    }
  }

  private static KappaException isAnother(PartlyPublished begun, String name) {
    SourceTransaction transaction = begun.transaction();
    return GapException.of(
        "The source no longer has a transaction that is published in part.",
        "Transaction "
            + transaction.xid()
            + " with "
            + transaction.records()
            + " events, ending at "
            + Lsn.format(transaction.endLsn())
            + ", is published up to its event "
            + begun.ordinal()
            + "; what came in its place is transaction "
            + name
            + ".",
        "Find out whether the source was restored");
  }

  /** Adds a row that the snapshot at this LSN read, or a barrier before its rows. */
  public void read(ChangeEvent event) {
    long lsn = event.position().lsn();
    if (reads == null || readsLsn != lsn) {
      reads = new EventBuffer(Long.MAX_VALUE); // bounded by whoever watches readyBytes
      readsLsn = lsn;
      advance(offset.at(offset.phase(), lsn, event.commitMicros()));
      ready.add(new Segment(reads, lsn, null, 0, offset));
    }
    EncodedEvent encoded = encode(event);
    reads.add(encoded);
    readyBytes += encoded.bytes();
  }

  /**
   * Adds rows of one table that were read while the log is followed, between two transactions. The
   * log is to be followed from where it was: who asks the server for it from any further on, be it
   * by a byte, does not get the transaction whose commit record begins there.
   *
   * @param lsn the rows', at what was reached or before the next transaction's end
   * @param tables behind these rows; settled from {@code lsn} on or later
   */
  public void readMeanwhile(long lsn, List<ChangeEvent> events, CapturedTables tables) {
    SourceOffset behind = offset.with(tables);
    EventBuffer rows = new EventBuffer(Long.MAX_VALUE); // bounded by whoever read them
    for (ChangeEvent event : events) {
      EncodedEvent encoded = encode(event);
      rows.add(encoded);
      readyBytes += encoded.bytes();
    }
    advance(behind);
    ready.add(new Segment(rows, lsn, null, 0, behind));
  }

  /** Whether events of this table are complete and not taken yet. */
  public boolean hasReadyEventsOf(String schema, String table) {
    return ready.stream()
        .flatMap(segment -> segment.events().schemas().stream())
        .anyMatch(known -> known.schema().equals(schema) && known.table().equals(table));
  }

  /** What is known of the tables; they are noted with what is published next. */
  public CapturedTables tables() {
    return offset.tables();
  }

  public void note(CapturedTables tables) {
    if (!tables.equals(offset.tables())) {
      advance(offset.with(tables));
    }
  }

  /** Has a table's form remembered, together with all that was added before. */
  public void note(TableNote note) {
    notes.add(note);
    advance(offset);
  }

  /** The LSN that everything added so far ends at. */
  public long reachedLsn() {
    return offset.lsn();
  }

  /** The snapshot is complete: from its LSN on the write-ahead log is followed. */
  public void snapshotCompleted(long lsn, long micros) {
    advance(offset.at(Phase.STREAMING, lsn, micros));
  }

  public boolean isSnapshotRunning() {
    return !offset.isStreaming();
  }

  /** Whether a transaction has begun and not ended. */
  public boolean isTransactionOpen() {
    return openRecords > 0;
  }

  private EncodedEvent encode(ChangeEvent event) {
    return new EncodedEvent(
        event.schema(),
        event.position().ordinal(),
        writer.key(event),
        writer.body(event),
        event.operation() == Operation.CREATE && event.before() != null);
  }

  private void advance(SourceOffset reached) {
    offset = reached;
    advanced = true;
  }

  /** Memory that {@link #take} would set free. */
  public long readyBytes() {
    return readyBytes;
  }

  /** Everything complete so far; empty when nothing has changed since the last call. */
  public Optional<Publication> take() {
    if (!advanced) {
      return Optional.empty();
    }
    Publication publication = new Publication(taken, ready, offset, notes);
    taken = offset;
    ready.clear();
    notes.clear();
    reads = null;
    readyBytes = 0;
    advanced = false;
    return Optional.of(publication);
  }

  @Override
  public void close() {
    open.close();
    ready.forEach(segment -> segment.events().close());
  }
}
