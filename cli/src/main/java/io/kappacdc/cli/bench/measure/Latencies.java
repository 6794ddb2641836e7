package io.kappacdc.cli.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The times that changes took, in all and by the second of their commit at the source. */
public final class Latencies {
  private static final long MICROS_MAX = TimeUnit.DAYS.toMicros(7);

  /** File systems and Kafka keep times in steps of a few milliseconds. */
  private static final long CLOCK_STEP_MICROS = 5_000;

  private final Histogram all = new Histogram(MICROS_MAX, 3);
  private final TreeMap<Integer, Histogram> millisBySecond = new TreeMap<>();
  private long missing;
  private long beforeTheirTime;

  /** One point of a distribution. */
  public record Point(double percentile, double millis) {}

  /** The changes committed in one second of the window. */
  public record Second(int second, long changes, double p50Millis, double p99Millis, double max) {}

  public void record(int second, long micros, long changes) {
    if (micros < -CLOCK_STEP_MICROS) {
      beforeTheirTime += changes;
    }
    long bounded = Math.max(0, Math.min(micros, MICROS_MAX));
    all.recordValueWithCount(bounded, changes);
    millisBySecond
        .computeIfAbsent(second, any -> new Histogram(2))
        .recordValueWithCount(TimeUnit.MICROSECONDS.toMillis(bounded), changes);
  }

  public void missing(long changes) {
    missing += changes;
  }

  /** Changes timed. */
  public long count() {
    return all.getTotalCount();
  }

  /** Changes that never were seen at this stage. */
  public long missing() {
    return missing;
  }

  /** Changes seen before they were committed, by the clocks used: more than a few are a fault. */
  public long beforeTheirTime() {
    return beforeTheirTime;
  }

  public double percentileMillis(double percentile) {
    return all.getValueAtPercentile(percentile) / 1e3;
  }

  public double maxMillis() {
    return all.getMaxValue() / 1e3;
  }

  public double meanMillis() {
    return count() == 0 ? 0 : all.getMean() / 1e3;
  }

  /** The distribution, denser towards its end. */
  public List<Point> distribution() {
    List<Point> points = new ArrayList<>();
    for (double percentile :
        new double[] {
          0, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.5, 99.9, 99.99,
          100
        }) {
      points.add(new Point(percentile, percentileMillis(percentile)));
    }
    return points;
  }

  public List<Second> bySecond() {
    List<Second> seconds = new ArrayList<>();
    millisBySecond.forEach(
        (second, millis) ->
            seconds.add(
                new Second(
                    second,
                    millis.getTotalCount(),
                    millis.getValueAtPercentile(50),
                    millis.getValueAtPercentile(99),
                    millis.getMaxValue())));
    return seconds;
  }
}
