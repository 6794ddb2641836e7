package io.kappacdc.processor.postgres;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Notes in {@code kappa.moments} at which moments of the source the trail was complete: one a
 * second at most, fewer while the source is idle, and after {@link #THINNED_AFTER} one a minute.
 * Not thread-safe.
 */
final class Moments {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration IDLE_INTERVAL = Duration.ofSeconds(30);
  private static final Duration THINNING_INTERVAL = Duration.ofHours(1);
  static final Duration THINNED_AFTER = Duration.ofDays(7);

  private final Clock clock;
  private Instant notedAt = Instant.MIN;
  private Instant thinnedAt;
  private SortedMap<String, long[]> endOffsets = new TreeMap<>();

  Moments(Clock clock) {
    this.clock = clock;
    this.thinnedAt = clock.instant();
  }

  /**
   * Notes a moment, unless one was noted a short while ago.
   *
   * @param stoppedTopics topics whose trail is not complete at it, having stopped
   */
  void note(Connection connection, Cut moment, Collection<String> stoppedTopics)
      throws SQLException {
    Instant now = clock.instant();
    Duration interval = hasChanges(moment) ? INTERVAL : IDLE_INTERVAL;
    if (!notedAt.equals(Instant.MIN) && now.isBefore(notedAt.plus(interval))) {
      return;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO kappa.moments VALUES (?::pg_lsn, timestamptz 'epoch' + ? * interval"
                + " '1 microsecond', ?, ?::timestamptz) ON CONFLICT (lsn) DO UPDATE"
                + " SET stopped_topics = excluded.stopped_topics")) {
      Array topics = connection.createArrayOf("text", stoppedTopics.toArray());
      insert.setString(1, Lsn.format(moment.lsn()));
      insert.setLong(2, moment.commitMicros());
      insert.setArray(3, topics);
      insert.setString(4, now.toString());
      insert.executeUpdate();
    }
    if (now.isAfter(thinnedAt.plus(THINNING_INTERVAL))) {
      thin(connection, now.minus(THINNED_AFTER));
      thinnedAt = now;
    }
    notedAt = now;
    endOffsets = moment.endOffsets();
  }

  /** Notes, in the connection's transaction, that all tables were read anew at an LSN. */
  static void noteResnapshot(Connection connection, long lsn) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO kappa.resnapshots VALUES (?::pg_lsn) ON CONFLICT DO NOTHING")) {
      insert.setString(1, Lsn.format(lsn));
      insert.executeUpdate();
    }
  }

  private boolean hasChanges(Cut moment) {
    return endOffsets.size() != moment.endOffsets().size()
        || moment.endOffsets().entrySet().stream()
            .anyMatch(topic -> !Arrays.equals(topic.getValue(), endOffsets.get(topic.getKey())));
  }

  /** Of the moments noted before this time, keeps the first one of each minute. */
  private static void thin(Connection connection, Instant before) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          DELETE FROM kappa.moments WHERE recorded_at < timestamptz '%1$s' AND lsn NOT IN (
            SELECT min(lsn) FROM kappa.moments WHERE recorded_at < timestamptz '%1$s'
            GROUP BY date_trunc('minute', recorded_at))"""
              .formatted(before));
    }
  }
}
