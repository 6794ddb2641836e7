package io.kappacdc.benchmarks.peers;

import io.kappacdc.load.ChangeCount;
import io.kappacdc.load.Workload;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.SplittableRandom;

/**
 * 60 % inserts, 30 % updates of any row, 10 % deletes of the oldest row, on {@code fund_metadata}
 * alone: a peer is not to pay for a second table. Keys ascend in the order of commits, so that the
 * highest key a store shows says how far it is. For one session.
 */
final class FundMetadataWorkload implements Workload {
  static final String TABLE = "public.fund_metadata";

  /** Of a row, on PostgreSQL and on Spark; {@link KafkaTopic} does the same in Java. */
  static final String DIGEST =
      "md5(concat_ws('|', fund_id, fund_name, fund_code, fund_description, updated_at,"
          + " fund_price))";

  private static final String CREATE =
      """
      CREATE TABLE IF NOT EXISTS public.fund_metadata (
        fund_id serial PRIMARY KEY, fund_name varchar(255) NOT NULL, fund_code varchar(10) UNIQUE,
        fund_description text, updated_at bigint, fund_price numeric(10,2))""";

  private final CommitLog log;
  private final int rowsPerTransaction;
  private final SplittableRandom random;
  private int lowest = 1;
  private int next = 1;

  FundMetadataWorkload(CommitLog log, int rowsPerTransaction, long seed) {
    this.log = log;
    this.rowsPerTransaction = rowsPerTransaction;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public ChangeCount prepare(Connection connection, long transactions) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(CREATE);
    }
    return ChangeCount.NONE;
  }

  /** Rows that are there before anything else, in one transaction. */
  ChangeCount insertRows(Connection connection, int rows) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO public.fund_metadata
            SELECT n, 'Global Equity Growth Fund ' || n, 'F' || n,
                   'A diversified portfolio of large companies, class ' || md5(n::text),
                   1767225600000 + n, n % 9000000 / 100.0
            FROM generate_series(1, ?) n""")) {
      insert.setInt(1, rows);
      insert.executeUpdate();
    }
    next = rows + 1;
    log.add(new CommitLog.Commit(CpuAccount.nowMicros(), rows, rows));
    return new ChangeCount(rows, 0, 0);
  }

  @Override
  public double rowsPerTransaction() {
    return rowsPerTransaction;
  }

  @Override
  public int rowsOf(long transaction) {
    return rowsPerTransaction;
  }

  @Override
  public String nameOf(long transaction) {
    return "change";
  }

  @Override
  public Session open(Connection connection, int index, int sessions) throws SQLException {
    if (sessions != 1) {
      throw new IllegalArgumentException("The order of keys needs a single session");
    }
    connection.setAutoCommit(false);
    return new OnlySession(connection);
  }

  private final class OnlySession implements Session {
    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement update;
    private final PreparedStatement delete;

    OnlySession(Connection connection) throws SQLException {
      this.connection = connection;
      this.insert =
          connection.prepareStatement(
              "INSERT INTO public.fund_metadata (fund_id, fund_name, fund_code, fund_description,"
                  + " updated_at, fund_price) VALUES (?, ?, ?, ?, ?, ?)");
      this.update =
          connection.prepareStatement(
              "UPDATE public.fund_metadata SET fund_price = ?, updated_at = ? WHERE fund_id = ?");
      this.delete =
          connection.prepareStatement("DELETE FROM public.fund_metadata WHERE fund_id = ?");
    }

    @Override
    public ChangeCount transaction(long number) throws SQLException {
      int rows = rowsPerTransaction;
      // A batch of one statement after the other: so many round trips less.
      int updates = next > lowest ? rows * 3 / 10 : 0;
      int deletes = next > lowest ? rows / 10 : 0;
      int inserts = rows - updates - deletes;
      for (int i = 0; i < inserts; i++) {
        addInsert(next++);
      }
      for (int i = 0; i < updates; i++) {
        update.setBigDecimal(1, price());
        update.setLong(2, System.currentTimeMillis());
        update.setInt(3, random.nextInt(lowest, next));
        update.addBatch();
      }
      for (int i = 0; i < deletes; i++) {
        delete.setInt(1, lowest++);
        delete.addBatch();
      }
      insert.executeBatch();
      if (updates > 0) {
        update.executeBatch();
      }
      if (deletes > 0) {
        delete.executeBatch();
      }
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      connection.commit();
      log.add(new CommitLog.Commit(micros, next - 1, rows));
      return new ChangeCount(inserts, updates, deletes);
    }

    private void addInsert(int id) throws SQLException {
      insert.setInt(1, id);
      insert.setString(2, "Global Equity Growth Fund " + id);
      insert.setString(3, "F" + id);
      insert.setString(
          4,
          "A diversified portfolio of large companies, class "
              + Long.toHexString(random.nextLong())
              + Long.toHexString(random.nextLong()));
      insert.setLong(5, System.currentTimeMillis());
      insert.setBigDecimal(6, price());
      insert.addBatch();
    }

    private BigDecimal price() {
      return BigDecimal.valueOf(random.nextLong(9_000_000), 2);
    }
  }
}
