package io.kappacdc.cli.bench.measure;

import io.kappacdc.cli.config.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The source's write-ahead log and what the slot holds of it, once a look. */
public final class SourceLog implements Watch.Look, AutoCloseable {
  private static final String QUERY =
      """
      SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint,
             pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
             pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::bigint,
             pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint
      FROM (SELECT 1) one LEFT JOIN pg_replication_slots s ON s.slot_name = ?""";

  private final Database source;
  private final String slot;
  private final List<Point> points = new ArrayList<>();
  private @Nullable Connection connection;

  /**
   * A moment.
   *
   * @param walBytes written since the server was created
   * @param unconfirmedBytes that capture has not confirmed
   * @param heldBytes that the slot keeps
   */
  public record Point(long micros, long walBytes, long unconfirmedBytes, long heldBytes) {}

  public SourceLog(Database source, String slot) {
    this.source = source;
    this.slot = slot;
  }

  @Override
  public void look() throws SQLException {
    if (connection == null) {
      connection = source.connect();
    }
    try (PreparedStatement query = connection.prepareStatement(QUERY)) {
      query.setString(1, slot);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        Point point = new Point(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        synchronized (points) {
          points.add(point);
        }
      }
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  public List<Point> points() {
    synchronized (points) {
      return List.copyOf(points);
    }
  }

  @Override
  public void close() throws SQLException {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
