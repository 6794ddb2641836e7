package io.kappacdc.cli.status;

import io.kappacdc.cli.config.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** The positions that the PostgreSQL trail records with its rows. */
final class Ledger {
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String UNDEFINED_SCHEMA = "3F000";

  private Ledger() {}

  /** For each topic, the next offset of each partition; empty before the first batch. */
  static SortedMap<String, long[]> read(Database sink, Duration timeout) throws SQLException {
    SortedMap<String, long[]> positions = new TreeMap<>();
    try (Connection connection = sink.connect();
        Statement statement = connection.createStatement()) {
      statement.setQueryTimeout((int) timeout.toSeconds());
      try (ResultSet rows =
          statement.executeQuery("SELECT topic, partition, next_offset FROM kappa.ledger")) {
        while (rows.next()) {
          long[] known = positions.getOrDefault(rows.getString(1), new long[0]);
          long[] wide = Arrays.copyOf(known, Math.max(known.length, rows.getInt(2) + 1));
          wide[rows.getInt(2)] = rows.getLong(3);
          positions.put(rows.getString(1), wide);
        }
      }
    } catch (SQLException e) {
      if (!UNDEFINED_TABLE.equals(e.getSQLState()) && !UNDEFINED_SCHEMA.equals(e.getSQLState())) {
        throw e;
      }
    }
    return positions;
  }
}
