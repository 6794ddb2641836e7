package io.kappacdc.processor;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.processor.stream.KafkaRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Transactions of a source in which money moves between accounts and vaults, and what its tables
 * held after each. The sum of all balances never changes. Begins with a snapshot, and is read anew
 * in between. Notes that begin with {@code L} stand for values that PostgreSQL keeps outside of the
 * row, and does not send when they are left alone.
 */
public final class MoneyHistory {
  public static final TableSchema ACCOUNT =
      table(
          "account",
          List.of("id"),
          ReplicaIdentity.DEFAULT,
          Column.of("id", "integer"),
          Column.of("owner", "text"),
          Column.of("balance", "bigint"),
          Column.of("note", "text"));
  public static final TableSchema VAULT =
      table(
          "vault",
          List.of("region", "no"),
          ReplicaIdentity.DEFAULT,
          Column.of("balance", "bigint"),
          Column.of("no", "integer"),
          Column.of("region", "character varying(10)"));
  public static final TableSchema LOG =
      table(
          "log",
          List.of(),
          ReplicaIdentity.DEFAULT,
          Column.of("what", "text"),
          Column.of("amount", "numeric(10,2)"));

  /** A table without a key whose rows are changed all the same. */
  public static final TableSchema TICKET =
      table(
          "ticket",
          List.of(),
          ReplicaIdentity.FULL,
          Column.of("kind", "character(3)"),
          Column.of("open", "boolean"),
          Column.of("note", "text"));

  public static final List<TableSchema> TABLES = List.of(ACCOUNT, VAULT, LOG, TICKET);
  public static final long SUM = 10_000;

  /** What only some stores can hold. */
  public enum Allowed {
    /** Updates and deletes of rows without a key: the mirror refuses them. */
    KEYLESS_CHANGES
  }

  private static final int PARTITIONS = 2;
  private static final EventWriter WRITER = new EventWriter();

  private final TopicNames topics;
  private final Set<Allowed> allowed;
  private final Random random;
  private final Map<TableSchema, List<List<String>>> rows = new HashMap<>();
  private final NavigableMap<Long, Map<String, List<String>>> states = new TreeMap<>();
  private final NavigableMap<Long, List<KafkaRecord>> records = new TreeMap<>();
  private final Map<String, List<String>> changes = new HashMap<>();
  private final Map<String, Long> nextOffsets = new HashMap<>();
  private List<KafkaRecord> transaction = new ArrayList<>();
  private long lsn = 0x1_0000_0100L;
  private long ordinal;
  private long readAnewAt;

  public MoneyHistory(TopicNames topics, long seed, int transactions, Set<Allowed> allowed) {
    this.topics = topics;
    this.random = new Random(seed);
    this.allowed = allowed;
    TABLES.forEach(table -> rows.put(table, new ArrayList<>()));
    for (int i = 0; i < 10; i++) {
      rows.get(ACCOUNT).add(values("" + i, "owner " + i, "500", i % 2 == 0 ? "L" + i : "s" + i));
      rows.get(VAULT).add(values("500", "" + i % 5, i < 5 ? "north" : "south"));
    }
    snapshot();
    for (int i = 0; i < transactions; i++) {
      int steps = 1 + random.nextInt(4);
      for (int step = 0; step < steps; step++) {
        step();
      }
      commit();
      if (i == transactions / 2) {
        readAnewAt = lsn;
        truncateAll();
        snapshot();
      }
    }
  }

  private static TableSchema table(
      String name, List<String> key, ReplicaIdentity identity, Column... columns) {
    return new TableSchema("public", name, List.of(columns), key, identity);
  }

  private static List<String> values(String... values) {
    return new ArrayList<>(Arrays.asList(values));
  }

  /** The source's rows by table, each as its values and {@code |}, sorted, after each LSN. */
  public NavigableMap<Long, Map<String, List<String>>> states() {
    return states;
  }

  /** The records of each transaction, by its LSN. */
  public NavigableMap<Long, List<KafkaRecord>> records() {
    return records;
  }

