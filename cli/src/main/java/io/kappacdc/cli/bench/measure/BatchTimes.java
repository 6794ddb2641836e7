package io.kappacdc.cli.bench.measure;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Begin and end of one sink's batches, as far as the processor's status file showed them: it is
 * written once a second, so of shorter batches some are missed. Thread-safe.
 */
public final class BatchTimes {
  /** A batch is over a moment after its commit can be seen. */
  private static final long SLACK_MICROS = 100_000;

  private final TreeMap<Long, Long> endByBegin = new TreeMap<>();

  public synchronized void add(long beginMicros, long endMicros) {
    endByBegin.put(beginMicros, endMicros);
  }

  /** The begin of the batch in which something became readable; NEVER if it was not noticed. */
  synchronized long beginOf(long readableMicros) {
    Map.Entry<Long, Long> batch = endByBegin.floorEntry(readableMicros);
    return batch != null && readableMicros <= batch.getValue() + SLACK_MICROS
        ? batch.getKey()
        : Timeline.NEVER;
  }

  /**
   * Batches that lie in the window.
   *
   * @param noticed how many of them the status file showed
   */
  public record Durations(long noticed, long p50Millis, long p99Millis, long maxMillis) {}

  public synchronized Durations within(Window window) {
    Histogram millis = new Histogram(3);
    endByBegin.forEach(
        (begin, end) -> {
          if (window.contains(begin)) {
            millis.recordValue(Math.max(0, end - begin) / 1_000);
          }
        });
    return new Durations(
        millis.getTotalCount(),
        millis.getValueAtPercentile(50),
        millis.getValueAtPercentile(99),
        millis.getMaxValue());
  }
}
