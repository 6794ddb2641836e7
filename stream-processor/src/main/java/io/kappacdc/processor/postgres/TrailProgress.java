package io.kappacdc.processor.postgres;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.processor.stream.TopicPartition;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The moment of the source up to which the trail is complete, in {@code kappa.progress}, and from
 * time to time in {@code kappa.moments}. Written after the rows, by a connection of its own that
 * does not wait for the disk: what a crash of the server forgets is recorded again. Used by one
 * thread.
 */
final class TrailProgress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrailProgress.class);

  private static final String RECORD =
      """
      INSERT INTO kappa.progress AS known
        (store, lsn, source_ts, stopped_topics, updated_at, generation)
      VALUES (?, ?::pg_lsn, timestamptz 'epoch' + ? * interval '1 microsecond', ?,
              clock_timestamp(), ?)
      ON CONFLICT (store) DO UPDATE SET
        lsn = excluded.lsn, source_ts = excluded.source_ts,
        stopped_topics = excluded.stopped_topics, updated_at = excluded.updated_at,
        generation = excluded.generation
      WHERE (known.generation, known.lsn) < (excluded.generation, excluded.lsn)
         OR (known.generation, known.lsn) = (excluded.generation, excluded.lsn)
            AND known.stopped_topics <> excluded.stopped_topics""";

  private final PostgresSettings settings;
  private final String store;
  private final Moments moments = new Moments(Clock.systemUTC());
  private @Nullable Connection connection;
  private @Nullable PreparedStatement record;

  TrailProgress(PostgresSettings settings, String store) {
    this.settings = settings;
    this.store = store;
  }

  /**
   * Records a cut, if it is later than the one recorded. What cannot be recorded now is with a
   * later cut.
   */
  void record(Cut cut, Set<TopicPartition> stopped) {
    try {
      PreparedStatement statement = statement();
      List<String> topics =
          stopped.stream().map(TopicPartition::topic).distinct().sorted().toList();
      statement.setString(1, store);
      statement.setString(2, Lsn.format(cut.lsn()));
      statement.setLong(3, cut.commitMicros());
      statement.setArray(4, statement.getConnection().createArrayOf("text", topics.toArray()));
      statement.setInt(5, cut.generation());
      if (statement.executeUpdate() > 0) {
        moments.note(statement.getConnection(), cut, topics);
      }
    } catch (SQLException e) {
      LOG.warn("Progress was not recorded: store={} sqlState={}", store, e.getSQLState());
      close();
    }
  }

  /** Whether there is a connection, to the server that all before was recorded in. */
  boolean isConnected() {
    return connection != null;
  }

  private PreparedStatement statement() throws SQLException {
    PreparedStatement known = record;
    if (known != null) {
      return known;
    }
    Connection opened = DriverManager.getConnection(settings.url(), properties());
    connection = opened;
    try (Statement statement = opened.createStatement()) {
      statement.execute("SET synchronous_commit = off");
    }
    PreparedStatement prepared = opened.prepareStatement(RECORD);
    record = prepared;
    return prepared;
  }

  private Properties properties() {
    Properties properties = settings.properties();
    properties.setProperty("ApplicationName", "kappa-cdc processor progress");
    properties.setProperty("socketTimeout", "30");
    return properties;
  }

  /** Generation of the topics that the store has last been in; 0 if it was in none. */
  static int generation(Connection connection, String store) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT generation FROM kappa.progress WHERE store = ?")) {
      query.setString(1, store);
      try (ResultSet row = query.executeQuery()) {
        int generation = row.next() ? row.getInt(1) : 0;
        connection.commit();
        return generation;
      }
    }
  }

  /** Records the generation, in the connection's transaction. */
  static void generation(Connection connection, String store, int generation) throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "INSERT INTO kappa.progress"
                + " (store, lsn, source_ts, stopped_topics, updated_at, generation)"
                + " VALUES (?, '0/0', 'epoch', '{}', clock_timestamp(), ?)"
                + " ON CONFLICT (store) DO UPDATE SET generation = excluded.generation")) {
      upsert.setString(1, store);
      upsert.setInt(2, generation);
      upsert.executeUpdate();
    }
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    record = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        LOG.debug("The connection was lost already", e);
      }
    }
  }
}
