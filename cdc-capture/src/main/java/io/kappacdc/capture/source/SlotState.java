package io.kappacdc.capture.source;

import io.kappacdc.event.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot as the server shows it.
 *
 * @param walStatus reserved, extended, unreserved or lost
 * @param invalidation why it is lost, where the server tells
 * @param confirmedLsn what capture said it needs no more; 0 if there is none
 * @param heldBytes log that the server keeps for it
 * @param safeBytes log that may still be written before the server gives the slot up; null if it
 *     never does
 * @param unconfirmedBytes log behind {@code confirmedLsn}
 * @param failover whether standbys that synchronize slots have it too
 */
record SlotState(
    boolean active,
    String plugin,
    String database,
    String walStatus,
    @Nullable String invalidation,
    long confirmedLsn,
    long heldBytes,
    long unconfirmedBytes,
    @Nullable Long safeBytes,
    boolean failover) {
  /** Columns that not every version has are null where they are missing. */
  private static final String SQL =
      """
      WITH now AS (
        SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
               ELSE pg_current_wal_lsn() END AS lsn)
      SELECT s.active, s.plugin, s.database, s.wal_status,
             to_jsonb(s) ->> 'invalidation_reason', s.confirmed_flush_lsn::text,
             pg_wal_lsn_diff(now.lsn, s.restart_lsn)::bigint,
             pg_wal_lsn_diff(now.lsn, s.confirmed_flush_lsn)::bigint,
             s.safe_wal_size, (to_jsonb(s) ->> 'failover')::boolean
      FROM pg_replication_slots s CROSS JOIN now WHERE s.slot_name = ?""";

  static Optional<SlotState> read(Connection connection, String slot, int secondsMax)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setQueryTimeout(secondsMax);
      statement.setString(1, slot);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(of(row)) : Optional.empty();
      }
    }
  }

  private static SlotState of(ResultSet row) throws SQLException {
    String confirmed = row.getString(6);
    long safe = row.getLong(9);
    boolean isBounded = !row.wasNull();
    return new SlotState(
        row.getBoolean(1),
        String.valueOf(row.getString(2)),
        String.valueOf(row.getString(3)),
        String.valueOf(row.getString(4)),
        row.getString(5),
        confirmed == null ? 0 : Lsn.parse(confirmed),
        Math.max(0, row.getLong(7)),
        Math.max(0, row.getLong(8)),
        isBounded ? safe : null,
        row.getBoolean(10));
  }

  boolean isLost() {
    return walStatus.equals("lost");
  }
}
