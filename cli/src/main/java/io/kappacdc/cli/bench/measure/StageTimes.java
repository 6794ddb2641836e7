package io.kappacdc.cli.bench.measure;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Holds the changes of a run against a stage's progress: from their commit to the moment they could
 * be read there; how many a second; how many a step. For one thread, after the run.
 */
public final class StageTimes {
  private final Stage stage;
  private final Window window;
  private final @Nullable BatchTimes batches;
  private final Latencies latencies = new Latencies();
  private final Latencies untilBatch = new Latencies();
  private final Latencies inBatch = new Latencies();
  private final Counts out = new Counts();
  private final Map<PartitionId, Timeline.Cursor> cursors = new HashMap<>();
  private final TreeMap<Long, Long> changesByStep = new TreeMap<>();
  private long lastMicros = Timeline.NEVER;

  /**
   * @param batches when the stage's batches began, as far as they were noticed; null if it has none
   */
  public StageTimes(Stage stage, Window window, @Nullable BatchTimes batches) {
    this.stage = stage;
    this.window = window;
    this.batches = batches;
  }

  /**
   * Counts one change; a partition's changes come in the order of their offsets.
   *
   * @param commitMicros when the source committed it
   * @param readableMicros when the stage before had it, for the wait for a batch
   * @return when it could be read at this stage, or {@link Timeline#NEVER}
   */
  long count(PartitionId partition, long offset, long commitMicros, long readableMicros) {
    Timeline timeline = stage.timeline(partition);
    int entry = cursors.computeIfAbsent(partition, any -> timeline.cursor()).entryOf(offset);
    boolean counts = window.contains(commitMicros);
    if (entry == Timeline.NEVER) {
      latencies.missing(counts ? 1 : 0);
      return Timeline.NEVER;
    }
    long at = timeline.microsOf(entry);
    out.add(window.secondOf(at), 1);
    lastMicros = Math.max(lastMicros, at);
    if (counts) {
      int second = window.secondOf(commitMicros);
      latencies.record(second, at - commitMicros, 1);
      changesByStep.merge(at, 1L, Long::sum);
      long begun = batches == null ? Timeline.NEVER : batches.beginOf(at);
      if (begun != Timeline.NEVER && readableMicros != Timeline.NEVER) {
        untilBatch.record(second, begun - readableMicros, 1);
        inBatch.record(second, at - begun, 1);
      }
    }
    return at;
  }

  public String name() {
    return stage.name();
  }

  /** Commit at the source to readable here. */
  public Latencies latencies() {
    return latencies;
  }

  /** Readable in Kafka to the begin of the batch that took it, where that is known. */
  public Latencies untilBatch() {
    return untilBatch;
  }

  /** Begin of the batch to readable here, where that is known. */
  public Latencies inBatch() {
    return inBatch;
  }

  /** Changes that became readable here, by the second they did. */
  public Counts out() {
    return out;
  }

  /** When the last change of the run became readable here. */
  public long lastMicros() {
    return lastMicros;
  }

  /** Sizes and distances of the steps in which changes of the window became readable. */
  public Steps steps() {
    Histogram sizes = new Histogram(3);
    Histogram distances = new Histogram(3);
    long before = Timeline.NEVER;
    for (Map.Entry<Long, Long> step : changesByStep.entrySet()) {
      sizes.recordValue(step.getValue());
      if (before != Timeline.NEVER) {
        distances.recordValue((step.getKey() - before) / 1_000);
      }
      before = step.getKey();
    }
    return new Steps(
        changesByStep.size(),
        sizes.getValueAtPercentile(50),
        sizes.getMaxValue(),
        distances.getValueAtPercentile(50),
        distances.getValueAtPercentile(99));
  }

  /**
   * Steps in which a stage went on.
   *
   * @param count how many
   * @param changesP50 changes of one
   * @param distanceMillisP50 between one and the next
   */
  public record Steps(
      long count,
      long changesP50,
      long changesMax,
      long distanceMillisP50,
      long distanceMillisP99) {}
}
