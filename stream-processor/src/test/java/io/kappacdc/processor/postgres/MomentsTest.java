package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.ServersForTests;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MomentsTest {
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final SetClock clock = new SetClock();
  private final Moments moments = new Moments(clock);
  private Connection connection;
  private long lsn = 0x10;

  /** A clock that stands until it is moved. */
  private static final class SetClock extends Clock {
    private Instant now = Instant.parse("2026-11-21T03:10:11.123456Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  @BeforeEach
  void connect() throws SQLException {
    connection = ServersForTests.connect(postgres);
    connection.setAutoCommit(false);
    Ledger.create(connection);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  /** A complete cut, this long after the last one. */
  private void cut(Duration later, long endOffset, String... stoppedTopics) throws SQLException {
    clock.now = clock.now.plus(later);
    TreeMap<String, long[]> ends = new TreeMap<>();
    ends.put("t", new long[] {endOffset});
    moments.note(
        connection,
        new Cut(Cut.State.COMPLETE, lsn++, 1_790_000_000_123_457L, 1, ends),
        List.of(stoppedTopics));
    connection.commit();
  }

  private List<String> noted(String expression) throws SQLException {
    List<String> noted = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT " + expression + " FROM kappa.moments ORDER BY lsn")) {
      while (rows.next()) {
        noted.add(rows.getString(1));
      }
    }
    return noted;
  }

  @Test
  void notesOneMomentASecondAndFewerWhileTheSourceIsIdle() throws SQLException {
    cut(Duration.ZERO, 1);
    cut(Duration.ofMillis(999), 2);
    cut(Duration.ofMillis(1), 3, "stopped");
    cut(Duration.ofSeconds(29), 3);
    cut(Duration.ofSeconds(1), 3);

    assertThat(noted("lsn")).containsExactly("0/10", "0/12", "0/14");
    assertThat(noted("stopped_topics")).containsExactly("{}", "{stopped}", "{}");
    assertThat(noted("extract(epoch FROM source_ts)").get(0)).isEqualTo("1790000000.123457");
    assertThat(noted("extract(epoch FROM recorded_at)").get(0)).isEqualTo("1795230611.123456");
  }

  @Test
  void keepsOneMomentAMinuteForGood() throws SQLException {
    for (int i = 0; i < 5; i++) {
      cut(Duration.ofSeconds(20), i);
    }

    cut(Moments.THINNED_AFTER.plus(Duration.ofHours(1)), 9);

    assertThat(noted("lsn")).containsExactly("0/10", "0/12", "0/15");
  }
}
