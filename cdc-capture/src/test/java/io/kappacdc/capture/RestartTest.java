package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Operation;
import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class RestartTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql("CREATE TABLE fund (id bigint PRIMARY KEY, name text, price int)");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  /** Writes multi-row transactions beside the other lane's; returns the changes made. */
  private CompletableFuture<Long> write(int lane) {
    return CompletableFuture.supplyAsync(
        () -> {
          long changes = 0;
          try (Connection connection = source.connect();
              Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int round = 0; round < 1500; round++) {
              long base = lane * 100_000_000L + round * 10L;
              changes +=
                  statement.executeUpdate(
                      "INSERT INTO fund SELECT %d + i, 'lane %d', i FROM generate_series(1, 9) i"
                          .formatted(base, lane));
              changes +=
                  statement.executeUpdate(
                      "UPDATE fund SET price = price + 1 WHERE id BETWEEN %d AND %d"
                          .formatted(base + 1, base + 3));
              changes += statement.executeUpdate("DELETE FROM fund WHERE id = " + (base + 2));
              connection.commit();
            }
          } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
          }
          return changes;
        });
  }

  @Test
  void killedAgainAndAgainEveryChangeIsThereOnce() throws Exception {
    Process process = source.startProcess();
    CaptureFixture.awaitReady(process);
    var one = write(1);
    var two = write(2);

    for (int kill = 1; kill <= 4; kill++) {
      long reached = source.topics.lastCutLsn();
      await()
          .atMost(CaptureFixture.PATIENCE)
          .pollInterval(Duration.ofMillis(37 * kill))
          .until(() -> source.topics.lastCutLsn() > reached);
      process.destroyForcibly().onExit().join();
      process = source.startProcess();
      CaptureFixture.awaitReady(process);
    }
    long changes = one.join() + two.join();
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(Math.toIntExact(changes));
    TopicReader.assertWholeTransactionsOnce(events);
    assertThat(TopicReader.fold(events)).isEqualTo(source.rows("fund"));
  }

  @Test
  void stoppedAndStartedItContinuesBehindTheLastTransaction() throws Exception {
    RunningCapture first = source.start();
    source.sql("INSERT INTO fund SELECT i, 'a', i FROM generate_series(1, 100) i");
    source.awaitCaptured();
    first.stop();
    source.sql(
        "INSERT INTO fund SELECT i, 'b', i FROM generate_series(101, 200) i",
        "DELETE FROM fund WHERE id <= 10");

    source.start();
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(210);
    TopicReader.assertWholeTransactionsOnce(events);
    assertThat(TopicReader.fold(events)).isEqualTo(source.rows("fund"));
  }

  @Test
  void aTransactionOpenAtTheStopArrivesWhole() throws Exception {
    RunningCapture first = source.start();
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO fund VALUES (1, 'before', 1)");
      source.sql("INSERT INTO fund VALUES (100, 'other', 1)");
      source.awaitCaptured();
      first.stop();
      source.start();
      statement.execute("INSERT INTO fund VALUES (2, 'after', 2)");
      connection.commit();
    }
    source.awaitCaptured();

    assertThat(source.topics.events("fund"))
        .extracting(Captured::key)
        .containsExactly("{\"id\":100}", "{\"id\":1}", "{\"id\":2}");
  }

  /** Debezium's search for where to resume was misled by messages in transactions (dbz#2058). */
  @Test
  void transactionsWithMessagesOfOthersArriveWholeThroughARestart() throws Exception {
    RunningCapture first = source.start();
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT pg_logical_emit_message(true, 'outbox', 'order placed')");
      statement.execute("SELECT pg_logical_emit_message(true, 'kappa_outbox', 'order placed')");
      statement.execute("INSERT INTO fund VALUES (1, 'before', 1)");
      source.sql("INSERT INTO fund VALUES (100, 'other', 1)");
      source.awaitCaptured();
      first.stop();
      source.start();
      statement.execute("SELECT pg_logical_emit_message(true, 'kappa_outbox', 'order paid')");
      statement.execute("INSERT INTO fund VALUES (2, 'after', 2)");
      statement.execute("SELECT pg_logical_emit_message(true, 'outbox', 'order paid')");
      connection.commit();
    }
    source.sql("SELECT pg_logical_emit_message(true, 'outbox', 'alone')");
    source.awaitCaptured();

    assertThat(source.topics.events("fund"))
        .extracting(Captured::key)
        .containsExactly("{\"id\":100}", "{\"id\":1}", "{\"id\":2}");
  }

  @Test
  void aSnapshotCutShortIsTakenAnewAndItsGhostsVanish() throws Exception {
    source.sql(
        "INSERT INTO fund SELECT i, repeat('x', 100), i FROM generate_series(1, 300000) i",
        "CREATE TABLE last_table (id int PRIMARY KEY)",
        "INSERT INTO last_table VALUES (1)");
    Process process = source.startProcess();
    await()
        .atMost(CaptureFixture.PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> source.topics.count("fund") > 0);
    process.destroyForcibly().onExit().join();
    assertThat(source.topics.cuts())
        .as("no moment of the source in the middle of a snapshot")
        .isNotEmpty()
        .noneMatch(Cut::isComplete);
    source.sql("DELETE FROM fund WHERE id % 3 = 0", "INSERT INTO fund VALUES (-1, 'new', 0)");

    source.start();
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events.stream().filter(e -> e.event().operation() == Operation.TRUNCATE)).hasSize(1);
    assertThat(TopicReader.fold(events)).isEqualTo(source.rows("fund"));
    source.topics.assertCutsHold();
  }

  @Test
  void resnapshotRestatesEveryTableOnce() throws Exception {
    RunningCapture first = source.start();
    source.sql("INSERT INTO fund VALUES (1, 'a', 1), (2, 'b', 2)");
    source.awaitCaptured();
    first.stop();
    source.sql("SELECT pg_drop_replication_slot('slot_" + source.name + "')");
    source.sql("DELETE FROM fund WHERE id = 1");

    source.start(SnapshotPolicy.anew());
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund"))
        .containsExactly(
            "c {\"id\":1,\"name\":\"a\",\"price\":1}",
            "c {\"id\":2,\"name\":\"b\",\"price\":2}",
            "t",
            "r {\"id\":2,\"name\":\"b\",\"price\":2}");
  }

  /** As after the position was lost: what was deleted meanwhile has no change. */
  @Test
  void underAnotherSlotTablesThatWerePublishedAreReadBehindATruncate() throws Exception {
    RunningCapture first = source.start();
    source.sql("INSERT INTO fund VALUES (1, 'a', 1), (2, 'b', 2)");
    source.awaitCaptured();
    first.stop();
    source.sql("DELETE FROM fund WHERE id = 1");

    RunningCapture second = source.with("source.slot", "other_" + source.name).start();
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund"))
        .endsWith("t", "r {\"id\":2,\"name\":\"b\",\"price\":2}");
    assertThat(second.resnapshots().count()).isEqualTo(1);
    assertThat(second.resnapshots().reason()).contains("no position of slot 'other_");
    second.stop();
    source.sql("SELECT pg_drop_replication_slot('other_" + source.name + "')");
  }

  @Test
  void resnapshotOfEmptiedTablesStillEmptiesThem() throws Exception {
    RunningCapture first = source.start();
    source.sql("INSERT INTO fund VALUES (1, 'a', 1)");
    source.awaitCaptured();
    first.stop();
    source.sql("DELETE FROM fund");

    source.start(SnapshotPolicy.anew());
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund"))
        .containsExactly("c {\"id\":1,\"name\":\"a\",\"price\":1}", "t");
  }

  @Test
  void aLostSlotStopsWithTheReason() {
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    source.sql("SELECT pg_drop_replication_slot('slot_" + source.name + "')");

    assertThat(source.startFailing())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).contains("slot_" + source.name + "' is gone");
              assertThat(e.remedy()).contains("--resnapshot");
            });
  }

  @Test
  void aSlotThatSomethingElseAdvancedStopsWithTheReason() {
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    source.sql(
        "INSERT INTO fund VALUES (1, 'lost', 1)",
        "SELECT pg_replication_slot_advance('slot_" + source.name + "', pg_current_wal_lsn())");

    assertThat(source.startFailing())
        .isInstanceOfSatisfying(
            KappaException.class, e -> assertThat(e.problem()).contains("ahead of what Kafka has"));
  }

  @Test
  void aSecondCaptureOfTheSlotEndsTheFirst() {
    RunningCapture first = source.start();
    source.awaitCaptured();

    // The second fences the first in Kafka before it waits for the slot.
    source.startBeside();
    Throwable error = first.awaitFailure();

    assertThat(error.getCause())
        .isInstanceOfSatisfying(
            KappaException.class, e -> assertThat(e.problem()).contains("Another capture"));
  }

  @Test
  void withoutDataItStreamsFromNowOn() {
    source.with("capture.snapshot-mode", "no_data");
    source.sql("INSERT INTO fund VALUES (1, 'old', 1)");
    source.start();
    source.sql("INSERT INTO fund VALUES (2, 'new', 2)");
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund"))
        .containsExactly("c {\"id\":2,\"name\":\"new\",\"price\":2}");
  }
}
