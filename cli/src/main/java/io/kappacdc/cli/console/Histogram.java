package io.kappacdc.cli.console;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Counts by upper bound, each with all below it, as Prometheus has them.
 *
 * @param cumulative infinity included
 */
record Histogram(NavigableMap<Double, Double> cumulative) {
  static final Histogram EMPTY = new Histogram(new TreeMap<>());

  static Histogram of(Exposition figures, String name, String label, String value) {
    NavigableMap<Double, Double> cumulative = new TreeMap<>();
    for (Exposition.Series series : figures.all(name + "_bucket")) {
      if (series.label(label).equals(value)) {
        String bound = series.label("le");
        cumulative.put(
            bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
            series.value());
      }
    }
    return new Histogram(cumulative);
  }

  /**
   * What came since {@code earlier}: everything, if the process was started again meanwhile;
   * nothing, if it did not answer then.
   */
  Histogram since(Histogram earlier) {
    if (earlier.cumulative.isEmpty()) {
      return EMPTY;
    }
    if (count() < earlier.count()) {
      return this;
    }
    NavigableMap<Double, Double> difference = new TreeMap<>();
    cumulative.forEach(
        (bound, count) -> {
          Map.Entry<Double, Double> before = earlier.cumulative.floorEntry(bound);
          difference.put(bound, count - (before == null ? 0 : before.getValue()));
        });
    return new Histogram(difference);
  }

  double count() {
    return cumulative.isEmpty() ? 0 : cumulative.lastEntry().getValue();
  }

  /** The quantile, linear within a bucket; NaN without counts. */
  double quantile(double share) {
    double wanted = share * count();
    if (!(wanted > 0)) {
      return Double.NaN;
    }
    double lower = 0;
    double below = 0;
    for (Map.Entry<Double, Double> bucket : cumulative.entrySet()) {
      double bound = bucket.getKey();
      if (bucket.getValue() >= wanted) {
        return Double.isInfinite(bound)
            ? lower
            : lower + (bound - lower) * (wanted - below) / (bucket.getValue() - below);
      }
      lower = bound;
      below = bucket.getValue();
    }
    return lower;
  }
}
