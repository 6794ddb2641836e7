package io.kappacdc.telemetry;

import io.kappacdc.telemetry.Metric.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The registry of a process: makes the instruments of declared {@link Metric}s, and nothing else
 * but the JVM's. Thread-safe; what it makes is thread-safe too.
 */
public final class Meters implements AutoCloseable {
  private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final TableLabels tables = new TableLabels();
  private final Map<Metric, Histograms> histograms = new ConcurrentHashMap<>();
  private final List<AutoCloseable> bound = new ArrayList<>();

  /** Micrometer refers to them weakly. Bounded by the number of declared metrics. */
  private final List<LongSupplier> counts = new CopyOnWriteArrayList<>();

  /** With the JVM's own metrics: memory, collections, threads, classes, CPU, files. */
  public static Meters ofThisJvm() {
    Meters meters = new Meters();
    JvmGcMetrics collections = new JvmGcMetrics();
    meters.bound.add(collections);
    collections.bindTo(meters.registry);
    new JvmInfoMetrics().bindTo(meters.registry);
    JvmMemoryMetrics memory = new JvmMemoryMetrics();
    memory.bindTo(meters.registry);
    new JvmThreadMetrics().bindTo(meters.registry);
    new ClassLoaderMetrics().bindTo(meters.registry);
    new ProcessorMetrics().bindTo(meters.registry);
    new FileDescriptorMetrics().bindTo(meters.registry);
    new UptimeMetrics().bindTo(meters.registry);
    return meters;
  }

  /** The counter of these label values; the same one for the same values. */
  public Counter counter(Metric metric, String... values) {
    require(metric, Kind.COUNTER);
    return Counter.builder(metric.name())
        .baseUnit(unit(metric))
        .description(metric.meaning())
        .tags(tags(metric, values))
        .register(registry);
  }

  /** A counter of what is counted elsewhere since the process began. */
  public void counterOf(Metric metric, LongSupplier count, String... values) {
    require(metric, Kind.COUNTER);
    counts.add(count);
    FunctionCounter.builder(metric.name(), count, counted -> counted.getAsLong())
        .baseUnit(unit(metric))
        .description(metric.meaning())
        .tags(tags(metric, values))
        .register(registry);
  }

  /**
   * A gauge.
   *
   * @param value asked for at every scrape; must not wait; NaN when there is none
   */
  public void gauge(Metric metric, DoubleSupplier value, String... values) {
    require(metric, Kind.GAUGE);
    Gauge.builder(metric.name(), value::getAsDouble)
        .baseUnit(unit(metric))
        .description(metric.meaning())
        .tags(tags(metric, values))
        .strongReference(true)
        .register(registry);
  }

  /** The summary of these label values; the same one for the same values. */
  public DistributionSummary summary(Metric metric, String... values) {
    require(metric, Kind.SUMMARY);
    return DistributionSummary.builder(metric.name())
        .baseUnit(unit(metric))
        .description(metric.meaning())
        .tags(tags(metric, values))
        .register(registry);
  }

  /** The histogram of these label values; the same one for the same values. */
  public WeightedHistogram histogram(Metric metric, String... values) {
    require(metric, Kind.HISTOGRAM);
    return histograms.computeIfAbsent(metric, this::register).of(labels(metric, values));
  }

  private Histograms register(Metric metric) {
    Histograms added = new Histograms(metric);
    registry.getPrometheusRegistry().register(added);
    return added;
  }

  /** The histograms of a metric, for Prometheus. */
  private record Histograms(Metric metric, Map<Labels, WeightedHistogram> byLabels)
      implements Collector {
    Histograms(Metric metric) {
      this(metric, new ConcurrentHashMap<>());
    }

    WeightedHistogram of(Labels labels) {
      return byLabels.computeIfAbsent(labels, any -> new WeightedHistogram(any, metric.buckets()));
    }

    @Override
    public MetricSnapshot collect() {
      HistogramSnapshot.Builder all =
          HistogramSnapshot.builder().name(getPrometheusName()).help(metric.meaning());
      byLabels.values().forEach(histogram -> all.dataPoint(histogram.snapshot()));
      return all.build();
    }

    @Override
    public String getPrometheusName() {
      return metric.prometheusName();
    }
  }

  private static void require(Metric metric, Kind kind) {
    if (metric.kind() != kind) {
      throw new IllegalArgumentException(metric.name() + " is a " + metric.kind());
    }
  }

  private static @Nullable String unit(Metric metric) {
    return metric.unit().isEmpty() ? null : metric.unit();
  }

  private List<Tag> tags(Metric metric, String... values) {
    List<Tag> tags = new ArrayList<>();
    labels(metric, values).forEach(label -> tags.add(Tag.of(label.getName(), label.getValue())));
    return tags;
  }

  private Labels labels(Metric metric, String... values) {
    if (values.length != metric.labels().size()) {
      throw new IllegalArgumentException(metric.name() + " has the labels " + metric.labels());
    }
    String[] bounded = values.clone();
    int table = metric.labels().indexOf(Metric.TABLE);
    if (table >= 0) {
      bounded[table] = tables.of(values[table]);
    }
    return Labels.of(metric.labels().toArray(String[]::new), bounded);
  }

  /** All of it, in Prometheus' text format. */
  public String scrape() {
    return registry.scrape(TEXT_FORMAT);
  }

  static String contentType() {
    return TEXT_FORMAT;
  }

  @Override
  public void close() {
    for (AutoCloseable part : bound) {
      try {
        part.close();
      } catch (Exception e) {
        throw new IllegalStateException("Closing the JVM's metrics", e);
      }
    }
    registry.close();
  }
}
