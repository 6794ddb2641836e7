package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.runtime.KappaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TestServers.class)
class SlotGuardianTest {
  private static final String FILLER =
      "SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000)) FROM"
          + " generate_series(1, %d)";

  @TempDir Path directory;
  private CaptureFixture source;
  private Connection holder;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers).with("source.slot-check-interval", "100ms");
    source.sql("CREATE TABLE fund (id bigint PRIMARY KEY, name text)");
  }

  @AfterEach
  void closeSource() throws SQLException {
    if (holder != null) {
      holder.close();
    }
    source.close();
  }

  /** An open transaction keeps the slot's log although capture is up to date. */
  private void holdLog(int megabytes) throws SQLException {
    holder = source.connect();
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute("INSERT INTO fund VALUES (1, 'open')");
    }
    source.sql(FILLER.formatted(megabytes), "SELECT pg_current_xact_id()");
  }

  @Test
  void measuresAndWarnsWhatTheSlotHolds() throws Exception {
    RunningCapture capture = source.with("source.slot-wal-warn", "4MiB").start();
    source.awaitCaptured();

    holdLog(8);

    await()
        .atMost(CaptureFixture.PATIENCE)
        .until(
            () -> {
              capture.requireAlive();
              CaptureStatus.Slot slot = capture.status().slot();
              return slot != null
                  && slot.warning() != null
                  && slot.warning().contains("does not end");
            });
    CaptureStatus.Slot slot = capture.status().slot();
    assertThat(slot.warning()).startsWith("the slot holds more than source.slot-wal-warn");
    assertThat(slot.measurement().heldBytes()).isBetween(8_000_000L, 40_000_000L);
    assertThat(slot.measurement().walStatus()).isEqualTo("reserved");
    assertThat(slot.measurement().failover()).isTrue();
  }

  @Test
  void stopsAtTheLimitWithWhatToDo() throws Exception {
    RunningCapture capture =
        source.with("source.slot-wal-limit", "4MiB").with("source.slot-wal-policy", "stop").start();
    source.awaitCaptured();

    holdLog(8);

    assertThat(capture.awaitFailure().getCause())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).contains("holds too much WAL");
              assertThat(e.reason()).contains("source.slot-wal-limit is 4 MiB");
              assertThat(e.remedy()).contains("pg_drop_replication_slot('slot_" + source.name);
            });
  }

  @Test
  void givesTheSlotUpAtTheLimitAndReadsAllTablesAnew() throws Exception {
    RunningCapture capture =
        source
            .with("source.slot-wal-limit", "4MiB")
            .with("source.slot-wal-policy", "resnapshot")
            .start();
    source.sql("INSERT INTO fund VALUES (7, 'seven')");
    source.awaitCaptured();

    holdLog(8);
    await().atMost(CaptureFixture.PATIENCE).until(() -> capture.resnapshots().count() == 1);
    holder.rollback();

    await().atMost(CaptureFixture.PATIENCE).until(() -> capture.resnapshots().wholeFromLsn() > 0);
    source.awaitCaptured();
    assertThat(capture.resnapshots().reason()).contains("held too much WAL");
    assertThat(TopicReader.fold(source.topics.events("fund"))).isEqualTo(source.rows("fund"));
  }

  @Test
  void freesTheLogAlsoWhileKafkaIsAway() throws Exception {
    RunningCapture capture = source.start();
    source.awaitCaptured();
    capture.stop();
    source
        .with("kafka.bootstrap-servers", "127.0.0.1:1")
        .with("source.slot-wal-limit", "4MiB")
        .with("source.slot-wal-policy", "resnapshot");

    RunningCapture lonely = source.startBeside();
    source.sql(FILLER.formatted(8), "SELECT pg_current_xact_id()");

    await()
        .atMost(CaptureFixture.PATIENCE)
        .until(
            () -> {
              lonely.requireAlive();
              return "0"
                  .equals(
                      source.query(
                          "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'slot_"
                              + source.name
                              + "'"));
            });
  }

  @Test
  void theStatusFileSaysWhatCaptureDoes() throws Exception {
    RunningCapture capture = source.start();
    source.sql("INSERT INTO fund VALUES (7, 'seven')");
    source.awaitCaptured();
    await().atMost(CaptureFixture.PATIENCE).until(() -> capture.status().slot() != null);

    try (CaptureStatusFile file =
        CaptureStatusFile.start(capture.statusSource(), directory, Clock.systemUTC())) {
      await()
          .atMost(CaptureFixture.PATIENCE)
          .until(() -> Files.exists(directory.resolve("capture-status.json")));
    }
    capture.stop();

    assertThat(Files.readString(directory.resolve("capture-status.json")))
        .contains("\"phase\":\"STREAMING\"", "\"lsn\":\"0/", "\"timeline\":1", "\"attempts\":1")
        .contains("\"slot\":{\"name\":\"slot_" + source.name, "\"walStatus\":\"reserved\"")
        .contains("\"resnapshots\":{\"count\":0}", "\"lastError\":\"\"");
    assertThat(capture.status().phase()).isEqualTo(CaptureStatus.Phase.STOPPED);
  }
}
