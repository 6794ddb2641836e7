package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A snapshot that begins while somebody has a transaction open for long. */
@ExtendWith(TestServers.class)
class RunningTransactionsTest {
  private CaptureFixture source;
  private Connection other;

  @BeforeEach
  void openATransaction(Servers servers) throws SQLException {
    source = new CaptureFixture(servers);
    source.sql("CREATE TABLE fund (id int PRIMARY KEY)");
    other = source.connect();
    other.setAutoCommit(false);
    try (Statement statement = other.createStatement()) {
      statement.execute("INSERT INTO fund VALUES (1)");
    }
  }

  @AfterEach
  void closeSource() throws SQLException {
    other.close();
    source.close();
  }

  private RunningCapture startAndAwaitThatItWaits() {
    RunningCapture capture = source.startBeside();
    await()
        .atMost(CaptureFixture.PATIENCE)
        .untilAsserted(
            () -> {
              capture.requireAlive();
              assertThat(capture.status().waitsFor())
                  .contains("the snapshot waits for the end of the transaction of process ")
                  .contains(" of user ", ", which began at ");
            });
    return capture;
  }

  @Test
  void itWaitsSaysForWhatAndGoesOn() throws SQLException {
    RunningCapture capture = startAndAwaitThatItWaits();

    other.commit();
    capture.awaitStreaming();

    assertThat(source.topics.summaries("fund")).containsExactly("r {\"id\":1}");
    assertThat(capture.status().waitsFor()).isEmpty();
    assertThat(capture.status().session()).as("attempts").isEqualTo(1);
  }

  @Test
  void itCanBeStoppedMeanwhile() {
    RunningCapture capture = startAndAwaitThatItWaits();

    capture.stop();

    assertThat(capture.status().phase()).isEqualTo(CaptureStatus.Phase.STOPPED);
    assertThat(capture.status().waitsFor()).isEmpty();
  }
}
