package io.kappacdc.telemetry;

import static io.kappacdc.telemetry.Metric.NONE;
import static io.kappacdc.telemetry.Metric.PHASE;
import static io.kappacdc.telemetry.Metric.SECONDS;
import static io.kappacdc.telemetry.Metric.SINK;
import static io.kappacdc.telemetry.Metric.TABLE;
import static io.kappacdc.telemetry.Metric.counter;
import static io.kappacdc.telemetry.Metric.gauge;
import static io.kappacdc.telemetry.Metric.summary;

/** The metrics of the processor. */
public enum ProcessorMetric {
  CHANGES(
      counter(
          "kappa.processor.changes",
          NONE,
          "Changes committed to a store; those that it had already are not counted.",
          SINK,
          TABLE)),
  BATCHES(counter("kappa.processor.batches", NONE, "Batches committed to a store.", SINK)),
  BATCH(
      summary(
          "kappa.processor.batch",
          SECONDS,
          "How long a batch took, by phase: plan, from its end being known to its first task; write,"
              + " until the store has committed; moment, recording the moment of the source.",
          SINK,
          PHASE)),
  LAST_BATCH(
      gauge(
          "kappa.processor.last.batch.timestamp",
          SECONDS,
          "When a store committed last, seconds since 1970; 0 before the first time.",
          SINK)),
  LSN(
      gauge(
          "kappa.processor.lsn",
          NONE,
          "LSN of the moment of the source at which a store is complete, as a number.",
          SINK)),
  LAG_EVENTS(
      gauge(
          "kappa.processor.lag.events",
          NONE,
          "Offsets between where a store is and the newest cut in Kafka; markers of transactions"
              + " count as well.",
          SINK)),
  LAG(
      gauge(
          "kappa.processor.lag",
          SECONDS,
          "Now, less the source's time of the moment at which a store is complete.",
          SINK)),
  LATENCY(
      summary(
              "kappa.processor.latency",
              SECONDS,
              "From a change's commit at the source to its commit in a store.",
              SINK)
          .withBuckets(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200)),
  RUNNING(
      gauge(
          "kappa.processor.running",
          NONE,
          "1 while the query that feeds a store runs, 0 while it waits to be started again.",
          SINK)),
  STOPPED(
      gauge(
          "kappa.processor.stopped.partitions",
          NONE,
          "Topic partitions that a store cannot take on; a table has several.",
          SINK)),
  QUARANTINED(
      gauge(
          "kappa.processor.quarantined.records",
          NONE,
          "Records that a store could not read and has in quarantine.",
          SINK)),
  RESTARTS(
      counter(
          "kappa.processor.query.restarts",
          NONE,
          "How often a store's query was started again after an error.",
          SINK)),
  FAILURES(
      counter(
          "kappa.processor.failures",
          NONE,
          "What went wrong: queries that ended with an error, and partitions that stopped.",
          SINK)),
  DATABASE_UP(
      gauge(
          "kappa.processor.sink.database.up",
          NONE,
          "1 while the trail's database answers, 0 while it does not.")),
  KAFKA_UP(gauge("kappa.processor.kafka.up", NONE, "1 while Kafka answers, 0 while it does not."));

  private final Metric metric;

  ProcessorMetric(Metric metric) {
    this.metric = metric;
  }

  public Metric metric() {
    return metric;
  }
}
