package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A snapshot of several tables, between which money moves meanwhile. */
@ExtendWith(TestServers.class)
class SnapshotMomentTest {
  private static final int TABLES = 8;
  private static final int ROWS = 5_000;
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

  /** Moves from all tables to the last one, in the server, until the table 'done' has a row. */
  private void transfer() {
    source.sql(
        "SET synchronous_commit = off",
        """
        DO $$
        DECLARE i int := 0;
        BEGIN
          WHILE NOT EXISTS (SELECT FROM done) LOOP
            EXECUTE format('UPDATE account_%%s SET balance = balance - 1 WHERE id = %%s',
              i %% %1$d, 1 + i %% %2$d);
            EXECUTE format('UPDATE account_%%s SET balance = balance + 1 WHERE id = %%s',
              %1$d, 1 + i %% %2$d);
            i := i + 1;
            COMMIT;
          END LOOP;
        END $$"""
            .formatted(TABLES - 1, ROWS));
  }

  private static int balance(Captured captured) {
    return Integer.parseInt(captured.event().after().get(1));
  }

  @Test
  void theRowsOfAllTablesAreOfOneMoment() {
    source.sql("CREATE TABLE done (at timestamptz)");
    var transfers = CompletableFuture.runAsync(this::transfer);
    source.start();
    source.sql("INSERT INTO done VALUES (now())");
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
