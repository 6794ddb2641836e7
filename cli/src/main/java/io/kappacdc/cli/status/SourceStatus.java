package io.kappacdc.cli.status;

import io.kappacdc.cli.config.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The source and its slot.
 *
 * @param currentLsn where the write-ahead log is, as PostgreSQL prints it
 * @param slot null when there is none
 */
public record SourceStatus(String currentLsn, @Nullable Slot slot) {
  private static final String QUERY =
      """
      WITH now AS (
        SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
               ELSE pg_current_wal_lsn() END AS lsn)
      SELECT now.lsn::text, s.slot_name, s.active, s.wal_status,
             s.confirmed_flush_lsn::text,
             pg_wal_lsn_diff(now.lsn, s.confirmed_flush_lsn)::bigint,
             pg_wal_lsn_diff(now.lsn, s.restart_lsn)::bigint
      FROM now LEFT JOIN pg_replication_slots s ON s.slot_name = ?""";

  /**
   * A replication slot.
   *
   * @param walStatus reserved, extended, unreserved or lost
   * @param unconfirmedBytes log that capture has not confirmed
   * @param walHeldBytes log that the source must keep for the slot
   */
  public record Slot(
      String name,
      boolean active,
      String walStatus,
      String confirmedFlushLsn,
      long unconfirmedBytes,
      long walHeldBytes) {}

  static SourceStatus read(Database source, String slot, Duration timeout) throws SQLException {
    try (Connection connection = source.connect();
        PreparedStatement query = connection.prepareStatement(QUERY)) {
      query.setQueryTimeout((int) timeout.toSeconds());
      query.setString(1, slot);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return new SourceStatus(row.getString(1), row.getString(2) == null ? null : slot(row));
      }
    }
  }

  private static Slot slot(ResultSet row) throws SQLException {
    return new Slot(
        row.getString(2),
        row.getBoolean(3),
        row.getString(4),
        row.getString(5),
        row.getLong(6),
        row.getLong(7));
  }
}
