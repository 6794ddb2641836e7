package io.kappacdc.processor.lake;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(MirrorSettings.Writer.class)
class DeltaMirrorSinkTest {
  private static final TableSchema FUNDS =
      SourceHistory.table("fund", 1, "id integer", "name text", "price numeric(10,2)");

  private final SparkSession spark = LakeSpark.session();
  private final MirrorSettings.Writer writer;
  @TempDir private Path lake;
  private DeltaMirrorSink sink;

  DeltaMirrorSinkTest(MirrorSettings.Writer writer) {
    this.writer = writer;
  }

  @BeforeEach
  void openSink() {
    sink = newSink();
  }

  @AfterEach
  void closeSink() {
    sink.close();
  }

  private DeltaMirrorSink newSink() {
    return new DeltaMirrorSink(
        spark, lake.toString(), SourceHistory::schemas, MirrorSettings.of(writer));
  }

  private void write(List<KafkaRecord> records) {
    sink.write(new RecordedBatch(spark, records));
  }

  private String path(String table) {
    return lake + "/mirror/public." + table;
  }

  private SortedMap<String, List<String>> mirror(String table) {
    return LakeRows.byId(spark, path(table));
  }

  private List<String> operations(String table) {
    return spark
        .sql("DESCRIBE HISTORY delta.`" + path(table) + "`")
        .select("operation")
        .as(org.apache.spark.sql.Encoders.STRING())
        .collectAsList();
  }

  @Test
  void recordsThatAreNoEventsGoToQuarantineOnceAndTheRestGoesOn() {
    // Given
    SourceHistory history =
        new SourceHistory(FUNDS, 1)
            .create("1", "one", "1.00")
            .garbage(0)
            .update("1", "uno", "1.00")
            .garbage(0);
    write(history.all());

    // When
    write(history.all());

    // Then
    assertThat(mirror("fund")).isEqualTo(Map.of("1", asList("1", "uno", "1.00")));
    assertThat(sink.stopped()).isEmpty();
    assertThat(sink.quarantined()).isEqualTo(2);
  }

