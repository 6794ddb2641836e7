package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A snapshot of several tables, between which money moves meanwhile. */
@ExtendWith(TestServers.class)
class SnapshotMomentTest {
  private static final int TABLES = 4;
  private static final int ROWS = 20_000;
  private static final int BALANCE = 100;

  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    for (int table = 0; table < TABLES; table++) {
      source.sql(
          "CREATE TABLE account_%d (id int PRIMARY KEY, balance int)".formatted(table),
          "INSERT INTO account_%d SELECT i, %d FROM generate_series(1, %d) i"
              .formatted(table, BALANCE, ROWS));
    }
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  private void transferUntil(AtomicBoolean done) {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int i = 0; !done.get(); i++) {
        String update = "UPDATE account_%d SET balance = balance + %d WHERE id = %d";
        int id = 1 + (i * 7919) % ROWS;
        statement.execute(update.formatted(i % TABLES, -1, id));
        statement.execute(update.formatted((i + 1) % TABLES, 1, id));
        connection.commit();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int balance(Captured captured) {
    return Integer.parseInt(captured.event().after().get(1));
  }

  @Test
  void theRowsOfAllTablesAreOfOneMoment() {
    AtomicBoolean done = new AtomicBoolean();
    var transfers = CompletableFuture.runAsync(() -> transferUntil(done));
    source.start();
    done.set(true);
    transfers.join();
    source.awaitCaptured();

    List<Captured> events = source.topics.events();
    List<Captured> read =
        events.stream().filter(e -> e.event().operation() == Operation.READ).toList();
    assertThat(read).hasSize(TABLES * ROWS);
    assertThat(read)
        .extracting(Captured::event)
        .extracting(ChangeEvent::position)
        .extracting(position -> position.lsn())
        .containsOnly(read.get(0).event().position().lsn());
    assertThat(read.stream().mapToLong(SnapshotMomentTest::balance).sum())
        .isEqualTo((long) TABLES * ROWS * BALANCE);
    assertThat(events.size()).as("transfers meanwhile are changes").isGreaterThan(read.size());
  }
}
