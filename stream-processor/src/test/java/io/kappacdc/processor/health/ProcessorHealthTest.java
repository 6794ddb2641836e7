package io.kappacdc.processor.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.ServersForTests;
import io.kappacdc.processor.SparkForTests;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.postgres.PostgresTrailSink;
import io.kappacdc.processor.stream.CapturedTopics;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.SinkQuery;
import io.kappacdc.processor.stream.SinkQuerySettings;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import io.kappacdc.runtime.config.ProcessorConfig.OnGap;
import io.kappacdc.telemetry.Health;
import io.kappacdc.telemetry.Health.State;
import io.kappacdc.telemetry.Meters;
import io.kappacdc.telemetry.ProcessorMetric;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorHealthTest {
  private static final Duration SOON = Duration.ofSeconds(180);
  private static final String SINK = "postgres-trail";
  private static final TableSchema FUND = table("fund");
  private static final TableSchema OTHER = table("other");

  @TempDir Path workDirectory;

  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final Meters meters = Meters.ofThisJvm();
  private final CapturedTopics topics = new CapturedTopics(kafka);
  private final ProcessorHealth health = ProcessorHealth.watch(kafka, meters, Clock.systemUTC());
  private SinkQuery query;

  private static TableSchema table(String name) {
    return new TableSchema(
        "public",
        name,
        List.of(Column.of("id", "integer")),
        List.of("id"),
        ReplicaIdentity.DEFAULT);
  }

  @BeforeEach
  void plan() {
    topics.createTable(FUND).createTable(OTHER);
    query =
        new SinkQuery(
            SparkForTests.session(),
            new PostgresTrailSink(postgres, kafka),
            new SinkQuerySettings(
                kafka,
                kafka.topics().tablePattern(),
                workDirectory.toString(),
                1000,
                OnGap.STOP,
                Start.SINK_POSITIONS),
            health.listenerOf(SINK));
    health.show(List.of(query), query.firstTrigger());
    health.database().answered();
  }

  @AfterEach
  void close() throws Exception {
    query.close();
    health.close();
    topics.close();
    meters.close();
  }

  private double value(ProcessorMetric metric, String labels) {
    String series = metric.metric().prometheusName() + labels + ' ';
    return meters
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .findFirst()
        .orElse(Double.NaN);
  }

  private void awaitValue(ProcessorMetric metric, String labels, double expected) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(value(metric, labels)).as(metric.name()).isEqualTo(expected));
  }

  private static String sink(String more) {
    return "{sink=\"" + SINK + '"' + more + '}';
  }

  @Test
  void theLagFallsToNothingAndTheCountersAreWhatWasWritten() {
    topics.begin();
    for (int id = 1; id <= 100; id++) {
      topics.create(FUND, "" + id);
    }
    topics.commit();
    Cut last = topics.begin().update(FUND, "1").create(OTHER, "1").commit();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(value(ProcessorMetric.LAG_EVENTS, sink(""))).isGreaterThan(101));
    assertThat(health.health().state()).isEqualTo(State.DEGRADED);
    assertThat(health.health().ready()).isFalse();

    query.start();

    awaitValue(ProcessorMetric.LAG_EVENTS, sink(""), 0);
    awaitValue(ProcessorMetric.LSN, sink(""), last.lsn());
    assertThat(value(ProcessorMetric.CHANGES, sink(",table=\"public.fund\""))).isEqualTo(101);
    assertThat(value(ProcessorMetric.CHANGES, sink(",table=\"public.other\""))).isEqualTo(1);
    assertThat(query.progress().snapshot().rows()).isEqualTo(102);
    assertThat(value(ProcessorMetric.BATCHES, sink("")))
        .isEqualTo(query.progress().snapshot().batches());
    assertThat(meters.scrape())
        .contains("kappa_processor_latency_seconds_count{sink=\"postgres-trail\"} 102\n");
    assertThat(value(ProcessorMetric.LAG, sink(""))).isPositive();
    assertThat(value(ProcessorMetric.LAST_BATCH, sink(""))).isGreaterThan(1.7e9);
    assertThat(value(ProcessorMetric.RUNNING, sink(""))).isEqualTo(1);
    assertThat(meters.scrape().lines().map(line -> line.split("[{ ]", 2)[0]))
        .filteredOn(name -> name.startsWith("kappa_"))
        .hasSameElementsAs(
            Arrays.stream(ProcessorMetric.values())
                .flatMap(metric -> metric.metric().series().stream())
                .toList());
  }

  @Test
  void aQueryThatRunsIsReadyAndUpWithItsFigures() {
    query.start();
    topics.begin().create(FUND, "1").create(FUND, "2").commit();
    awaitValue(ProcessorMetric.LAG_EVENTS, sink(""), 0);
    awaitValue(ProcessorMetric.KAFKA_UP, "", 1);

    Health now = health.health();

    assertThat(now.state()).isEqualTo(State.UP);
    assertThat(now.ready()).isTrue();
    assertThat(now.phase()).isEqualTo("RUNNING");
    assertThat(now.figures().records()).isEqualTo(2);
    assertThat(now.figures().lagEvents()).isZero();
    assertThat(now.figures().lastBatch()).isNotNull();
    assertThat(now.figures().errorsPerMinute()).isZero();
    assertThat(now.toJson()).doesNotContain("jdbc:", postgres.password());
  }

  @Test
  void whatIsInQuarantineIsCountedAndTheRestGoesOn() {
    query.start();

    topics.begin().garbage(FUND).create(FUND, "1").commit();

    awaitValue(ProcessorMetric.QUARANTINED, sink(""), 1);
    awaitValue(ProcessorMetric.CHANGES, sink(",table=\"public.fund\""), 1);
    assertThat(value(ProcessorMetric.STOPPED, sink(""))).isZero();
  }

  @Test
  void aPartitionThatStoppedDegradesItsSinkWithoutSayingTheValue() {
    query.start();
    topics.begin().create(OTHER, "1");
    for (int i = 0; i <= 20; i++) { // one too many for the quarantine
      topics.create(FUND, "no-number");
    }
    topics.commit();

    awaitValue(ProcessorMetric.STOPPED, sink(""), 1);
    awaitValue(ProcessorMetric.CHANGES, sink(",table=\"public.other\""), 1);

    assertThat(value(ProcessorMetric.FAILURES, sink(""))).isEqualTo(1);
    assertThat(health.health().dependencies().get(SINK).state()).isEqualTo(State.DEGRADED);
    assertThat(health.health().dependencies().get(SINK).reason())
        .startsWith("1 partitions have stopped")
        .contains(topics.topic(FUND));
    assertThat(health.health().figures().errorsPerMinute()).isEqualTo(1);
    assertThat(health.health().toJson() + meters.scrape()).doesNotContain("no-number");
  }
}
