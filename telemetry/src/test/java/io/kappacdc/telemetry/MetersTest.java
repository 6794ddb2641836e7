package io.kappacdc.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetersTest {
  private final Meters meters = Meters.ofThisJvm();

  @AfterEach
  void close() {
    meters.close();
  }

  @Test
  void everyDeclaredMetricHasTheNamesInPrometheusThatItsDeclarationSays() {
    Metrics.all().forEach(metric -> Metrics.make(meters, metric));

    Set<String> series = Metrics.series(meters.scrape());

    assertThat(series.stream().filter(name -> name.startsWith("kappa_")))
        .hasSameElementsAs(Metrics.all().stream().flatMap(m -> m.series().stream()).toList());
  }

  @Test
  void theJvmsMetricsAreThere() {
    assertThat(Metrics.series(meters.scrape()))
        .contains(
            "jvm_memory_used_bytes",
            "jvm_memory_max_bytes",
            "jvm_gc_memory_allocated_bytes_total",
            "jvm_threads_live_threads",
            "process_cpu_usage",
            "process_uptime_seconds");
  }

  @Test
  void countsByTableUpToABoundAndTheRestTogether() {
    for (int table = 0; table < TableLabels.TABLES_MAX + 5; table++) {
      meters.counter(CaptureMetric.EVENTS.metric(), "public.t" + table).increment(2);
    }

    String scraped = meters.scrape();

    assertThat(scraped)
        .contains("kappa_capture_events_total{table=\"public.t0\"} 2.0")
        .contains("kappa_capture_events_total{table=\"(others)\"} 10.0");
    assertThat(scraped.lines().filter(line -> line.startsWith("kappa_capture_events_total{")))
        .hasSize(TableLabels.TABLES_MAX + 1);
  }

  @Test
  void aHistogramTakesManyEqualValuesAtOnce() {
    WeightedHistogram latency = meters.histogram(ProcessorMetric.LATENCY.metric(), "delta-trail");
    latency.record(0.1, 1_000_000);
    latency.record(0.3, 2);
    latency.record(1e9, 1);

    assertThat(meters.scrape())
        .contains("kappa_processor_latency_seconds_bucket{sink=\"delta-trail\",le=\"0.1\"} 1000000")
        .contains(
            "kappa_processor_latency_seconds_bucket{sink=\"delta-trail\",le=\"0.25\"} 1000000")
        .contains("kappa_processor_latency_seconds_bucket{sink=\"delta-trail\",le=\"0.5\"} 1000002")
        .contains(
            "kappa_processor_latency_seconds_bucket{sink=\"delta-trail\",le=\"+Inf\"} 1000003")
        .contains("kappa_processor_latency_seconds_count{sink=\"delta-trail\"} 1000003");
  }

  @Test
  void countsAndGaugesThatAreReadElsewhereOutliveACollection() {
    AtomicLong elsewhere = new AtomicLong();
    meters.counterOf(CaptureMetric.RECONNECTS.metric(), () -> elsewhere.get());
    meters.gauge(CaptureMetric.LAG.metric(), () -> elsewhere.get());
    System.gc();
    elsewhere.set(3);

    assertThat(meters.scrape())
        .contains("kappa_capture_reconnects_total 3.0\n", "kappa_capture_lag_seconds 3.0\n");
  }

  @Test
  void aMetricIsUsedAsItIsDeclared() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> meters.counter(CaptureMetric.LAG.metric()))
        .withMessage("kappa.capture.lag is a GAUGE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> meters.counter(CaptureMetric.EVENTS.metric()))
        .withMessage("kappa.capture.events has the labels [table]");
  }
}
