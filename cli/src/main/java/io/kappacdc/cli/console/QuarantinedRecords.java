package io.kappacdc.cli.console;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the trail has in quarantine; the lake's stores keep the same records. */
final class QuarantinedRecords {
  private static final int RECORDS_MAX = 100;
  private static final int BYTES_SHOWN = 200;

  private static final String NEWEST =
      """
      SELECT q.topic, q.partition, q.record_offset, q.reason, octet_length(q.value),
             (extract(epoch FROM q.quarantined_at) * 1000)::bigint,
             encode(substr(q.value, 1, %1$d), 'escape'), encode(substr(q.key, 1, %1$d), 'escape')
      FROM kappa.quarantine q ORDER BY q.quarantined_at DESC, q.topic, q.partition, q.record_offset
      LIMIT %2$d"""
          .formatted(BYTES_SHOWN, RECORDS_MAX + 1);

  private QuarantinedRecords() {}

  /** The newest. */
  static Map<String, @Nullable Object> newest(Connection connection) throws SQLException {
    List<Object> records = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(NEWEST);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        records.add(
            Json.object(
                "topic", row.getString(1),
                "partition", row.getLong(2),
                "offset", row.getLong(3),
                "reason", row.getString(4),
                "bytes", row.getLong(5),
                "at", row.getLong(6),
                "value", row.getString(7),
                "key", row.getString(8)));
      }
    }
    boolean more = records.size() > RECORDS_MAX;
    return Json.object("records", more ? records.subList(0, RECORDS_MAX) : records, "more", more);
  }
}
