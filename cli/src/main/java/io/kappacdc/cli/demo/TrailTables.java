package io.kappacdc.cli.demo;

import io.kappacdc.cli.config.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the trail in PostgreSQL says of itself. Not thread-safe. */
final class TrailTables implements AutoCloseable {
  private static final String NO_SUCH_TABLE = "42P01";
  private static final String NO_SUCH_SCHEMA = "3F000";

  private final Database sink;
  private @Nullable Connection connection;

  TrailTables(Database sink) {
    this.sink = sink;
  }

  /** Seconds from the commit at the source to the commit here, by both servers' commit clocks. */
  record Latency(double p50Seconds, double p99Seconds, double maxSeconds) {}

  private Connection connection() throws SQLException {
    if (connection == null || !connection.isValid(1)) {
      connection = sink.connect();
    }
    return connection;
  }

  private List<String> names() throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT format('%I.%I', trail_schema, trail_table) FROM kappa.tables ORDER BY 1")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    } catch (SQLException e) {
      if (!NO_SUCH_TABLE.equals(e.getSQLState()) && !NO_SUCH_SCHEMA.equals(e.getSQLState())) {
        throw e;
      }
    }
    return names;
  }

  /** Rows in all tables of the trail. */
  long rows() throws SQLException {
    long rows = 0;
    for (String name : names()) {
      rows += count("SELECT count(*) FROM " + name);
    }
    return rows;
  }

  boolean hasRows() throws SQLException {
    for (String name : names()) {
      if (count("SELECT count(*) FROM (SELECT 1 FROM " + name + " LIMIT 1) one") > 0) {
        return true;
      }
    }
    return false;
  }

  private long count(String query) throws SQLException {
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Of every change but the rows that a snapshot read; nothing if the server keeps no such clock.
   */
  Optional<Latency> latency() throws SQLException {
    StringBuilder changes = new StringBuilder();
    for (String name : names()) {
      changes
          .append(changes.isEmpty() ? "" : " UNION ALL ")
          .append(
              "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - _kappa_ts) AS s FROM ")
          .append(name)
          .append(" WHERE _kappa_op <> 'r'");
    }
    if (changes.isEmpty()) {
      return Optional.empty();
    }
    try (Statement statement = connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY s),"
                    + " percentile_disc(0.99) WITHIN GROUP (ORDER BY s), max(s) FROM ("
                    + changes
                    + ") changes")) {
      row.next();
      Latency latency = new Latency(row.getDouble(1), row.getDouble(2), row.getDouble(3));
      return row.wasNull() ? Optional.empty() : Optional.of(latency);
    } catch (SQLException e) {
      if ("55000".equals(e.getSQLState())) { // track_commit_timestamp is off
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() throws SQLException {
    if (connection != null) {
      connection.close();
    }
  }
}
