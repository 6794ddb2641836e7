package io.kappacdc.telemetry;

import static io.kappacdc.telemetry.Metric.BYTES;
import static io.kappacdc.telemetry.Metric.BYTES_PER_SECOND;
import static io.kappacdc.telemetry.Metric.NONE;
import static io.kappacdc.telemetry.Metric.PHASE;
import static io.kappacdc.telemetry.Metric.SECONDS;
import static io.kappacdc.telemetry.Metric.TABLE;
import static io.kappacdc.telemetry.Metric.counter;
import static io.kappacdc.telemetry.Metric.gauge;
import static io.kappacdc.telemetry.Metric.summary;

/** The metrics of capture. */
public enum CaptureMetric {
  EVENTS(counter("kappa.capture.events", NONE, "Events that Kafka has committed.", TABLE)),
  PUBLISHED(
      counter(
          "kappa.capture.published",
          BYTES,
          "Size of those events before compression, keys and values.",
          TABLE)),
  TRANSACTIONS(counter("kappa.capture.kafka.transactions", NONE, "Kafka transactions committed.")),
  TRANSACTION_EVENTS(
      summary("kappa.capture.kafka.transaction.events", NONE, "Events in a Kafka transaction.")),
  TRANSACTION_BYTES(
      summary("kappa.capture.kafka.transaction", BYTES, "Size of a Kafka transaction's events.")),
  TRANSACTION_SECONDS(
      summary(
          "kappa.capture.kafka.transaction.duration",
          SECONDS,
          "Time from a Kafka transaction's beginning until it is committed.")),
  LAG(
      gauge(
          "kappa.capture.lag",
          SECONDS,
          "Now, less the source's time at the last place that is published; an idle source is asked"
              + " for one every capture.heartbeat-interval.")),
  LSN(gauge("kappa.capture.lsn", NONE, "LSN up to which the source is published, as a number.")),
  PHASE_NOW(
      gauge(
          "kappa.capture.phase",
          NONE,
          "1 for the phase capture is in, 0 for the others: starting, snapshot, streaming, retrying,"
              + " stopped, failed.",
          PHASE)),
  RECONNECTS(
      counter("kappa.capture.reconnects", NONE, "Attempts to capture after the process's first.")),
  FAILURES(counter("kappa.capture.failures", NONE, "Attempts that ended with an error.")),
  RESNAPSHOTS(
      gauge(
          "kappa.capture.resnapshots",
          NONE,
          "How often all tables were read anew because changes had been lost, since the stream"
              + " began.")),
  SNAPSHOT_ROWS(
      gauge(
          "kappa.capture.snapshot.rows", NONE, "Rows that the snapshot of this attempt has read.")),
  SLOT_HELD(gauge("kappa.capture.slot.held", BYTES, "WAL that the source keeps for the slot.")),
  SLOT_UNCONFIRMED(
      gauge(
          "kappa.capture.slot.unconfirmed",
          BYTES,
          "WAL behind the last place that capture has confirmed.")),
  SLOT_GROWTH(
      gauge(
          "kappa.capture.slot.growth",
          BYTES_PER_SECOND,
          "How fast the WAL that the slot holds grows; negative while it shrinks.")),
  SLOT_LEFT(
      gauge(
          "kappa.capture.slot.left",
          BYTES,
          "WAL that may still be written before a limit is reached; NaN without one.")),
  SLOT_LEFT_SECONDS(
      gauge(
          "kappa.capture.slot.time.left",
          SECONDS,
          "When that happens at the present growth; NaN while it does not grow."));

  private final Metric metric;

  CaptureMetric(Metric metric) {
    this.metric = metric;
  }

  public Metric metric() {
    return metric;
  }
}