  /**
   * The changes of a table with all their values: place, operation, and the row after, of a delete
   * what was sent of the row before.
   */
  public List<String> changes(TableSchema table) {
    return changes.get(table.table()).stream().sorted().toList();
  }

  /** The source's time at an LSN. */
  public static long micros(long lsn) {
    return 1_700_000_000_000_000L + lsn;
  }

  /** The LSN at which all tables were read anew. */
  public long readAnewAt() {
    return readAnewAt;
  }

  private void step() {
    switch (random.nextInt(12)) {
      case 0 -> open();
      case 1 -> close();
      case 2 -> changeKey();
      case 3 -> annotate();
      case 4 -> log();
      case 5 -> tickets();
      case 6 -> {
        if (random.nextInt(4) == 0) {
          truncate(LOG);
        }
      }
      default -> transfer();
    }
  }

  private void transfer() {
    long amount = random.nextInt(100);
    List<String> account = any(ACCOUNT);
    List<String> vault = any(VAULT);
    update(ACCOUNT, account, 2, Long.toString(Long.parseLong(account.get(2)) - amount));
    update(VAULT, vault, 0, Long.toString(Long.parseLong(vault.get(0)) + amount));
  }

  private void open() {
    String id = Integer.toString(random.nextInt(60));
    if (rows.get(ACCOUNT).stream().noneMatch(row -> row.get(0).equals(id))) {
      insert(ACCOUNT, values(id, "owner " + id, "0", "L" + random.nextInt(1000)));
    }
  }

  private void close() {
    if (rows.get(ACCOUNT).size() > 5) {
      List<String> account = any(ACCOUNT);
      List<String> vault = any(VAULT);
      long left = Long.parseLong(vault.get(0)) + Long.parseLong(account.get(2));
      update(VAULT, vault, 0, Long.toString(left));
      delete(ACCOUNT, account);
    }
  }

  private void changeKey() {
    List<String> account = any(ACCOUNT);
    String id = Integer.toString(random.nextInt(60));
    if (rows.get(ACCOUNT).stream().anyMatch(row -> row.get(0).equals(id))) {
      return;
    }
    delete(ACCOUNT, account);
    boolean isLeftOut = account.get(3).startsWith("L");
    List<String> moved = new ArrayList<>(account);
    moved.set(0, id);
    rows.get(ACCOUNT).add(moved);
    String[] sent = moved.toArray(String[]::new);
    if (isLeftOut) {
      sent[3] = Row.ABSENT;
    }
    Row oldKey = Row.of(account.get(0), Row.ABSENT, Row.ABSENT, Row.ABSENT);
    add(ChangeEvent.rekey(next(), ACCOUNT, oldKey, Row.of(sent)), moved);
  }

  private void annotate() {
    update(ACCOUNT, any(ACCOUNT), 3, (random.nextBoolean() ? "L" : "s") + random.nextInt(1000));
  }

  private void log() {
    insert(LOG, values("entry " + random.nextInt(3), random.nextInt(3) + ".50"));
  }

  private void tickets() {
    List<List<String>> all = rows.get(TICKET);
    if (all.size() < 4 || !allowed.contains(Allowed.KEYLESS_CHANGES)) {
      String note = random.nextBoolean() ? null : "it's " + random.nextInt(2);
      insert(TICKET, values(random.nextBoolean() ? "a  " : "bcd", "true", note));
    } else if (random.nextBoolean()) {
      List<String> ticket = any(TICKET);
      all.remove(ticket);
      add(ChangeEvent.delete(next(), TICKET, Row.of(ticket.toArray(String[]::new))));
    } else {
      List<String> ticket = any(TICKET);
      Row before = Row.of(ticket.toArray(String[]::new));
      ticket.set(1, "false");
      add(ChangeEvent.update(next(), TICKET, before, Row.of(ticket.toArray(String[]::new))));
    }
  }

  private List<String> any(TableSchema table) {
    return rows.get(table).get(random.nextInt(rows.get(table).size()));
  }

