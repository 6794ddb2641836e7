package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.lake.DeltaMirrorSink;
import io.kappacdc.processor.lake.DeltaTrailSink;
import io.kappacdc.processor.lake.MirrorSettings;
import io.kappacdc.processor.lake.SchemaSource;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.postgres.PostgresTrailSink;
import io.kappacdc.processor.schema.SchemaRegistry;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.processor.stream.SinkQuery;
import io.kappacdc.processor.stream.SinkQuerySettings;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ProcessorConfig.OnGap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever dies, each store stands at moments of the source, and says at which. */
class StoresAtMomentsTest {
  private static final Duration SOON = Duration.ofSeconds(240);
  private static final List<String> SINKS =
      List.of("postgres-trail", "delta-trail", "delta-mirror");
  private static final int MOMENTS_CHECKED = 4;

  @TempDir Path directory;

  private final SparkSession spark = SparkForTests.session();
  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final Transfers transfers = new Transfers(kafka);
  private final List<SinkQuery> queries = new ArrayList<>();
  private RecordedMoments moments;
  private OnGap onGap = OnGap.STOP;

  @BeforeEach
  void locateStores() {
    moments = new RecordedMoments(spark, directory + "/lake", postgres);
  }

  @AfterEach
  void close() throws Exception {
    stop();
    transfers.close();
  }

  private List<Sink> sinks() {
    String lake = directory + "/lake";
    SchemaSource schemas = schemas(kafka);
    return List.of(
        new PostgresTrailSink(postgres, kafka),
        new DeltaTrailSink(spark.newSession(), lake, schemas, Duration.ZERO),
        new DeltaMirrorSink(
            spark.newSession(),
            lake,
            schemas,
            MirrorSettings.of(MirrorSettings.Writer.INDEX),
            Duration.ZERO));
  }

  /** Travels to the executors, without the test. */
  private static SchemaSource schemas(KafkaSettings kafka) {
    return () -> SchemaRegistry.shared(kafka);
  }

  private List<SinkQuery> start(List<? extends Sink> sinks) {
    List<SinkQuery> started = new ArrayList<>();
    for (Sink sink : sinks) {
      SinkQuery query =
          new SinkQuery(
              spark.newSession(),
              sink,
              new SinkQuerySettings(
                  kafka,
                  kafka.topics().tablePattern(),
                  directory + "/work",
                  40,
                  onGap,
                  Start.SINK_POSITIONS));
      query.start();
      started.add(query);
    }
    queries.addAll(started);
    return started;
  }

  private void stop() throws Exception {
    for (SinkQuery query : queries) {
      query.close();
    }
    queries.clear();
  }

  /** Waits until all stores have recorded a moment at or behind this cut. */
  private void awaitAt(Cut cut) {
    for (String sink : SINKS) {
      await().atMost(SOON).until(() -> queries.stream().anyMatch(query -> isAt(query, sink, cut)));
    }
  }

  private static boolean isAt(SinkQuery query, String sink, Cut cut) {
    Cut completed = query.progress().snapshot().completed();
    return query.sink().name().equals(sink) && completed != null && completed.lsn() >= cut.lsn();
  }

  private static long last(List<Long> lsns) {
    return lsns.isEmpty() ? 0 : lsns.get(lsns.size() - 1);
  }

  private void assertEveryMomentHasTheSum() throws Exception {
    moments.refresh();
    for (long lsn : some(moments.of("delta-mirror"))) {
      assertThat(moments.sumInMirror(lsn)).as("mirror at %s", lsn).isEqualTo(Transfers.SUM);
      assertThat(moments.sumInPostgres(lsn)).as("trail at %s", lsn).isEqualTo(Transfers.SUM);
    }
    for (long lsn : some(moments.of("delta-trail"))) {
      assertThat(moments.sumInTrail(lsn)).as("lake trail at %s", lsn).isEqualTo(Transfers.SUM);
    }
  }

  private static List<Long> some(List<Long> lsns) {
    List<Long> shuffled = new ArrayList<>(lsns);
    Collections.shuffle(shuffled, new Random(3));
    List<Long> some = new ArrayList<>(shuffled.subList(0, Math.min(MOMENTS_CHECKED, lsns.size())));
    some.add(last(lsns));
    return some;
  }

