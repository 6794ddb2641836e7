package io.kappacdc.processor.postgres;

import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.Quarantined;
import io.kappacdc.processor.stream.TopicPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The records of a slice that cannot be read, on their way into {@code kappa.quarantine}: in the
 * transaction that moves the trail's position past them. Holds a bounded number of them. Not
 * thread-safe.
 */
public final class TrailQuarantine {
  private static final int RECORDS_MAX = 500;
  private static final long BYTES_MAX = 8 << 20;

  /** The ledger's row is locked, so nobody else adds the same record meanwhile. */
  private static final String INSERT =
      """
      INSERT INTO kappa.quarantine
          (topic, partition, record_offset, reason, key, value, quarantined_at)
      SELECT v.topic, v.partition, v.record_offset, v.reason, v.key, v.value, clock_timestamp()
      FROM (VALUES (?, ?, ?, ?, ?::bytea, ?::bytea))
          AS v (topic, partition, record_offset, reason, key, value)
      WHERE NOT EXISTS (
          SELECT FROM kappa.quarantine q
          WHERE (q.topic, q.partition, q.record_offset) = (v.topic, v.partition, v.record_offset)
            AND q.value IS NOT DISTINCT FROM v.value)
      """;

  private static final String SELECT =
      "SELECT topic, partition, record_offset, reason, quarantined_at, value FROM kappa.quarantine"
          + " ORDER BY 1, 2, 3";

  private static final int ROWS_AT_ONCE = 100;

  private final List<Unreadable> records = new ArrayList<>();
  private long bytes;
  private long written;

  private record Unreadable(KafkaRecord record, String reason) {}

  TrailQuarantine() {}

  void add(KafkaRecord record, String reason) {
    records.add(new Unreadable(record, reason));
    bytes += record.value() == null ? 0 : record.value().length;
  }

  /** Whether no more should be added before {@link #write}. */
  boolean isFull() {
    return records.size() >= RECORDS_MAX || bytes >= BYTES_MAX;
  }

  /** Writes what was added, in the connection's transaction. */
  void write(Connection connection) throws SQLException {
    if (records.isEmpty()) {
      return;
    }
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (Unreadable unreadable : records) {
        insert.setString(1, unreadable.record().topic());
        insert.setInt(2, unreadable.record().partition());
        insert.setLong(3, unreadable.record().offset());
        insert.setString(4, unreadable.reason().replace('\0', ' '));
        insert.setBytes(5, unreadable.record().key());
        insert.setBytes(6, unreadable.record().value());
        insert.addBatch();
      }
      for (int rows : insert.executeBatch()) {
        written += rows;
      }
    }
    records.clear();
    bytes = 0;
  }

  /** How many records were new since the last call. */
  long takeWritten() {
    long count = written;
    written = 0;
    return count;
  }

  /** Forgets what was rolled back. */
  void clear() {
    records.clear();
    bytes = 0;
    written = 0;
  }

  /** Shows all records in the quarantine, in the order of their topics and offsets. */
  public static void read(PostgresSettings settings, Consumer<Quarantined> reader)
      throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      Ledger.create(connection);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(ROWS_AT_ONCE);
        try (ResultSet row = statement.executeQuery(SELECT)) {
          while (row.next()) {
            reader.accept(
                new Quarantined(
                    PostgresTrailSink.NAME,
                    new TopicPartition(row.getString(1), row.getInt(2)),
                    row.getLong(3),
                    row.getString(4),
                    row.getObject(5, OffsetDateTime.class).toInstant(),
                    row.getBytes(6)));
          }
        }
      }
      connection.commit();
    }
  }

  /** How many records there are in all. */
  static long count(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM kappa.quarantine")) {
      row.next();
      return row.getLong(1);
    }
  }
}