  @Test
  void twentyChangesOfAKeyAndDeleteThenInsertInOneBatchLeaveTheLastState() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2).create("1", "one", "1.00");
    history.create("2", "two", "2.00");
    write(history.all());
    int from = history.size();
    for (int i = 0; i < 20; i++) {
      history.update("1", "one-" + i, i + ".50");
    }
    history.delete("2").create("2", "again", null).create("3", "gone", null).delete("3");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund"))
        .isEqualTo(Map.of("1", asList("1", "one-19", "19.50"), "2", asList("2", "again", null)));
    assertThat(operations("fund")).containsExactly("MERGE", "WRITE");
  }

  @Test
  void unchangedToastKeepsItsValueAcrossAndWithinBatches() {
    // Given
    SourceHistory history =
        new SourceHistory(FUNDS, 2).create("1", "long-1", "1.00").create("2", "long-2", "1.00");
    write(history.all());
    int from = history.size();
    history
        .update("1", Row.ABSENT, "2.00")
        .update("2", "longer-2", "2.00")
        .update("2", Row.ABSENT, "3.00")
        .create("3", "long-3", "1.00")
        .update("3", Row.ABSENT, "4.00");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "1", asList("1", "long-1", "2.00"),
                "2", asList("2", "longer-2", "3.00"),
                "3", asList("3", "long-3", "4.00")));
  }

  @Test
  void updateWithoutItsUnchangedValueAndWithoutRowStopsItsPartition() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    int from = history.size();
    history.update("7", Row.ABSENT, "2.00");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund")).containsOnlyKeys("1");
    assertThat(sink.stopped().get(new TopicPartition(history.topic(), 0)))
        .contains("public.fund", "mirror has no such row", "kappa replay --from earliest");
    assertThat(sink.positions().get(new TopicPartition(history.topic(), 0)).nextOffset())
        .isEqualTo(1);
  }

  @Test
  void truncateRemovesEarlierRowsOfAllPartitions() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2);
    for (int i = 0; i < 10; i++) {
      history.create("" + i, "n", "1.00");
    }
    write(history.all());
    int from = history.size();
    history.create("20", "early", null).truncate().create("1", "late", null);

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund")).isEqualTo(Map.of("1", asList("1", "late", null)));
  }

  @Test
  void truncateAloneEmptiesTheMirror() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2).create("1", "n", "1.00");
    write(history.all());
    int from = history.size();
    history.truncate();

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund")).isEmpty();
    assertThat(sink.positions().values().stream().mapToLong(SinkPosition::nextOffset).sum())
        .isEqualTo(2);
  }

  @Test
  void initialSnapshotIsAppendedWithoutMerge() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2);
    for (int i = 0; i < 40; i++) {
      history.read("" + i, "n", "1.00");
    }

    // When
    write(history.between(0, 10));
    write(history.between(10, 25));
    write(history.between(25, 40));

    // Then
    assertThat(mirror("fund")).hasSize(40);
    assertThat(operations("fund")).containsExactly("WRITE", "WRITE", "WRITE");
  }

  @Test
  void snapshotReadsAfterAnOlderHistoryAreMerged() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    int from = history.size();
    history.restartSnapshot().read("1", "one", "1.00").read("2", "two", "1.00");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund")).containsOnlyKeys("1", "2");
    assertThat(operations("fund")).containsExactly("MERGE", "WRITE");
  }

  @Test
  void positionsSurviveARestartAndAReplayChangesNothing() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2).create("1", "one", "1.00");
    write(history.all());
    history.update("1", "uno", "1.00").create("2", "two", null).delete("2");
    write(history.since(1));
    Map<TopicPartition, SinkPosition> before = sink.positions();
    int commits = operations("fund").size();

    // When
    sink.close();
    sink = newSink();
    write(history.all());

    // Then
    assertThat(sink.positions()).isEqualTo(before);
    assertThat(operations("fund")).hasSize(commits);
    assertThat(mirror("fund")).isEqualTo(Map.of("1", asList("1", "uno", "1.00")));
  }

  @Test
  void positionsOutliveACrashBetweenACommitAndItsChecksum() throws Exception {
    // Given
    write(new SourceHistory(FUNDS, 2).create("1", "one", "1.00").create("2", "two", null).all());
    Map<TopicPartition, SinkPosition> before = sink.positions();
    sink.close();
    DeltaLog.forTable(spark, lake + "/mirror/public.fund").checkpoint();

    // When
    LakeSpark.forgetChecksums(lake);
    sink = LakeSpark.inAThreadOfItsOwn(this::newSink);

    // Then
    assertThat(LakeSpark.inAThreadOfItsOwn(sink::positions)).isEqualTo(before).isNotEmpty();
  }

  @Test
  void lostPositionsAreRereadAndOlderChangesLose() {
    // Given
    SourceHistory history =
        new SourceHistory(FUNDS, 1).create("1", "one", "1.00").create("2", "two", "1.00");
    write(history.all());
    int from = history.size();
    history.update("1", "uno", "2.00").delete("2");
    write(history.since(from));
    spark.sql("DELETE FROM delta.`" + path("fund") + "` WHERE id = 99");
    sink.close();
    LakeLogs.forgetUserMetadata(path("fund"));

    // When
    sink = newSink();
    boolean wasLost = sink.positions().isEmpty();
    write(history.all());

    // Then
    assertThat(wasLost).isTrue();
    assertThat(mirror("fund")).isEqualTo(Map.of("1", asList("1", "uno", "2.00")));
  }

  @Test
  void columnAddedInMidBatchAppearsInTheMirror() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    int from = history.size();
    history.update("1", "uno", "1.00");
    history.alter(
        SourceHistory.table(
            "fund", 1, "id integer", "name text", "price numeric(10,2)", "since date"));
    history.create("2", "two", "2.00", "2024-02-29");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "1", asList("1", "uno", "1.00", null),
                "2", asList("2", "two", "2.00", "2024-02-29")));
  }

  @Test
  void widerTypeRewritesTheMirrorAndGoesOn() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2).create("1", "one", "1.50");
    write(history.all());
    int from = history.size();
    history.update("1", Row.ABSENT, "2.50");
    history.alter(SourceHistory.table("fund", 1, "id bigint", "name text", "price numeric(14,4)"));
    history.create("5000000000", "two", "2.1234");

    // When
    write(history.since(from));

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "1", asList("1", "one", "2.5000"),
                "5000000000", asList("5000000000", "two", "2.1234")));
  }

  @Test
  void incompatibleTypeStopsThatTableAloneAfterItsEarlierRows() {
    // Given
    SourceHistory funds = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    funds.alter(SourceHistory.table("fund", 1, "id integer", "name text", "price date"));
    funds.create("2", "two", "2024-01-01");
    SourceHistory units =
        new SourceHistory(SourceHistory.table("unit", 1, "id integer"), 1).create("7");
    List<KafkaRecord> both = new java.util.ArrayList<>(funds.all());
    both.addAll(units.all());

    // When
    write(both);

    // Then
    assertThat(mirror("fund")).containsOnlyKeys("1");
    assertThat(mirror("unit")).containsOnlyKeys("7");
    assertThat(sink.stopped()).containsOnlyKeys(new TopicPartition(funds.topic(), 0));
    assertThat(sink.stopped().get(new TopicPartition(funds.topic(), 0)))
        .contains("Column 'price' of public.fund is now date", "kappa replay --from earliest");
  }

  @Test
  void keylessTableTakesInsertsAndTruncatesButStopsAtDeletes() {
    // Given
    TableSchema log = SourceHistory.table("log", 0, "id integer", "note text");
    SourceHistory history =
        new SourceHistory(log, 1).create("1", "a").truncate().create("1", "b").create("2", "c");
    write(history.all());
    int from = history.size();
    history.create("3", "d").deleteFull("1", "b").create("4", "e");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("log")).containsOnlyKeys("1", "2", "3");
    assertThat(sink.stopped().values()).singleElement().asString().contains("no primary key");
  }

  @Test
  void keysWithoutTypedValueAreToldApart() {
    // Given
    TableSchema days = SourceHistory.table("day", 1, "id date", "note text");
    SourceHistory history =
        new SourceHistory(days, 1)
            .create("infinity", "a")
            .create("-infinity", "b")
            .create("0044-03-15 BC", "c");
    write(history.all());
    int from = history.size();
    history.update("infinity", "z").delete("0044-03-15 BC");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("day"))
        .isEqualTo(
            Map.of("infinity", asList("infinity", "z"), "-infinity", asList("-infinity", "b")));
  }

  @Test
  void columnNamesOfAllKindsWork() {
    // Given
    TableSchema odd =
        new TableSchema(
            "My Schema",
            "a.b",
            List.of(
                io.kappacdc.event.Column.of("id", "integer"),
                io.kappacdc.event.Column.of("ID", "text"),
                io.kappacdc.event.Column.of("price, in `€` (net)", "numeric(6,2)"),
                io.kappacdc.event.Column.of("_kappa_lsn", "text"),
                io.kappacdc.event.Column.of("a.b", "text")),
            List.of("id"),
            io.kappacdc.event.ReplicaIdentity.DEFAULT);
    SourceHistory history = new SourceHistory(odd, 1).create("1", "x", "1.00", "l", "dot");
    write(history.all());
    int from = history.size();
    history.update("1", "y", "2.00", Row.ABSENT, "dots");

    // When
    write(history.since(from));

    // Then
    assertThat(LakeRows.byId(spark, lake + "/mirror/My-20Schema.a-2eb"))
        .isEqualTo(Map.of("1", asList("1", "y", "2.00", "l", "dots")));
  }

  @Test
  void stagedFilesAreRemoved() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    history.update("1", "uno", "1.00");

    // When
    write(history.since(1));

    // Then
    assertThat(lake.resolve("mirror/public.fund/_kappa_staging"))
        .satisfiesAnyOf(
            d -> assertThat(d).doesNotExist(),
            d -> assertThat(d).isDirectoryNotContaining(f -> f.toString().endsWith(".parquet")));
  }

  @Test
  void secondWriterThatPlannedOnTheSamePositionsIsRefused() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    try (DeltaMirrorSink zombie = newSink()) {
      history.update("1", "uno", "1.00").create("2", "two", null);
      zombie.write(new RecordedBatch(spark, history.since(1)));
      history.delete("2");
      RecordedBatch batch = new RecordedBatch(spark, history.since(1));

      // When
      assertThatThrownBy(() -> sink.write(batch))
          .isInstanceOf(ConcurrentModificationException.class);

      // Then
      assertThat(mirror("fund")).containsOnlyKeys("1", "2");
      sink.write(batch);
      assertThat(mirror("fund")).containsOnlyKeys("1");
      assertThat(sink.positions()).isEqualTo(zombie.positions());
    }
  }

  @Test
  void manySmallFilesArePutTogetherAndPositionsStay() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    for (int i = 0; i < 70; i++) {
      history.read("" + i, "n", "1.00");
    }

    // When
    for (int i = 0; i < 70; i++) {
      write(history.between(i, i + 1));
    }

    // Then
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              write(List.of());
              assertThat(operations("fund")).contains("OPTIMIZE");
            });
    assertThat(mirror("fund")).hasSize(70);
    assertThat(sink.positions().get(new TopicPartition(history.topic(), 0)).nextOffset())
        .isEqualTo(70);
  }
}
