package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.Cut;
import java.io.StringReader;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

@ExtendWith(TestServers.class)
class LargeTransactionTest {
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

  private void insert(int rows) {
    source.sql(
        "INSERT INTO fund SELECT i, repeat('y', 200), i FROM generate_series(1, %d) i"
            .formatted(rows));
  }

  @Test
  void goesThroughAFileInOneKafkaTransaction() {
    source.with("capture.transaction-buffer", "64KiB").start();
    insert(20_000);
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(20_000);
    TopicReader.assertWholeTransactionsOnce(events);
    assertThat(source.topics.cuts().stream().filter(cut -> !cut.isComplete()))
        .as("cuts in the midst of something")
        .allMatch(cut -> cut.endOffsets().isEmpty());
    source.topics.assertCutsHold();
  }

  @Test
  void takesSeveralKafkaTransactionsWhenItExceedsOne() {
    source
        .with("capture.transaction-buffer", "64KiB")
        .with("capture.kafka-transaction-max", "1MiB")
        .start();
    source.sql("INSERT INTO fund VALUES (-1, 'before', 0)");
    insert(20_000);
    source.sql("INSERT INTO fund VALUES (-2, 'after', 0)");
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(20_002);
    TopicReader.assertWholeTransactionsOnce(events);
    long begin = events.get(0).event().position().lsn();
    assertThat(partsOf(events.get(1))).hasSizeBetween(4, 20).allMatch(cut -> cut.lsn() >= begin);
    source.topics.assertCutsHold();
  }

  @Test
  void itsPartsHaveChangesOfKeysWhole() {
    source
        .with("capture.transaction-buffer", "64KiB")
        .with("capture.kafka-transaction-max", "32KiB")
        .start();
    insert(5_000);
    source.sql("UPDATE fund SET id = -id");
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(15_000);
    List<Cut> parts = partsOf(events.get(5_000));
    assertThat(parts).hasSizeGreaterThan(20);
    for (int i = 5_000; i < 15_000; i += 2) {
      Captured delete = events.get(i);
      Captured create = events.get(i + 1);
      assertThat(delete.event().operation().code()).isEqualTo('d');
      assertThat(parts).allMatch(part -> delete.isBefore(part) == create.isBefore(part));
    }
  }

  @Test
  void hasCutsWithinOneKafkaTransactionAndNoneBetweenTheHalvesOfAChangeOfKey() {
    source.start();
    insert(60_000);
    source.sql("UPDATE fund SET id = -id");
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(180_000);
    List<Cut> parts = partsOf(events.get(60_000));
    assertThat(parts).hasSize(2);
    for (int i = 60_000; i < 180_000; i += 2) {
      Captured delete = events.get(i);
      Captured create = events.get(i + 1);
      assertThat(parts).allMatch(part -> delete.isBefore(part) == create.isBefore(part));
    }
    source.topics.assertCutsHold();
  }

  /** The cuts within the transaction of an event. */
  private List<Cut> partsOf(Captured event) {
    return source.topics.cuts().stream()
        .filter(cut -> !cut.isComplete() && event.isBefore(cut))
        .filter(cut -> cut.lsn() < event.event().position().lsn())
        .toList();
  }

  /** One record of the log has many rows of a COPY, so they have one LSN (dbz#1554). */
  private void copy(int rows) throws Exception {
    String lines =
        IntStream.rangeClosed(1, rows)
            .mapToObj(i -> i + "\t" + "y".repeat(200) + "\t" + i + "\n")
            .collect(Collectors.joining());
    try (Connection connection = source.connect()) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("COPY fund FROM STDIN", new StringReader(lines));
    }
  }

  @Test
  void killedBetweenItsPartsItIsPublishedOnce() throws Exception {
    assertPublishedOnceThoughKilledBetweenParts(this::insert);
  }

  @Test
  void aCopyKilledBetweenItsPartsIsPublishedOnce() throws Exception {
    assertPublishedOnceThoughKilledBetweenParts(this::copy);
  }

  private interface Write {
    void rows(int rows) throws Exception;
  }

  private void assertPublishedOnceThoughKilledBetweenParts(Write write) throws Exception {
    source
        .with("capture.transaction-buffer", "64KiB")
        .with("capture.kafka-transaction-max", "64KiB");
    Process process = source.startProcess();
    CaptureFixture.awaitReady(process);
    source.awaitCaptured(); // the snapshot is over
    write.rows(60_000);

    for (int parts : new int[] {5, 50}) {
      await()
          .atMost(CaptureFixture.PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> source.topics.count("fund") > parts * 100);
      process.destroyForcibly().onExit().join();
      List<Cut> cuts = source.topics.cuts();
      assertThat(cuts.get(cuts.size() - 1).state())
          .as("where it was killed")
          .isEqualTo(Cut.State.PARTIAL);
      process = source.startProcess();
      CaptureFixture.awaitReady(process);
    }
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(60_000);
    TopicReader.assertWholeTransactionsOnce(events);
    source.topics.assertCutsHold();
  }

  @Test
  void needsLittleMemory() throws Exception {
    source
        .with("capture.transaction-buffer", "4MiB")
        .with("capture.kafka-transaction-max", "16MiB");
    Process process = source.startProcess("-Xmx96m");
    CaptureFixture.awaitReady(process);
    source.awaitCaptured(); // the snapshot is over

    insert(300_000);
    source.awaitCaptured();

    assertThat(process.isAlive()).isTrue();
    assertThat(source.topics.count("fund")).isEqualTo(300_000);
  }
}
