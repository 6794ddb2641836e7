package io.kappacdc.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageTimesTest {
  private static final PartitionId P0 = new PartitionId("t", 0);
  private static final PartitionId P1 = new PartitionId("t", 1);
  private static final long SECOND = 1_000_000;
  private static final Window WINDOW = new Window(10 * SECOND, 12 * SECOND);

  @Test
  void aChangeIsVisibleWithTheFirstStepPastItsOffset() {
    Stage stage = new Stage("sink");
    stage.reached(P0, 11 * SECOND, 5);
    stage.reached(P0, 11 * SECOND + 400_000, 5); // nothing new
    stage.reached(P0, 12 * SECOND, 8);
    StageTimes times = new StageTimes(stage, WINDOW, null);

    assertThat(times.count(P0, 4, 10 * SECOND, Timeline.NEVER)).isEqualTo(11 * SECOND);
    assertThat(times.count(P0, 5, 11 * SECOND, Timeline.NEVER)).isEqualTo(12 * SECOND);
    assertThat(times.count(P0, 7, 11 * SECOND, Timeline.NEVER)).isEqualTo(12 * SECOND);
    assertThat(times.latencies().count()).isEqualTo(3);
    assertThat(times.latencies().maxMillis()).isCloseTo(1_000, within(1.0));
    assertThat(times.steps().count()).isEqualTo(2);
    assertThat(times.steps().changesMax()).isEqualTo(2);
    assertThat(times.lastMicros()).isEqualTo(12 * SECOND);
  }

  @Test
  void eachPartitionHasItsOwnProgress() {
    Stage stage = new Stage("sink");
    stage.reached(P0, 11 * SECOND, 100);
    stage.reached(P1, 13 * SECOND, 100);
    StageTimes times = new StageTimes(stage, WINDOW, null);

    assertThat(times.count(P0, 50, 10 * SECOND, Timeline.NEVER)).isEqualTo(11 * SECOND);
    assertThat(times.count(P1, 50, 10 * SECOND, Timeline.NEVER)).isEqualTo(13 * SECOND);
  }

  @Test
  void whatNeverComesIsMissingAndNotLeftOut() {
    Stage stage = new Stage("sink");
    stage.reached(P0, 11 * SECOND, 5);
    StageTimes times = new StageTimes(stage, WINDOW, null);

    times.count(P0, 4, 10 * SECOND, Timeline.NEVER);
    times.count(P0, 5, 10 * SECOND, Timeline.NEVER);
    times.count(P1, 0, 10 * SECOND, Timeline.NEVER);

    assertThat(times.latencies().count()).isEqualTo(1);
    assertThat(times.latencies().missing()).isEqualTo(2);
  }

  @Test
  void theWindowIsOfCommitsAndWhatArrivesAfterItCountsNevertheless() {
    Stage stage = new Stage("sink");
    stage.reached(P0, 20 * SECOND, 100);
    StageTimes times = new StageTimes(stage, WINDOW, null);

    times.count(P0, 0, 10 * SECOND - 1, Timeline.NEVER);
    times.count(P0, 1, 10 * SECOND, Timeline.NEVER);
    times.count(P0, 2, 12 * SECOND - 1, Timeline.NEVER);
    times.count(P0, 3, 12 * SECOND, Timeline.NEVER);

    assertThat(times.latencies().count()).isEqualTo(2);
    assertThat(times.latencies().bySecond())
        .extracting(Latencies.Second::second)
        .containsExactly(0, 1);
    assertThat(times.out().perSecond(11)[10]).isEqualTo(4);
  }

  @Test
  void aLatencyIsTheWaitForABatchAndTheTimeInIt() {
    Stage stage = new Stage("sink");
    stage.reached(P0, 11 * SECOND, 5);
    BatchTimes batches = new BatchTimes();
    batches.add(10 * SECOND + 700_000, 11 * SECOND - 10_000);
    StageTimes times = new StageTimes(stage, WINDOW, batches);

    times.count(P0, 1, 10 * SECOND, 10 * SECOND + 200_000);

    assertThat(times.untilBatch().maxMillis()).isCloseTo(500, within(1.0));
    assertThat(times.inBatch().maxMillis()).isCloseTo(300, within(1.0));
    assertThat(batches.within(WINDOW).p50Millis()).isEqualTo(290);
  }

  @Test
  void changesAreHeldAgainstEveryStage() {
    Stage kafka = new Stage("kafka");
    kafka.reached(P0, 10 * SECOND + 100_000, 10);
    Stage sink = new Stage("sink");
    sink.reached(P0, 10 * SECOND + 300_000, 2);
    StageTimes sinkTimes = new StageTimes(sink, WINDOW, null);
    ChangeTimes changes =
        new ChangeTimes(WINDOW, new StageTimes(kafka, WINDOW, null), List.of(sinkTimes), List.of());

    changes.count(P0, 0, 10 * SECOND, 10 * SECOND + 20_000);
    changes.count(P0, 1, 10 * SECOND, 10 * SECOND + 20_000);
    changes.count(P0, 2, 10 * SECOND, 10 * SECOND + 20_000);

    assertThat(changes.in().total()).isEqualTo(3);
    assertThat(changes.toKafka().maxMillis()).isCloseTo(20, within(0.1));
    assertThat(changes.kafka().latencies().count()).isEqualTo(3);
    assertThat(sinkTimes.latencies().count()).isEqualTo(2);
    assertThat(sinkTimes.latencies().missing()).isEqualTo(1);
  }

  @Test
  void readsTheBeginningOfAChange() {
    String value =
        "{\"lsn\":\"0/1A2B3C8\",\"ord\":3,\"op\":\"u\",\"txId\":771,\"ts_us\":1730000000123456,"
            + "\"schema\":\"5b0c\",\"after\":{\"ts_us\":1}}";

    assertThat(ChangeTimes.Head.read(value.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(new ChangeTimes.Head(1_730_000_000_123_456L, "u"));
  }

  @Test
  void clocksThatDisagreeAreNoticed() {
    Latencies latencies = new Latencies();
    latencies.record(0, -4_000, 1); // within the steps of a file system's clock
    latencies.record(0, -50_000, 3);

    assertThat(latencies.beforeTheirTime()).isEqualTo(3);
    assertThat(latencies.count()).isEqualTo(4);
  }

  @Test
  void sumsGoOnFromBeforeTheWindow() {
    Counts counts = new Counts();
    counts.add(-5, 10);
    counts.add(0, 1);
    counts.add(2, 2);
    counts.add(9, 4);

    assertThat(counts.upToSecond(3)).containsExactly(11, 11, 13);
    assertThat(counts.perSecond(3)).containsExactly(1, 0, 2);
    assertThat(counts.total()).isEqualTo(17);
  }
}
