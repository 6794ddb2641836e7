package io.kappacdc.load.sql;

import io.kappacdc.load.ChangeCount;
import io.kappacdc.load.spec.ColumnSpec;
import io.kappacdc.load.spec.TableSpec;
import io.kappacdc.load.spec.TableSpec.Deletes;
import io.kappacdc.load.spec.ValueSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One session's statements on one table, the keys of the rows that are its own, and what the open
 * transaction did to them. Changes are collected until {@link #flushInserts} and its like send
 * them. For one thread.
 */
final class TableSession {
  private final TableSpec spec;
  private final Connection connection;
  private final NewKeys newKeys;
  private final PreparedStatement insert;
  private final @Nullable PreparedStatement update;
  private final @Nullable PreparedStatement delete;
  private final List<ValueBinder> inserted = new ArrayList<>();
  private final List<ValueBinder> updated = new ArrayList<>();
  private final List<ColumnSpec> keyColumns;
  private final KeySampler sampler;
  private final KeyBag own = new KeyBag();

  /** Of all sessions: never deleted, so that references may go to them. */
  private final KeyBag kept = new KeyBag();

  /** Kept rows that this session alone updates. */
  private final KeyBag ownKept = new KeyBag();

  private final List<Long> newInTransaction = new ArrayList<>();
  private final List<Long> deletedInTransaction = new ArrayList<>();
  private int insertsWaiting;
  private int updatesWaiting;
  private int deletesWaiting;

  /** The keys that a session gives to new rows: first, first + step, ... */
  static final class NewKeys {
    private final int step;
    private long next;

    NewKeys(long first, int step) {
      this.next = first;
      this.step = step;
    }

    private long take() {
      long key = next;
      next += step;
      return key;
    }
  }

  TableSession(
      Connection connection, TableSpec spec, NewKeys newKeys, ValueBinder.References references)
      throws SQLException {
    this.connection = connection;
    this.spec = spec;
    this.newKeys = newKeys;
    this.sampler = KeySampler.of(spec.keys());
    this.keyColumns =
        spec.primaryKey().stream().map(name -> spec.column(name).orElseThrow()).toList();
    for (ColumnSpec column : spec.columns()) {
      inserted.add(ValueBinder.of(column, references));
    }
    List<ColumnSpec> set =
        spec.updated().stream().map(name -> spec.column(name).orElseThrow()).toList();
    for (ColumnSpec column : set) {
      updated.add(ValueBinder.of(column, references));
    }
    this.insert = connection.prepareStatement(insertStatement(spec));
    this.update =
        set.isEmpty() || keyColumns.isEmpty()
            ? null
            : connection.prepareStatement(updateStatement(set));
    this.delete =
        keyColumns.isEmpty()
            ? null
            : connection.prepareStatement("DELETE FROM " + spec.quotedName() + whereKey());
  }

  private static String insertStatement(TableSpec spec) {
    return "INSERT INTO "
        + spec.quotedName()
        + spec.columns().stream()
            .map(column -> TableSpec.quoted(column.name()))
            .collect(Collectors.joining(", ", " (", ") VALUES "))
        + spec.columns().stream()
            .map(ValueBinder::placeholder)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private String updateStatement(List<ColumnSpec> set) {
    return "UPDATE "
        + spec.quotedName()
        + set.stream()
            .map(c -> TableSpec.quoted(c.name()) + " = " + ValueBinder.placeholder(c))
            .collect(Collectors.joining(", ", " SET ", ""))
        + whereKey();
  }

  private String whereKey() {
    return keyColumns.stream()
        .map(column -> TableSpec.quoted(column.name()) + " = ?")
        .collect(Collectors.joining(" AND ", " WHERE ", ""));
  }

  TableSpec spec() {
    return spec;
  }

  /** Takes over the rows that are there, those of this session's share. */
  void loadKeys(int index, int sessions) throws SQLException {
    if (spec.key().isEmpty()) {
      return;
    }
    String key = TableSpec.quoted(spec.key().get().name());
    long lastKept = -1;
    String smallest =
        "SELECT " + key + " FROM " + spec.quotedName() + " ORDER BY 1 LIMIT " + spec.keep();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(smallest)) {
      while (rows.next()) {
        lastKept = rows.getLong(1);
        kept.add(lastKept);
        if (kept.size() % sessions == index) {
          ownKept.add(lastKept);
        }
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10_000);
      String others =
          "SELECT %s FROM %s WHERE %s > %d AND %s %% %d = %d ORDER BY 1 LIMIT %d"
              .formatted(
                  key, spec.quotedName(), key, lastKept, key, sessions, index, KeyBag.SIZE_MAX);
      try (ResultSet rows = statement.executeQuery(others)) {
        while (rows.next()) {
          own.add(rows.getLong(1));
        }
      }
    }
  }

  /** Whether there is a row that this session may update. */
  boolean hasRowToUpdate() {
    return !own.isEmpty() || !ownKept.isEmpty();
  }

  /** Whether there is one that it may delete. */
  boolean hasRowToDelete() {
    return !own.isEmpty();
  }

  boolean hasKey() {
    return delete != null;
  }

  /** A row that other rows may refer to. */
  long anyKey(SplittableRandom random) {
    KeyBag from = kept.isEmpty() ? own : kept;
    if (from.isEmpty()) {
      throw new IllegalStateException(
          spec.name() + " has fewer rows than there are connections: none to refer to");
    }
    return from.get(random.nextInt(from.size()));
  }

  /** The row that this session inserted last. */
  long newestKey() {
    if (!newInTransaction.isEmpty()) {
      return newInTransaction.get(newInTransaction.size() - 1);
    }
    if (own.isEmpty()) {
      throw new IllegalStateException(spec.name() + " has no row to refer to yet");
    }
    return own.newest();
  }

  void addInsert(SplittableRandom random) throws SQLException {
    long key = newKeys.take();
    for (int i = 0; i < inserted.size(); i++) {
      inserted.get(i).bind(insert, i + 1, key, random);
    }
    insert.addBatch();
    insertsWaiting++;
    newInTransaction.add(key);
  }

  void addUpdate(SplittableRandom random) throws SQLException {
    // Kept rows come first, as they are the oldest: the ranks of one list.
    int choice = sampler.pick(ownKept.size() + own.size(), random);
    long key = choice < ownKept.size() ? ownKept.get(choice) : own.get(choice - ownKept.size());
    int parameter = 1;
    for (ValueBinder value : updated) {
      value.bind(update, parameter++, key, random);
    }
    bindKey(update, parameter, key);
    update.addBatch();
    updatesWaiting++;
  }

  void addDelete(SplittableRandom random) throws SQLException {
    long key =
        spec.deletes() == Deletes.OLDEST
            ? own.removeOldest()
            : own.remove(random.nextInt(own.size()));
    bindKey(delete, 1, key);
    delete.addBatch();
    deletesWaiting++;
    deletedInTransaction.add(key);
  }

  private void bindKey(PreparedStatement statement, int first, long key) throws SQLException {
    int parameter = first;
    for (ColumnSpec column : keyColumns) {
      statement.setLong(
          parameter++,
          column.value() instanceof ValueSpec.KeyModulo modulo
              ? ValueBinder.modulo(key, modulo)
              : key);
    }
  }

  ChangeCount flushInserts() throws SQLException {
    if (insertsWaiting == 0) {
      return ChangeCount.NONE;
    }
    insert.executeBatch(); // all or an exception; a rewritten batch gives no counts
    ChangeCount done = new ChangeCount(insertsWaiting, 0, 0);
    insertsWaiting = 0;
    return done;
  }

  ChangeCount flushUpdates() throws SQLException {
    if (updatesWaiting == 0) {
      return ChangeCount.NONE;
    }
    updatesWaiting = 0;
    return new ChangeCount(0, affected(update), 0);
  }

  ChangeCount flushDeletes() throws SQLException {
    if (deletesWaiting == 0) {
      return ChangeCount.NONE;
    }
    deletesWaiting = 0;
    return new ChangeCount(0, 0, affected(delete));
  }

  /** Rows really changed: another program may have deleted a key. */
  private static long affected(PreparedStatement statement) throws SQLException {
    long rows = 0;
    for (int count : statement.executeBatch()) {
      rows += count;
    }
    return rows;
  }

  void committed() {
    if (hasKey()) {
      newInTransaction.forEach(own::add);
    }
    newInTransaction.clear();
    deletedInTransaction.clear();
  }

  void rolledBack() throws SQLException {
    deletedInTransaction.forEach(own::add);
    newInTransaction.clear();
    deletedInTransaction.clear();
    insertsWaiting = 0;
    updatesWaiting = 0;
    deletesWaiting = 0;
    insert.clearBatch();
    if (update != null) {
      update.clearBatch();
    }
    if (delete != null) {
      delete.clearBatch();
    }
  }
}
