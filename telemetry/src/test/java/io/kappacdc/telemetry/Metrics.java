package io.kappacdc.telemetry;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All declared metrics, and the series of a scrape. */
final class Metrics {
  private Metrics() {}

  static List<Metric> capture() {
    return Arrays.stream(CaptureMetric.values()).map(CaptureMetric::metric).toList();
  }

  static List<Metric> processor() {
    return Arrays.stream(ProcessorMetric.values()).map(ProcessorMetric::metric).toList();
  }

  static List<Metric> all() {
    return Stream.concat(capture().stream(), processor().stream()).toList();
  }

  /** Makes the metric's instrument, with its labels' names as their values. */
  static void make(Meters meters, Metric metric) {
    String[] values = metric.labels().toArray(String[]::new);
    switch (metric.kind()) {
      case COUNTER -> meters.counter(metric, values);
      case GAUGE -> meters.gauge(metric, () -> 1, values);
      case SUMMARY -> meters.summary(metric, values);
      case HISTOGRAM -> meters.histogram(metric, values);
    }
  }

  static Set<String> series(String scraped) {
    return scraped
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
