package io.kappacdc.cli.console;

import io.kappacdc.cli.status.ProcessorStatus;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What capture and processor have counted up to one moment.
 *
 * @param nanos by {@link System#nanoTime()}
 * @param tables by {@code schema.table}: changes captured, then changes in each sink
 */
record Sample(
    long nanos,
    long atMillis,
    Captured captured,
    Map<String, Sink> sinks,
    Map<String, double[]> tables) {
  private static final String SINK = "sink";

  /** Of capture; NaN for what it does not say. */
  record Captured(double events, double bytes, double lagSeconds, double slotHeldBytes) {}

  /**
   * Of one sink; NaN for what it does not say.
   *
   * @param phaseSeconds in the order of {@link Field#PHASES}
   */
  record Sink(
      double changes,
      double lagEvents,
      double lagSeconds,
      double batches,
      double[] phaseSeconds,
      Histogram latency) {}

  /**
   * Takes it from what the two serve.
   *
   * @param status counts where no metrics are served
   */
  static Sample of(
      long nanos,
      long atMillis,
      Exposition capture,
      Exposition processor,
      @Nullable ProcessorStatus status) {
    Map<String, double[]> tables = new HashMap<>();
    tables(capture, "kappa_capture_events_total", "", 0, tables);
    Map<String, Sink> sinks = new HashMap<>();
    for (int i = 0; i < Field.SINKS.size(); i++) {
      String name = Field.SINKS.get(i);
      tables(processor, "kappa_processor_changes_total", name, i + 1, tables);
      sinks.put(name, sink(name, processor, status));
    }
    Captured captured =
        new Captured(
            capture.sum("kappa_capture_events_total"),
            capture.sum("kappa_capture_published_bytes_total"),
            capture.sum("kappa_capture_lag_seconds"),
            capture.sum("kappa_capture_slot_held_bytes"));
    return new Sample(nanos, atMillis, captured, sinks, tables);
  }

  private static Sink sink(String name, Exposition processor, @Nullable ProcessorStatus status) {
    double changes = processor.sum("kappa_processor_changes_total", SINK, name);
    double batches = processor.sum("kappa_processor_batches_total", SINK, name);
    if (Double.isNaN(batches) && status != null && status.sink(name).isPresent()) {
      changes = status.sink(name).get().rows();
      batches = status.sink(name).get().batches();
    }
    double[] phases = new double[Field.PHASES.size()];
    for (Exposition.Series series : processor.all("kappa_processor_batch_seconds_sum")) {
      int phase = Field.PHASES.indexOf(series.label("phase"));
      if (phase >= 0 && series.label(SINK).equals(name)) {
        phases[phase] = series.value();
      }
    }
    return new Sink(
        changes,
        processor.sum("kappa_processor_lag_events", SINK, name),
        processor.sum("kappa_processor_lag_seconds", SINK, name),
        batches,
        phases,
        Histogram.of(processor, "kappa_processor_latency_seconds", SINK, name));
  }

  private static void tables(
      Exposition figures, String metric, String sink, int place, Map<String, double[]> into) {
    for (Exposition.Series series : figures.all(metric)) {
      if (series.label(SINK).equals(sink)) {
        into.computeIfAbsent(series.label("table"), t -> new double[1 + Field.SINKS.size()])[
                place] =
            series.value();
      }
    }
  }

  /** The figures between an earlier sample and this one, in the order of {@link Field#ALL}. */
  double[] since(Sample earlier) {
    double seconds = (nanos - earlier.nanos) / 1e9;
    double[] values = new double[Field.ALL.size()];
    int at = 0;
    values[at++] = grown(earlier.captured.events(), captured.events()) / seconds;
    values[at++] = grown(earlier.captured.bytes(), captured.bytes()) / seconds;
    values[at++] = captured.lagSeconds();
    values[at++] = captured.slotHeldBytes();
    for (String name : Field.SINKS) {
      Sink now = sinks.get(name);
      Sink before = earlier.sinks.get(name);
      Histogram latency = now.latency().since(before.latency());
      values[at++] = grown(before.changes(), now.changes()) / seconds;
      values[at++] = now.lagEvents();
      values[at++] = now.lagSeconds();
      values[at++] = latency.quantile(0.5);
      values[at++] = latency.quantile(0.99);
      values[at++] = grown(before.batches(), now.batches());
      for (int phase = 0; phase < Field.PHASES.size(); phase++) {
        values[at++] = grown(before.phaseSeconds()[phase], now.phaseSeconds()[phase]);
      }
    }
    return values;
  }

  /**
   * Changes of a table a second since an earlier sample, captured and into each sink; NaN if
   * nothing was known then.
   */
  double[] rates(String table, Sample earlier) {
    double seconds = (nanos - earlier.nanos) / 1e9;
    double[] now = tables.getOrDefault(table, new double[1 + Field.SINKS.size()]);
    double[] before = earlier.tables.getOrDefault(table, new double[1 + Field.SINKS.size()]);
    double[] rates = new double[now.length];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = earlier.tables.isEmpty() ? Double.NaN : grown(before[i], now[i]) / seconds;
    }
    return rates;
  }

  /** A counter that is smaller than it was has begun anew. NaN unless it is known both times. */
  static double grown(double before, double now) {
    return now < before ? now : now - before;
  }
}
