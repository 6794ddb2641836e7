package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.delta.tables.DeltaTable;
import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CutLogTest {
  private static final TableSchema FUNDS =
      SourceHistory.table("fund", 1, "id integer", "name text");
  private static final TableSchema INCOMPATIBLE =
      SourceHistory.table("fund", 1, "id date", "name text");
  private static final TableSchema UNITS = SourceHistory.table("unit", 1, "id integer");

  private final SparkSession spark = LakeSpark.session();
  private final SourceHistory funds = new SourceHistory(FUNDS, 1);
  private final SourceHistory units = new SourceHistory(UNITS, 1);
  @TempDir private Path lake;
  private Sink trail;
  private Sink mirror;

  @BeforeEach
  void openSinks() {
    open();
  }

  @AfterEach
  void closeSinks() {
    trail.close();
    mirror.close();
  }

  private void open() {
    trail = newTrail();
    mirror =
        new DeltaMirrorSink(
            spark,
            lake.toString(),
            SourceHistory::schemas,
            MirrorSettings.of(MirrorSettings.Writer.INDEX),
            Duration.ZERO);
    trail.positions();
    mirror.positions();
  }

  private DeltaTrailSink newTrail() {
    return new DeltaTrailSink(spark, lake.toString(), SourceHistory::schemas, Duration.ZERO);
  }

  private ChangeBatch batch(List<KafkaRecord> records) {
    return new RecordedBatch(spark, records);
  }

  private static Cut cut(long lsn) {
    return new Cut(
        Cut.State.COMPLETE, lsn, 1_700_000_000_000_000L + lsn, 1, new TreeMap<>(Map.of()));
  }

  private List<String> rows(String where) {
    return spark
        .read()
        .format("delta")
        .load(lake + "/kappa/cuts")
        .where(where)
        .orderBy("lsn", "sink", "table_name")
        .selectExpr("concat_ws(' ', sink, lsn, table_name, coalesce(version, 'none'))")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  @Test
  void eachCutHasARowAndARowForEachTableThatChanged() {
    // Given
    funds.create("1", "one");
    units.create("7");
    trail.write(batch(funds.all()));
    trail.write(batch(units.all()));
    trail.completed(cut(100));
    units.create("8");
    trail.write(batch(units.since(1)));

    // When
    trail.completed(cut(200));

    // Then
    assertThat(rows("true"))
        .containsExactly(
            "delta-trail 100 none",
            "delta-trail 100 public.fund 0",
            "delta-trail 100 public.unit 0",
            "delta-trail 200 none",
            "delta-trail 200 public.unit 1");
    assertThat(
            spark
                .read()
                .format("delta")
                .load(lake + "/kappa/cuts")
                .where("lsn = 200 AND table_name IS NULL")
                .selectExpr("CAST(source_ts AS STRING)")
                .first()
                .getString(0))
        .isEqualTo("2023-11-14 22:13:20.0002");
  }

  @Test
  void bothSinksRecordInTheSameTable() {
    // Given
    funds.create("1", "one");
    trail.write(batch(funds.all()));
    mirror.write(batch(funds.all()));

    // When
    trail.completed(cut(100));
    mirror.completed(cut(100));

    // Then
    assertThat(rows("table_name IS NOT NULL"))
        .containsExactly("delta-mirror 100 public.fund 0", "delta-trail 100 public.fund 0");
  }

  @Test
  void aCutThatIsRecordedAlreadyOrOlderChangesNothing() {
    // Given
    funds.create("1", "one");
    trail.write(batch(funds.all()));
    trail.completed(cut(200));
    funds.create("2", "two");
    trail.write(batch(funds.since(1)));

    // When
    trail.completed(cut(200));
    trail.completed(cut(100));

    // Then
    assertThat(rows("true"))
        .containsExactly("delta-trail 200 none", "delta-trail 200 public.fund 0");
  }

  @Test
  void aSinkThatDiedBeforeItRecordedACutRecordsItAfterwards() {
    // Given
    funds.create("1", "one");
    trail.write(batch(funds.all()));
    trail.completed(cut(100));
    funds.create("2", "two");
    trail.write(batch(funds.since(1)));
    closeSinks();
    open();

    // When
    trail.completed(cut(200));

    // Then
    assertThat(rows("lsn = 200"))
        .containsExactly("delta-trail 200 none", "delta-trail 200 public.fund 1");
  }

  @Test
  void aStoppedTableHasNoVersionUntilItGoesOn() {
    // Given
    funds.create("1", "one").alter(INCOMPATIBLE).create("2024-01-01", "two");
    units.create("7");
    trail.write(batch(units.all()));
    trail.write(batch(funds.all()));
    trail.completed(cut(100));
    trail.completed(cut(200));
    closeSinks();
    open();
    funds.alter(FUNDS).create("3", "three");
    trail.write(batch(funds.since(2)));

    // When
    trail.completed(cut(300));

    // Then
    assertThat(rows("table_name = 'public.fund'"))
        .containsExactly("delta-trail 100 public.fund none", "delta-trail 300 public.fund 1");
  }

  @Test
  void aTableMadeAgainHasNoVersionAtMomentsBefore() {
    // Given
    funds.create("1", "one");
    units.create("7");
    trail.write(batch(funds.all()));
    trail.write(batch(units.all()));
    mirror.write(batch(funds.all()));
    trail.completed(cut(100));
    mirror.completed(cut(100));
    closeSinks();

    // When
    LakeReset.empty(spark, lake.toString(), Optional.of(funds.topic()));
    open();
    trail.write(batch(funds.all()));
    trail.completed(cut(200));

    // Then
    assertThat(rows("table_name IS NOT NULL"))
        .containsExactly(
            "delta-mirror 0 public.fund none",
            "delta-trail 0 public.fund none",
            "delta-trail 100 public.unit 0",
            "delta-trail 200 public.fund 0");
  }

  @Test
  void aRebuildOfAllTablesForgetsAllMoments() {
    // Given
    funds.create("1", "one");
    trail.write(batch(funds.all()));
    trail.completed(cut(100));
    closeSinks();

    // When
    LakeReset.empty(spark, lake.toString(), Optional.empty());
    open();
    trail.write(batch(funds.all()));
    trail.completed(cut(50));

    // Then
    assertThat(rows("true")).containsExactly("delta-trail 50 none", "delta-trail 50 public.fund 0");
  }

  @Test
  void ofTwoProcessorsTheOneThatIsBehindRecordsNothing() {
    // Given
    funds.create("1", "one");
    trail.write(batch(funds.all()));
    trail.completed(cut(100));
    try (Sink zombie = newTrail()) {
      zombie.positions();
      funds.create("2", "two");
      trail.write(batch(funds.since(1)));
      trail.completed(cut(300));

      // When
      zombie.completed(cut(200));

      // Then
      assertThat(rows("true"))
          .containsExactly(
              "delta-trail 100 none",
              "delta-trail 100 public.fund 0",
              "delta-trail 300 none",
              "delta-trail 300 public.fund 1");
    }
  }

  @Test
  void whatOtherProcessesRecordIsSeenBetweenListings() {
    // Given
    funds.create("1", "one");
    trail.write(batch(funds.all()));
    trail.completed(cut(100));
    DeltaLog.clearCache(); // from here on this sink and the next share no memory
    try (Sink successor = newTrail()) {
      successor.positions();
      funds.create("2", "two");
      successor.write(batch(funds.since(1)));
      successor.completed(cut(300));

      // When
      trail.completed(cut(200));
      funds.create("3", "three");
      successor.write(batch(funds.since(2)));
      successor.completed(cut(400));

      // Then
      assertThat(rows("true"))
          .containsExactly(
              "delta-trail 100 none",
              "delta-trail 100 public.fund 0",
              "delta-trail 300 none",
              "delta-trail 300 public.fund 1",
              "delta-trail 400 none",
              "delta-trail 400 public.fund 2");
    }
  }

  @Test
  void recordsNoMoreOftenThanToldAndIdleMomentsRarely() {
    // Given
    SettableClock clock = new SettableClock();
    try (CutLog log = new CutLog(spark, lake.toString(), "s", Duration.ofSeconds(1), clock)) {
      funds.create("1", "one");
      trail.write(batch(funds.all()));
      log.refresh();
      record(log, 100);
      clock.advance(Duration.ofMillis(999));
      write("2");
      record(log, 200);
      clock.advance(Duration.ofMillis(1));
      record(log, 300);
      clock.advance(Duration.ofMillis(29_999));
      record(log, 400);
      clock.advance(Duration.ofMillis(1));

      // When
      record(log, 500);

      // Then
      assertThat(rows("table_name IS NULL"))
          .containsExactly("s 100 none", "s 300 none", "s 500 none");
    }
  }

  @Test
  void ofTheTablesWritersOneAtATimeLooksAfterIt() throws IOException {
    // Given
    SettableClock clock = new SettableClock();
    Duration atOnce = Duration.ofMillis(1);
    try (CutLog first = new CutLog(spark, lake.toString(), "first", atOnce, clock);
        CutLog second = new CutLog(spark, lake.toString(), "second", atOnce, clock)) {
      LakeTable table = LakeTable.open(spark, LakeTable.Kind.TRAIL, lake + "/kappa/cuts");

      // When
      AtomicLong lsn = new AtomicLong();
      Awaitility.await()
          .pollInterval(Duration.ofMillis(10))
          .atMost(Duration.ofMinutes(3))
          .until(
              () -> {
                clock.advance(Duration.ofMinutes(1));
                first.completed(cut(lsn.incrementAndGet()), Map.of(), Set.of());
                second.completed(cut(lsn.get()), Map.of(), Set.of());
                table.refresh();
                return table.version() >= CutLog.VERSIONS_PER_UPKEEP + 5;
              });
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> first.isIdle() && second.isIdle());
    }

    // Then
    try (Stream<Path> log = Files.list(lake.resolve("kappa/cuts/_delta_log"))) {
      assertThat(log.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".checkpoint.parquet"))
          .containsExactly("00000000000000000100.checkpoint.parquet");
    }
    assertThat(
            DeltaTable.forPath(spark, lake + "/kappa/cuts")
                .history()
                .where("operation = 'OPTIMIZE'")
                .count())
        .isEqualTo(1);
  }

  private void write(String id) {
    int from = funds.size();
    funds.create(id, "x");
    trail.write(batch(funds.since(from)));
  }

  /** Waits until what was recorded, if anything was, is in the table. */
  private void record(CutLog log, long lsn) {
    LakeTable table = LakeTable.open(spark, LakeTable.Kind.TRAIL, lake + "/trail/public.fund");
    log.completed(cut(lsn), Map.of(funds.topic(), table), Set.of());
    Awaitility.await().atMost(30, TimeUnit.SECONDS).until(log::isIdle);
  }

  private static final class SettableClock extends Clock {
    private volatile Instant now = Instant.parse("2024-01-01T00:00:00Z");

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  @Test
  void theTableStaysSmallHoweverManyMomentsItHolds() {
    // Given
    try (CutLog log = new CutLog(spark, lake.toString(), "s", Duration.ZERO, Clock.systemUTC())) {
      funds.create("1", "one");
      trail.write(batch(funds.all()));
      LakeTable table = LakeTable.open(spark, LakeTable.Kind.TRAIL, lake + "/trail/public.fund");
      log.refresh();

      // When
      for (int lsn = 1; lsn <= 110; lsn++) {
        Set<TopicPartition> stopped =
            lsn % 2 == 0 ? Set.of(new TopicPartition(funds.topic(), 0)) : Set.of();
        log.completed(cut(lsn), Map.of(funds.topic(), table), stopped);
      }

      // Then
      assertThat(rows("table_name IS NULL")).hasSize(110);
      LakeTable cuts = LakeTable.open(spark, LakeTable.Kind.TRAIL, lake + "/kappa/cuts");
      assertThat(cuts.fileCount()).isLessThan(30);
      assertThat(cuts.versionsSinceCheckpoint()).isLessThan(60);
    }
  }
}
