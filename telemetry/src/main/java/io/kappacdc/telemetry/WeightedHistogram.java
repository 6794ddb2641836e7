package io.kappacdc.telemetry;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;

/**
 * A histogram that takes many equal values at once, which Micrometer's do one by one. Thread-safe.
 */
public final class WeightedHistogram {
  private final Labels labels;
  private final double[] bounds;
  private final long[] counts;
  private double sum;

  /**
   * @param buckets upper bounds, ascending; a last bucket for all above them is added
   */
  WeightedHistogram(Labels labels, List<Double> buckets) {
    this.labels = labels;
    this.bounds = new double[buckets.size() + 1];
    for (int i = 0; i < buckets.size(); i++) {
      bounds[i] = buckets.get(i);
    }
    bounds[buckets.size()] = Double.POSITIVE_INFINITY;
    this.counts = new long[bounds.length];
  }

  /** Records {@code value} as if it had come {@code times} times. */
  public synchronized void record(double value, long times) {
    int bucket = 0;
    while (value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket] += times;
    sum += value * times;
  }

  synchronized HistogramDataPointSnapshot snapshot() {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < bounds.length; i++) {
      buckets.bucket(bounds[i], counts[i]);
    }
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(buckets.build())
        .sum(sum)
        .build();
  }
}
