package io.kappacdc.telemetry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A metric as it is declared, once.
 *
 * @param name words with dots between them, without unit
 * @param unit base unit in Prometheus' sense, in the plural; empty for a plain number
 * @param meaning one sentence, for {@code /metrics} and the documents
 * @param labels names of its labels, in the order in which values are given
 * @param buckets upper bounds of a histogram's buckets, ascending; none for other kinds
 */
public record Metric(
    String name,
    Kind kind,
    String unit,
    String meaning,
    List<String> labels,
    List<Double> buckets) {
  /** What Prometheus makes of it. */
  public enum Kind {
    /** Grows; begins at 0 with the process. */
    COUNTER,
    /** A value of the moment. */
    GAUGE,
    /** Number, sum and maximum of what was recorded. */
    SUMMARY,
    /** Number, sum and a count for each bucket. */
    HISTOGRAM
  }

  /** A source table, as {@code schema.table}. */
  public static final String TABLE = "table";

  /** A store: {@code postgres-trail}, {@code delta-trail} or {@code delta-mirror}. */
  public static final String SINK = "sink";

  /** A part of what is measured. */
  public static final String PHASE = "phase";

  static final String SECONDS = "seconds";
  static final String BYTES = "bytes";
  static final String BYTES_PER_SECOND = "bytes_per_second";
  static final String NONE = "";

  public Metric {
    labels = List.copyOf(labels);
    buckets = List.copyOf(buckets);
  }

  static Metric counter(String name, String unit, String meaning, String... labels) {
    return new Metric(name, Kind.COUNTER, unit, meaning, List.of(labels), List.of());
  }

  static Metric gauge(String name, String unit, String meaning, String... labels) {
    return new Metric(name, Kind.GAUGE, unit, meaning, List.of(labels), List.of());
  }

  static Metric summary(String name, String unit, String meaning, String... labels) {
    return new Metric(name, Kind.SUMMARY, unit, meaning, List.of(labels), List.of());
  }

  Metric withBuckets(double... bounds) {
    List<Double> all = Arrays.stream(bounds).boxed().toList();
    return new Metric(name, Kind.HISTOGRAM, unit, meaning, labels, all);
  }

  /** The name in {@code /metrics}, for {@link Kind#SUMMARY} and {@link Kind#HISTOGRAM} its stem. */
  public String prometheusName() {
    String stem = name.replace('.', '_') + (unit.isEmpty() ? "" : '_' + unit);
    return kind == Kind.COUNTER ? stem + "_total" : stem;
  }

  /** The names of the series in {@code /metrics}. */
  public List<String> series() {
    String stem = prometheusName();
    List<String> names = new ArrayList<>();
    switch (kind) {
      case COUNTER, GAUGE -> names.add(stem);
      case SUMMARY -> names.addAll(List.of(stem + "_count", stem + "_sum", stem + "_max"));
      case HISTOGRAM -> names.addAll(List.of(stem + "_bucket", stem + "_count", stem + "_sum"));
    }
    return List.copyOf(names);
  }
}