  private void insert(TableSchema table, List<String> row) {
    rows.get(table).add(row);
    add(ChangeEvent.create(next(), table, Row.of(row.toArray(String[]::new))));
  }

  private void update(TableSchema table, List<String> row, int column, String value) {
    String[] sent = row.toArray(String[]::new);
    row.set(column, value);
    if (table == ACCOUNT && column != 3 && sent[3].startsWith("L")) {
      sent[3] = Row.ABSENT;
    }
    sent[column] = value;
    add(ChangeEvent.update(next(), table, null, Row.of(sent)), row);
  }

  private void delete(TableSchema table, List<String> row) {
    rows.get(table).remove(row);
    String[] before = new String[row.size()];
    Arrays.fill(before, Row.ABSENT);
    for (int index : table.keyIndexes()) {
      before[index] = row.get(index);
    }
    add(ChangeEvent.delete(next(), table, Row.of(before)));
  }

  private void truncate(TableSchema table) {
    rows.get(table).clear();
    add(ChangeEvent.truncate(next(), table));
  }

  /** What stands before the rows of a table that is read anew. */
  private void truncateAll() {
    Origin barrier = new Origin(new Position(lsn, Position.SNAPSHOT_ORDINAL_BASE), 0, micros(lsn));
    TABLES.forEach(table -> add(ChangeEvent.truncate(barrier, table)));
  }

  private void snapshot() {
    long rank = Position.SNAPSHOT_ORDINAL_BASE;
    for (TableSchema table : TABLES) {
      for (List<String> row : rows.get(table)) {
        Origin origin = new Origin(new Position(lsn, ++rank), 0, micros(lsn));
        add(ChangeEvent.read(origin, table, Row.of(row.toArray(String[]::new))));
      }
    }
    commit();
  }

  private Origin next() {
    return new Origin(new Position(lsn, ++ordinal), lsn, micros(lsn));
  }

  private void add(ChangeEvent event) {
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < event.schema().columns().size(); i++) {
      Row image = event.image();
      sent.add(image == null || image.isAbsent(i) ? null : image.get(i));
    }
    add(event, sent);
  }

  private void add(ChangeEvent event, List<String> complete) {
    TableSchema table = event.schema();
    changes
        .computeIfAbsent(table.table(), name -> new ArrayList<>())
        .add(
            "%d|%d|%c|%s"
                .formatted(
                    event.position().lsn(),
                    event.position().ordinal(),
                    event.operation().code(),
                    text(complete)));
    String topic = topics.table(table.schema(), table.table());
    int partition = 0;
    if (event.image() != null && table.hasKey()) {
      String key =
          Arrays.stream(table.keyIndexes())
              .mapToObj(event.image()::get)
              .collect(Collectors.joining("/"));
      partition = Math.floorMod(key.hashCode(), PARTITIONS);
    }
    long offset = nextOffsets.merge(topic + partition, 1L, Long::sum) - 1;
    transaction.add(
        new KafkaRecord(topic, partition, offset, WRITER.key(event), WRITER.write(event)));
  }

  private void commit() {
    Map<String, List<String>> state = new HashMap<>();
    rows.forEach((table, all) -> state.put(table.table(), texts(all)));
    states.put(lsn, state);
    records.put(lsn, transaction);
    transaction = new ArrayList<>();
    ordinal = 0;
    lsn += 8 + random.nextInt(200);
  }

  private static List<String> texts(List<List<String>> all) {
    return all.stream().map(MoneyHistory::text).sorted().toList();
  }

  private static String text(List<String> row) {
    return row.stream().map(String::valueOf).collect(Collectors.joining("|"));
  }

  /** The sum of all balances in rows as {@link #states} has them. */
  public static long sum(Map<String, List<String>> state) {
    return Stream.concat(
            state.get("account").stream().map(row -> row.split("\\|")[2]),
            state.get("vault").stream().map(row -> row.split("\\|")[0]))
        .mapToLong(Long::parseLong)
        .sum();
  }
}
