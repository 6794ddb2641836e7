package io.kappacdc.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Inserts, updates and deletes on the fund tables, every key equally likely. Units are added to
 * funds of their own kind, the holders, which are updated but never deleted: that respects the
 * foreign key without looking for children. The same seed on the same rows gives the same changes.
 */
public final class FundWorkload implements Workload {
  static final int HOLDERS = 64;

  /** Marks the holders' codes; other funds have codes that start with F. */
  static final String HOLDER_CODE = "H";

  private static final String SCHEMA = "/sql/source/fund_tables.sql";

  private final Mix mix;
  private final long seed;

  public FundWorkload(Mix mix, long seed) {
    this.mix = mix;
    this.seed = seed;
  }

  @Override
  public ChangeCount prepare(Connection connection) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(schema());
      int added =
          statement.executeUpdate(
              """
              INSERT INTO public.fund_metadata (fund_name, fund_code, updated_at, fund_price)
              SELECT 'Holder ' || n, '%s' || n, 0, n
              FROM generate_series(1, %d) n
              ON CONFLICT (fund_code) DO NOTHING"""
                  .formatted(HOLDER_CODE, HOLDERS));
      connection.commit();
      return new ChangeCount(added, 0, 0);
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(autoCommit);
    }
  }

  @Override
  public Session open(Connection connection, int index, int sessions) throws SQLException {
    return new FundSession(connection, mix, seed + index, new Share(index, sessions));
  }

  /** The rows of one session among those that exist when it opens. */
  record Share(int index, int sessions) {}

  private static String schema() {
    try (InputStream in = FundWorkload.class.getResourceAsStream(SCHEMA)) {
      if (in == null) {
        throw new IllegalStateException("The build left out " + SCHEMA);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
