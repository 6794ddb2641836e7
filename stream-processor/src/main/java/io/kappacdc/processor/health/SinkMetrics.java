package io.kappacdc.processor.health;

import io.kappacdc.processor.stream.QueryListener;
import io.kappacdc.telemetry.ErrorRate;
import io.kappacdc.telemetry.Meters;
import io.kappacdc.telemetry.ProcessorMetric;
import io.kappacdc.telemetry.WeightedHistogram;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Counts what a sink's query does, on the query's thread. */
final class SinkMetrics implements QueryListener {
  private final Meters meters;
  private final String sink;
  private final int tableBegin;
  private final ErrorRate errors;
  private final Counter batches;
  private final Counter restarts;
  private final Counter failures;
  private final DistributionSummary plan;
  private final DistributionSummary write;
  private final DistributionSummary moment;
  private final WeightedHistogram latency;

  /** Of the query's thread; bounded by the number of tables. */
  private final Map<String, Counter> changesByTopic = new HashMap<>();

  /**
   * @param topicPrefix of the tables' topics
   */
  SinkMetrics(Meters meters, String sink, String topicPrefix, ErrorRate errors) {
    this.meters = meters;
    this.sink = sink;
    this.tableBegin = topicPrefix.length() + 1;
    this.errors = errors;
    this.batches = meters.counter(ProcessorMetric.BATCHES.metric(), sink);
    this.restarts = meters.counter(ProcessorMetric.RESTARTS.metric(), sink);
    this.failures = meters.counter(ProcessorMetric.FAILURES.metric(), sink);
    this.plan = meters.summary(ProcessorMetric.BATCH.metric(), sink, "plan");
    this.write = meters.summary(ProcessorMetric.BATCH.metric(), sink, "write");
    this.moment = meters.summary(ProcessorMetric.BATCH.metric(), sink, "moment");
    this.latency = meters.histogram(ProcessorMetric.LATENCY.metric(), sink);
  }

  @Override
  public void committed(Batch batch) {
    batches.increment();
    plan.record(seconds(batch.plan()));
    write.record(seconds(batch.write()));
    batch
        .outcome()
        .rowsByTopic()
        .forEach(
            (topic, rows) -> {
              if (rows > 0) {
                changesByTopic.computeIfAbsent(topic, this::changes).increment(rows);
              }
            });
    long committedMillis = batch.committedAt().toEpochMilli();
    batch
        .outcome()
        .commitTimes()
        .forEach(
            (commitMillis, changes) ->
                latency.record(Math.max(0, committedMillis - commitMillis) / 1e3, changes));
  }

  private Counter changes(String topic) {
    return meters.counter(ProcessorMetric.CHANGES.metric(), sink, topic.substring(tableBegin));
  }

  @Override
  public void recordedMoment(Duration took) {
    moment.record(seconds(took));
  }

  @Override
  public void stopped(int partitions) {
    failures.increment(partitions);
    errors.failed();
  }

  @Override
  public void failed() {
    restarts.increment();
    failures.increment();
    errors.failed();
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
