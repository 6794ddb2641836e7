package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A source that fails over is followed; one that goes back or is another one is refused. */
@ExtendWith(TestServers.class)
class SourceHistoryTest {
  @TempDir Path directory;
  private final List<EmbeddedPostgres> started = new ArrayList<>();
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    EmbeddedPostgres first = start(PostgresCopies.builder(directory.resolve("first")));
    source = new CaptureFixture(new Servers(first, servers.kafka()));
    source.with("source.slot-check-interval", "200ms");
    source.sql("CREATE TABLE fund (id int PRIMARY KEY, name text)");
  }

  @AfterEach
  void closeSource() {
    source.close();
    started.forEach(EmbeddedPostgres::close);
  }

  private EmbeddedPostgres start(EmbeddedPostgres.Builder builder) {
    EmbeddedPostgres server = builder.start();
    started.add(server);
    return server;
  }

  private void insert(int from, int to) {
    source.sql("INSERT INTO fund SELECT i, 'x' FROM generate_series(%d, %d) i".formatted(from, to));
  }

  private void assertCapturedOnce(int to) {
    source.awaitCaptured();
    assertThat(source.topics.events("fund"))
        .extracting(Captured::key)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, to).mapToObj(id -> "{\"id\":" + id + "}").toList());
    source.topics.assertCutsHold();
  }

  private void assertRefused(String problem, String reason) {
    assertThat(source.startFailing())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).contains(problem);
              assertThat(e.reason()).contains(reason);
              assertThat(e.remedy()).contains("--resnapshot");
            });
  }

  /** Captures ten rows, stops everything, and keeps a copy of the server as it was before five. */
  private Path captureBeyondACopy() {
    RunningCapture capture = source.start();
    insert(1, 5);
    source.awaitCaptured();
    capture.stop();
    EmbeddedPostgres first = started.get(0);
    first.stop();
    Path copy = PostgresCopies.copy(directory.resolve("first"), directory.resolve("copy"));
    EmbeddedPostgres again = first.startAgain();
    source.moveTo(again);
    capture = source.start();
    insert(6, 10);
    source.awaitCaptured();
    capture.stop();
    again.stop();
    return copy;
  }

  @Test
  void aPromotedStandbyIsFollowedWithoutGapAndDuplicate() {
    EmbeddedPostgres first = started.get(0);
    first.stop();
    Path copy =
        PostgresCopies.asStandby(
            PostgresCopies.copy(directory.resolve("first"), directory.resolve("standby")));
    EmbeddedPostgres primary =
        start(
            PostgresCopies.builder(directory.resolve("first"))
                .setting("synchronized_standby_slots", "standby"));
    source.moveTo(primary);
    source.sql("SELECT pg_create_physical_replication_slot('standby', true)");
    EmbeddedPostgres standby =
        start(
            PostgresCopies.builder(copy)
                .setting(
                    "primary_conninfo",
                    "host=127.0.0.1 port=%d user=%s password=%s dbname=postgres"
                        .formatted(primary.port(), primary.user(), primary.password()))
                .setting("primary_slot_name", "standby")
                .setting("hot_standby_feedback", "on")
                .setting("wal_receiver_status_interval", "100ms")
                .setting("sync_replication_slots", "on"));
    insert(1, 50);
    RunningCapture capture = source.start();
    insert(51, 100);
    source.awaitCaptured();
    awaitSlotOn(standby, capture);
    insert(101, 150);
    source.awaitCaptured();
    primary.kill();

    PostgresCopies.promote(standby);
    capture.stop();
    source.moveTo(standby);
    RunningCapture successor = source.start();
    insert(151, 200);

    assertCapturedOnce(200);
    assertThat(successor.status().offset().server().timeline()).isEqualTo(2);
    assertThat(successor.resnapshots().count()).isZero();
  }

  private void awaitSlotOn(EmbeddedPostgres standby, RunningCapture capture) {
    await()
        .atMost(CaptureFixture.PATIENCE)
        .until(
            () -> {
              capture.requireAlive();
              source.sql("SELECT pg_log_standby_snapshot()"); // lets the slot move on
              try (var connection = standby.connect("postgres");
                  var statement = connection.createStatement();
                  var row =
                      statement.executeQuery(
                          "SELECT synced AND NOT temporary FROM pg_replication_slots"
                              + " WHERE slot_name = 'slot_"
                              + source.name
                              + "'")) {
                return row.next() && row.getBoolean(1);
              }
            });
  }

  @Test
  void aRestoredCopyIsRefused() {
    Path copy = captureBeyondACopy();

    source.moveTo(start(PostgresCopies.builder(copy)));

    assertRefused("The source went back to before what was captured.", "Its log ends at");
  }

  @Test
  void aRestoredCopyThatMovedOnIsRefusedByItsLastTransaction() {
    Path copy = captureBeyondACopy();
    source.moveTo(start(PostgresCopies.builder(copy)));
    for (int i = 0; i < 3; i++) {
      source.sql("SELECT pg_logical_emit_message(true, 'x', 'x')", "SELECT pg_switch_wal()");
    }
    insert(101, 120);
    for (int i = 200; i < 260; i++) {
      insert(i, i);
    }

    assertRefused("does not have the last transaction that was captured", "another commit time");
  }

  @Test
  void aRestoredCopyThatHasNotComeToTheLastTransactionIsRefused() {
    Path copy = captureBeyondACopy();
    source.moveTo(start(PostgresCopies.builder(copy)));
    for (int i = 0; i < 3; i++) {
      source.sql("SELECT pg_logical_emit_message(false, 'x', 'x')", "SELECT pg_switch_wal()");
    }

    assertRefused("does not have the last transaction that was captured", "not come to");
  }

  @Test
  void aBackupRestoredToAnEarlierMomentIsRefusedByItsTimeline() {
    Path copy = PostgresCopies.asStandby(captureBeyondACopy());
    EmbeddedPostgres restored = start(PostgresCopies.builder(copy));
    PostgresCopies.promote(restored);
    source.moveTo(restored);
    source.sql("SELECT pg_logical_emit_message(false, 'x', 'x')", "SELECT pg_switch_wal()");

    assertRefused(
        "The source went back to before what was captured.", "timeline 2 left timeline 1");
  }

  @Test
  void aBackupRestoredToAnEarlierMomentIsHealedByPolicy() throws Exception {
    Path copy = PostgresCopies.asStandby(captureBeyondACopy());
    EmbeddedPostgres restored = start(PostgresCopies.builder(copy));
    PostgresCopies.promote(restored);
    source.moveTo(restored);
    insert(101, 110);

    RunningCapture capture = source.with("capture.on-gap", "resnapshot").start();
    insert(111, 112);
    source.awaitCaptured();

    assertThat(capture.resnapshots().reason()).contains("went back");
    assertThat(TopicReader.fold(source.topics.events("fund")))
        .as("later positions win, so the new snapshot must rank behind what was captured")
        .isEqualTo(source.rows("fund"));
    source.topics.assertCutsHold();
  }

  @Test
  void anotherServerIsRefused() {
    captureBeyondACopy();
    EmbeddedPostgres other = start(PostgresCopies.builder(directory.resolve("other")));
    createDatabaseOn(other);
    source.moveTo(other);

    assertRefused("another server than the one captured before", "system identifier");
  }

  private void createDatabaseOn(EmbeddedPostgres server) {
    try {
      server.createDatabaseIfMissing(source.name);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aStandbyThatHasNotTakenOverIsWaitedFor() {
    RunningCapture capture = source.start();
    insert(1, 10);
    source.awaitCaptured();
    capture.stop();
    started.get(0).stop();
    Path copy =
        PostgresCopies.asStandby(
            PostgresCopies.copy(directory.resolve("first"), directory.resolve("standby")));
    EmbeddedPostgres standby = start(PostgresCopies.builder(copy));
    source.moveTo(standby);
    RunningCapture waiting = source.startBeside();
    await()
        .atMost(CaptureFixture.PATIENCE)
        .until(() -> waiting.status().lastError().contains("is a standby"));

    PostgresCopies.promote(standby);
    waiting.awaitReady();
    insert(11, 20);

    assertCapturedOnce(20);
  }
}
