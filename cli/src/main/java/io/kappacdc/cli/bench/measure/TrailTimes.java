package io.kappacdc.cli.bench.measure;

import io.kappacdc.cli.config.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Times every row of the PostgreSQL trail by the two servers' own commit clocks, counted by the
 * database itself: out come bins of seconds and milliseconds, not rows.
 */
public final class TrailTimes {
  private static final String COMMIT_TIMESTAMPS_OFF = "55000";

  /**
   * A row is visible when its inserting transaction commits; that is looked up once for all rows
   * which share it and their commit at the source. Bins are a millisecond wide, above 100 ms a
   * five-hundredth.
   */
  private static final String BINS =
      """
      SELECT second, micros, sum(rows)::bigint FROM (
        SELECT floor(extract(epoch FROM ts) - ?)::int AS second, rows,
               CASE WHEN us < 100000 THEN floor(us / 1000) * 1000 + 500
                    ELSE exp((floor(ln(us) * 500) + 0.5) / 500) END::bigint AS micros
        FROM (
          SELECT ts, rows,
                 extract(epoch FROM pg_xact_commit_timestamp(inserted_by) - ts) * 1e6 AS us
          FROM (
            SELECT xmin AS inserted_by, _kappa_ts AS ts, count(*) AS rows FROM %s
            WHERE _kappa_op <> 'r' AND _kappa_ts >= to_timestamp(?) AND _kappa_ts < to_timestamp(?)
            GROUP BY 1, 2) together) timed) binned
      GROUP BY 1, 2""";

  private TrailTimes() {}

  /**
   * The times of all rows whose commit at the source lies in the window.
   *
   * @throws io.kappacdc.runtime.KappaException if the server keeps no commit timestamps
   */
  public static Latencies read(Database sink, Window window) throws SQLException {
    Latencies latencies = new Latencies();
    try (Connection connection = sink.connect()) {
      for (String table : tables(connection)) {
        read(connection, table, window, latencies);
      }
      return latencies;
    } catch (SQLException e) {
      if (COMMIT_TIMESTAMPS_OFF.equals(e.getSQLState())) {
        throw MeasureErrors.noCommitTimes(e);
      }
      throw e;
    }
  }

  private static List<String> tables(Connection connection) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT format('%I.%I', trail_schema, trail_table) FROM kappa.tables ORDER BY 1")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }

  private static void read(Connection connection, String table, Window window, Latencies latencies)
      throws SQLException {
    try (PreparedStatement bins = connection.prepareStatement(BINS.formatted(table))) {
      double from = window.from() / 1e6;
      bins.setDouble(1, from);
      bins.setDouble(2, from);
      bins.setDouble(3, window.to() / 1e6);
      try (ResultSet rows = bins.executeQuery()) {
        while (rows.next()) {
          latencies.record(rows.getInt(1), rows.getLong(2), rows.getLong(3));
        }
      }
    }
  }
}
