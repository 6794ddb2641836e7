package io.kappacdc.load.sql;

import io.kappacdc.load.ChangeCount;
import io.kappacdc.load.Workload;
import io.kappacdc.load.spec.ColumnSpec;
import io.kappacdc.load.spec.TableSpec;
import io.kappacdc.load.spec.TransactionSpec;
import io.kappacdc.load.spec.WorkloadSpec;
import io.kappacdc.load.spec.WorkloadSpecs;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * A spec at work. New rows take their keys from their column's sequence, a block for the whole load
 * at once, so that they collide with nobody's and are the same in each run on new tables.
 */
public final class SpecWorkload implements Workload {
  private static final int ROWS_PER_INITIAL_TRANSACTION = 1_000;
  private static final int SESSIONS_MAX = 1_000;

  private final WorkloadSpec spec;
  private final Transactions transactions;
  private final long seed;
  private final Map<String, Long> firstKeys = new ConcurrentHashMap<>();
  private final Map<String, TableSession.NewKeys> sessionKeys = new ConcurrentHashMap<>();

  public SpecWorkload(WorkloadSpec spec, long seed) {
    this.spec = spec;
    this.seed = seed;
    this.transactions = Transactions.of(spec, seed);
  }

  @Override
  public double rowsPerTransaction() {
    return spec.meanRows();
  }

  @Override
  public int rowsOf(long transaction) {
    return transactions.plan(transaction).total();
  }

  @Override
  public String nameOf(long transaction) {
    return transactions.plan(transaction).kind().name();
  }

  @Override
  public ChangeCount prepare(Connection connection, long count) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try {
      createTables(connection);
      connection.commit();
      ChangeCount added = ChangeCount.NONE;
      for (TableSpec table : spec.tables()) {
        added = added.plus(addInitialRows(connection, table));
      }
      long rowsMax =
          spec.transactions().stream().mapToLong(TransactionSpec::maxRows).max().orElse(1);
      for (TableSpec table : spec.tables()) {
        reserveKeys(connection, table, Math.multiplyExact(count + SESSIONS_MAX, rowsMax));
      }
      connection.commit();
      return added;
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(autoCommit);
    }
  }

  private void createTables(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (spec.schema().isPresent()) {
        statement.execute(WorkloadSpecs.schemaFile(spec.schema().get()));
        return;
      }
      for (TableSpec table : spec.tables()) {
        statement.execute("CREATE SCHEMA IF NOT EXISTS " + TableSpec.quoted(table.schema()));
        statement.execute(createTable(table));
      }
    }
  }

  private static String createTable(TableSpec table) {
    String columns =
        table.columns().stream().map(SpecWorkload::definition).collect(Collectors.joining(",\n  "));
    String key =
        table.primaryKey().isEmpty()
            ? ""
            : table.primaryKey().stream()
                .map(TableSpec::quoted)
                .collect(Collectors.joining(", ", ",\n  PRIMARY KEY (", ")"));
    return "CREATE TABLE IF NOT EXISTS " + table.quotedName() + " (\n  " + columns + key + ")";
  }

  private static String definition(ColumnSpec column) {
    return TableSpec.quoted(column.name()) + ' ' + column.type();
  }

  private ChangeCount addInitialRows(Connection connection, TableSpec table) throws SQLException {
    long wanted = Math.max(table.rows(), table.keep());
    long missing = wanted == 0 ? 0 : wanted - rows(connection, table);
    if (missing <= 0) {
      return ChangeCount.NONE;
    }
    reserveKeys(connection, table, missing);
    SpecSession session =
        new SpecSession(connection, spec, transactions, name -> newKeys(name, 0, 1));
    session.loadKeys(0, 1);
    SplittableRandom random = new SplittableRandom(seed ^ table.name().hashCode());
    ChangeCount added = ChangeCount.NONE;
    while (added.total() < missing) {
      int rows = (int) Math.min(ROWS_PER_INITIAL_TRANSACTION, missing - added.total());
      added = added.plus(session.insert(table.name(), rows, random));
    }
    return added;
  }

  private static long rows(Connection connection, TableSpec table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table.quotedName())) {
      row.next();
      return row.getLong(1);
    }
  }

  private void reserveKeys(Connection connection, TableSpec table, long count) throws SQLException {
    if (table.key().isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT setval(s, nextval(s) + ? - 1) - ? + 1"
                + " FROM (SELECT pg_get_serial_sequence(?, ?)::regclass AS s) sequence")) {
      statement.setLong(1, count);
      statement.setLong(2, count);
      statement.setString(3, table.quotedName());
      statement.setString(4, table.key().get().name());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        firstKeys.put(table.name(), row.getLong(1));
      }
    }
  }

  private TableSession.NewKeys newKeys(String table, int index, int sessions) {
    return new TableSession.NewKeys(firstKeys.getOrDefault(table, 1L) + index, sessions);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A session that is opened again, after a failure, goes on with keys that were not used.
   */
  @Override
  public Session open(Connection connection, int index, int sessions) throws SQLException {
    SpecSession session =
        new SpecSession(
            connection,
            spec,
            transactions,
            table ->
                sessionKeys.computeIfAbsent(
                    table + '/' + index, name -> newKeys(table, index, sessions)));
    session.loadKeys(index, sessions);
    return session;
  }
}