  @Test
  void everyMomentIsOneOfTheSourceHoweverOftenTheSinksDie() throws Exception {
    // Given
    List<DyingSink> sinks = new ArrayList<>();
    sinks().forEach(sink -> sinks.add(new DyingSink(sink, sinks.size())));
    start(sinks);
    Cut cut = transfers.open();

    // When
    for (int round = 0; round < 6; round++) {
      cut = transfers.move(5);
      long lsn = cut.lsn();
      await().atMost(SOON).ignoreExceptions().until(() -> moments.progress() >= lsn);
    }
    awaitAt(cut);

    // Then
    assertThat(sinks).allSatisfy(sink -> assertThat(sink.deaths()).isPositive());
    assertEveryMomentHasTheSum();
    assertThat(moments.rowsInPostgres()).isEqualTo(transfers.changes());
    assertThat(moments.rowsInTrail()).isEqualTo(transfers.changes());
  }

  @Test
  void noCheckpointIsLeftToBeLostAndRestartsNeedNone() throws Exception {
    // Given
    start(sinks());
    Cut cut = transfers.open();
    awaitAt(cut);

    // When
    for (int round = 0; round < 2; round++) {
      stop();
      start(sinks());
      cut = transfers.move(5);
      awaitAt(cut);
    }

    // Then
    assertThat(directory.resolve("work")).doesNotExist();
    assertEveryMomentHasTheSum();
    assertThat(moments.rowsInPostgres()).isEqualTo(transfers.changes());
    assertThat(moments.rowsInTrail()).isEqualTo(transfers.changes());
  }

  @Test
  void aSecondProcessorOnTheSameStoresChangesNothing() throws Exception {
    // Given
    transfers.open();
    start(sinks());
    awaitAt(transfers.move(5));

    // When
    start(sinks());
    Cut cut = null;
    for (int round = 0; round < 3; round++) {
      cut = transfers.move(5);
      long lsn = cut.lsn();
      await().atMost(SOON).ignoreExceptions().until(() -> moments.progress() >= lsn);
    }
    awaitAt(cut);

    // Then
    assertEveryMomentHasTheSum();
    assertThat(moments.rowsInPostgres()).isEqualTo(transfers.changes());
    assertThat(moments.rowsInTrail()).isEqualTo(transfers.changes());
  }

  @Test
  void topicsBegunAnewAreTakenUpAtTheirBeginningWhenToldSo() throws Exception {
    // Given
    onGap = OnGap.RESUME;
    transfers.open();
    start(sinks());
    awaitAt(transfers.move(30));
    deleteTopics();
    transfers.capture().beginGeneration(Transfers.A, Transfers.B);
    transfers.capture().begin().commitPart();
    transfers.capture().createTable(Transfers.A).createTable(Transfers.B);

    // When
    transfers.restate();
    Cut cut = transfers.move(10);
    awaitAt(cut);
    stop();
    start(sinks());
    cut = transfers.move(3);
    awaitAt(cut);

    // Then
    assertEveryMomentHasTheSum();
    assertThat(moments.rowsInPostgres()).isEqualTo(transfers.changes());
    assertThat(moments.rowsInTrail()).isEqualTo(transfers.changes());
  }

  @Test
  void topicsBegunAnewAreRefusedUnlessToldSo() throws Exception {
    // Given
    transfers.open();
    List<SinkQuery> running = start(sinks());
    awaitAt(transfers.move(30));
    deleteTopics();
    transfers.capture().beginGeneration(Transfers.A, Transfers.B);

    // When
    transfers.capture().begin().commitPart();

    // Then
    for (SinkQuery query : running) {
      assertThat(query.ended())
          .failsWithin(SOON)
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(KappaException.class)
          .withMessageContaining("was begun anew")
          .withMessageContaining("generation 2");
    }
  }

  private void deleteTopics() throws Exception {
    List<String> topics =
        List.of(transfers.capture().topic(Transfers.A), transfers.capture().topic(Transfers.B));
    try (Admin admin = Admin.create(kafka.admin())) {
      admin.deleteTopics(topics).all().get(30, TimeUnit.SECONDS);
      await()
          .atMost(SOON)
          .until(() -> Collections.disjoint(admin.listTopics().names().get(), topics));
    }
  }
}
