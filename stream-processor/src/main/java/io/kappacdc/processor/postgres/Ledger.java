package io.kappacdc.processor.postgres;

import io.kappacdc.event.Lsn;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * The trail's positions, in {@code kappa.ledger}, changed in the transactions that write the trail.
 */
final class Ledger {
  private static final String CREATE = SqlTemplate.read("ledger.sql").with(Map.of());

  private Ledger() {}

  /** Creates the schema {@code kappa} and its tables where they are missing, and commits. */
  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(" + 0x6B61_7070_616C_6564L + ")");
      statement.execute(CREATE);
      connection.commit();
    }
  }

  /** All positions. */
  static Map<TopicPartition, SinkPosition> read(Connection connection) throws SQLException {
    Map<TopicPartition, SinkPosition> positions = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT topic, partition, next_offset, lsn::text, ordinal, last_offset"
                    + " FROM kappa.ledger")) {
      while (rows.next()) {
        positions.put(
            new TopicPartition(rows.getString(1), rows.getInt(2)),
            new SinkPosition(
                Lsn.parse(rows.getString(4)), rows.getLong(5), rows.getLong(3), rows.getLong(6)));
      }
    }
    connection.commit();
    return positions;
  }

  /**
   * The position of a partition, locked until the transaction ends; the first one of a new
   * partition.
   */
  static SinkPosition lock(Connection connection, TopicPartition partition) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO kappa.ledger VALUES (?, ?, 0, '0/0', 0, clock_timestamp(), -1)"
                + " ON CONFLICT (topic, partition) DO NOTHING")) {
      insert.setString(1, partition.topic());
      insert.setInt(2, partition.partition());
      insert.executeUpdate();
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT next_offset, lsn::text, ordinal, last_offset FROM kappa.ledger"
                + " WHERE topic = ? AND partition = ? FOR UPDATE")) {
      select.setString(1, partition.topic());
      select.setInt(2, partition.partition());
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return new SinkPosition(
            Lsn.parse(row.getString(2)), row.getLong(3), row.getLong(1), row.getLong(4));
      }
    }
  }

  /** Records how far the partition is, in the connection's transaction. */
  static void advance(Connection connection, TopicPartition partition, SinkPosition position)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE kappa.ledger SET next_offset = ?, lsn = ?::pg_lsn, ordinal = ?,"
                + " last_offset = ?, updated_at = clock_timestamp() WHERE topic = ? AND partition = ?")) {
      update.setLong(1, position.nextOffset());
      update.setString(2, Lsn.format(position.lsn()));
      update.setLong(3, position.ordinal());
      update.setLong(4, position.lastOffset());
      update.setString(5, partition.topic());
      update.setInt(6, partition.partition());
      update.executeUpdate();
    }
  }

  /** Moves a partition of a topic that was made anew, in the connection's transaction. */
  static void move(Connection connection, TopicPartition partition, long nextOffset)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE kappa.ledger SET next_offset = ?, last_offset = ?,"
                + " updated_at = clock_timestamp() WHERE topic = ? AND partition = ?")) {
      update.setLong(1, nextOffset);
      update.setLong(2, nextOffset - 1);
      update.setString(3, partition.topic());
      update.setInt(4, partition.partition());
      update.executeUpdate();
    }
  }
}
