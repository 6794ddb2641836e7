package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.publish.Resnapshots;
import io.kappacdc.event.Cut;
import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What capture does when going on would leave a gap. */
@ExtendWith(TestServers.class)
class GapTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers).with("source.slot-check-interval", "200ms");
    source.sql(
        "CREATE TABLE fund (id bigint PRIMARY KEY, name text)",
        "CREATE TABLE quiet (id int PRIMARY KEY)",
        "INSERT INTO fund VALUES (1, 'a'), (2, 'b')",
        "INSERT INTO quiet VALUES (1)");
  }

  @AfterEach
  void closeSource() {
    source.sql("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
    source.close();
  }

  private static void assertRefused(Throwable error, String problem) {
    assertThat(error.getCause() == null ? error : error.getCause())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).contains(problem);
              assertThat(e.remedy()).contains("--resnapshot", "capture.on-gap");
            });
  }

  /** Asserts that the topics fold to what the tables have, behind one new snapshot. */
  private void assertHealed(RunningCapture capture, String reason) throws Exception {
    await().atMost(CaptureFixture.PATIENCE).until(() -> capture.resnapshots().wholeFromLsn() > 0);
    source.awaitCaptured();
    Resnapshots resnapshots = capture.resnapshots();
    assertThat(resnapshots.count()).isEqualTo(1);
    assertThat(resnapshots.reason()).contains(reason);
    assertThat(TopicReader.fold(source.topics.events("fund"))).isEqualTo(source.rows("fund"));
    assertThat(TopicReader.fold(source.topics.events("quiet"))).isEqualTo(source.rows("quiet"));
    assertThat(source.topics.summaries("fund")).contains("t");
    source.topics.assertCutsHold();
  }

  /** Ends the connection that streams, and takes the slot away before it is back. */
  private void dropSlot() {
    await()
        .atMost(CaptureFixture.PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                source.sql(
                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
                        + " WHERE slot_name = 'slot_%s' AND active".formatted(source.name),
                    "SELECT pg_drop_replication_slot('slot_%s')".formatted(source.name)));
  }

  /** Holds the slot back with an open transaction, and writes more log than it may keep. */
  private void invalidateSlot() throws SQLException {
    source.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO fund VALUES (3, 'held')");
      for (int i = 0; i < 4; i++) {
        source.sql(
            "SELECT pg_logical_emit_message(false, 'filler', 'x')", "SELECT pg_switch_wal()");
      }
      source.sql("CHECKPOINT");
      connection.commit();
    }
  }

  @Test
  void aSlotDroppedInFlightStopsWithTheReason() {
    RunningCapture capture = source.start();
    source.awaitCaptured();

    dropSlot();

    assertRefused(capture.awaitFailure(), "slot_" + source.name + "' is gone");
  }

  @Test
  void aSlotDroppedInFlightIsHealedByANewSnapshot() throws Exception {
    RunningCapture capture = source.with("capture.on-gap", "resnapshot").start();
    source.awaitCaptured();

    dropSlot();
    source.sql("DELETE FROM fund WHERE id = 1", "INSERT INTO fund VALUES (4, 'd')");

    assertHealed(capture, "is gone");
  }

  @Test
  void aSlotInvalidatedInFlightStopsWithTheReason() throws Exception {
    RunningCapture capture = source.start();
    source.awaitCaptured();

    invalidateSlot();

    assertRefused(capture.awaitFailure(), "was invalidated");
  }

  @Test
  void aSlotInvalidatedInFlightIsHealedByANewSnapshot() throws Exception {
    RunningCapture capture = source.with("capture.on-gap", "resnapshot").start();
    source.awaitCaptured();

    invalidateSlot();
    source.sql("DELETE FROM fund WHERE id = 1");

    assertHealed(capture, "was invalidated");
  }

  @Test
  void aSlotInvalidatedWhileCaptureIsAwayStopsWithTheReason() throws Exception {
    RunningCapture capture = source.start();
    source.awaitCaptured();
    capture.stop();

    invalidateSlot();

    assertRefused(source.startFailing(), "was invalidated");
  }

  @Test
  void aTopicDeletedInFlightIsNoticedThoughNothingIsSentToIt() throws Exception {
    RunningCapture capture = source.start();
    source.awaitCaptured();

    source.topics.delete("quiet");

    assertRefused(
        capture.awaitFailure(), "Kafka has lost events: " + source.name + ".public.quiet");
  }

  @Test
  void aTopicDeletedInFlightIsBegunAnewInANewGeneration() throws Exception {
    RunningCapture capture = source.with("capture.on-gap", "resnapshot").start();
    source.sql("INSERT INTO quiet VALUES (2)", "DELETE FROM quiet WHERE id = 1");
    source.awaitCaptured();

    source.topics.delete("quiet");

    assertHealed(capture, "Kafka has lost events");
    assertThat(source.topics.summaries("quiet")).containsExactly("t", "r {\"id\":2}");
    assertThat(source.topics.cuts())
        .extracting(Cut::generation)
        .startsWith(1)
        .endsWith(2)
        .isSorted();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aTopicMadeAnewWithAnotherNumberOfPartitionsIsBegunAnew(int partitions) throws Exception {
    RunningCapture capture = source.with("capture.on-gap", "resnapshot").start();
    source.awaitCaptured();

    source.topics.remake("fund", partitions);

    assertHealed(capture, "Kafka has lost events");
    source.sql("INSERT INTO fund SELECT g, 'x' FROM generate_series(10, 30) g");
    source.awaitCaptured();
    assertThat(TopicReader.fold(source.topics.events("fund"))).isEqualTo(source.rows("fund"));
  }

  /** One Kafka transaction that is longer than what was lost. */
  @Test
  void aTopicThatLostLessThanIsSentNextIsNotTakenForWhole() throws Exception {
    source.with("source.slot-check-interval", "1h");
    RunningCapture capture = source.start();
    source.awaitCaptured();

    source.topics.remake("fund", 2);
    source.sql("INSERT INTO fund SELECT g, 'x' FROM generate_series(10, 300) g");

    assertRefused(capture.awaitFailure(), "Kafka has lost events: " + source.name + ".public.fund");
  }

  @Test
  void aTopicDeletedUnderLoadIsHealedByANewSnapshot() throws Exception {
    RunningCapture capture = source.with("capture.on-gap", "resnapshot").start();
    source.awaitCaptured();

    source.topics.delete("fund");
    for (int i = 10; i < 60; i++) {
      source.sql("INSERT INTO fund VALUES (%d, 'x')".formatted(i));
    }

    assertHealed(capture, "Kafka has lost events");
  }
}
