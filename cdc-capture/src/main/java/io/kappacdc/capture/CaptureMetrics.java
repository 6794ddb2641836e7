package io.kappacdc.capture;

import io.kappacdc.capture.CaptureStatus.Phase;
import io.kappacdc.capture.CaptureStatus.Slot;
import io.kappacdc.capture.publish.Committed;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.source.SlotMeasurement;
import io.kappacdc.telemetry.CaptureMetric;
import io.kappacdc.telemetry.Meters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Capture in figures. Counts a Kafka transaction at a time, on the publishing thread; the rest is
 * read off the status when it is asked for.
 */
final class CaptureMetrics {
  private final Meters meters;
  private final String topicPrefix;
  private final Counter transactions;
  private final DistributionSummary events;
  private final DistributionSummary bytes;
  private final DistributionSummary seconds;

  /** Of the publishing thread; bounded by the number of tables. */
  private final Map<String, TableCounters> tables = new HashMap<>();

  private record TableCounters(Counter events, Counter bytes) {}

  /**
   * @param topicPrefix of the tables' topics
   */
  CaptureMetrics(Meters meters, String topicPrefix) {
    this.meters = meters;
    this.topicPrefix = topicPrefix;
    this.transactions = meters.counter(CaptureMetric.TRANSACTIONS.metric());
    this.events = meters.summary(CaptureMetric.TRANSACTION_EVENTS.metric());
    this.bytes = meters.summary(CaptureMetric.TRANSACTION_BYTES.metric());
    this.seconds = meters.summary(CaptureMetric.TRANSACTION_SECONDS.metric());
  }

  /** Counts what Kafka has committed. */
  void committed(Committed committed) {
    transactions.increment();
    seconds.record(committed.nanos() / 1e9);
    if (committed.byTopic().isEmpty()) {
      return;
    }
    Committed.Volume total = committed.total();
    events.record(total.events());
    bytes.record(total.bytes());
    committed
        .byTopic()
        .forEach(
            (topic, volume) -> {
              TableCounters counters = tables.computeIfAbsent(topic, this::countersOf);
              counters.events().increment(volume.events());
              counters.bytes().increment(volume.bytes());
            });
  }

  private TableCounters countersOf(String topic) {
    String table = topic.substring(topicPrefix.length() + 1);
    return new TableCounters(
        meters.counter(CaptureMetric.EVENTS.metric(), table),
        meters.counter(CaptureMetric.PUBLISHED.metric(), table));
  }

  /** Shows what the status says. */
  void show(CaptureStatus status) {
    Clock clock = status.clock();
    meters.gauge(CaptureMetric.LAG.metric(), () -> lagSeconds(status.snapshot(), clock.instant()));
    meters.gauge(
        CaptureMetric.LSN.metric(),
        () -> {
          SourceOffset offset = status.snapshot().offset();
          return offset == null ? Double.NaN : offset.lsn();
        });
    for (Phase phase : Phase.values()) {
      meters.gauge(
          CaptureMetric.PHASE_NOW.metric(),
          () -> status.snapshot().phase() == phase ? 1 : 0,
          phase.name().toLowerCase(Locale.ROOT));
    }
    meters.counterOf(
        CaptureMetric.RECONNECTS.metric(), () -> Math.max(0, status.snapshot().session() - 1));
    meters.counterOf(CaptureMetric.FAILURES.metric(), () -> status.snapshot().failures());
    meters.gauge(CaptureMetric.RESNAPSHOTS.metric(), () -> status.snapshot().resnapshots().count());
    meters.gauge(CaptureMetric.SNAPSHOT_ROWS.metric(), () -> status.snapshot().snapshotRows());
    slot(CaptureMetric.SLOT_HELD, status, SlotMeasurement::heldBytes);
    slot(CaptureMetric.SLOT_UNCONFIRMED, status, SlotMeasurement::unconfirmedBytes);
    slot(CaptureMetric.SLOT_GROWTH, status, SlotMeasurement::growthBytesPerSecond);
    slot(CaptureMetric.SLOT_LEFT, status, measured -> orNone(measured.leftBytes()));
    slot(CaptureMetric.SLOT_LEFT_SECONDS, status, measured -> orNone(measured.leftSeconds()));
  }

  private void slot(
      CaptureMetric metric, CaptureStatus status, ToDoubleFunction<SlotMeasurement> figure) {
    meters.gauge(
        metric.metric(),
        () -> {
          Slot slot = status.snapshot().slot();
          return slot == null ? Double.NaN : figure.applyAsDouble(slot.measurement());
        });
  }

  private static double orNone(@Nullable Long number) {
    return number == null ? Double.NaN : number;
  }

  /** NaN before anything is published. */
  static double lagSeconds(CaptureStatus.Snapshot now, Instant at) {
    SourceOffset offset = now.offset();
    if (offset == null || offset.commitMicros() == 0) {
      return Double.NaN;
    }
    Instant commit = Instant.EPOCH.plus(offset.commitMicros(), ChronoUnit.MICROS);
    return Math.max(0, Duration.between(commit, at).toNanos() / 1e9);
  }
}
