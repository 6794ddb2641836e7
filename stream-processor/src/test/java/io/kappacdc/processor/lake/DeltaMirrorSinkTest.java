package io.kappacdc.processor.lake;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  void changedKeyKeepsUnsentValuesOfTheRowInTheMirror() {
    // Given: the keys are in several partitions; a price that is not a number is kept as text.
    SourceHistory history = new SourceHistory(FUNDS, 3);
    for (int i = 1; i < 7; i++) {
      history.create("" + i, "long-" + i, i % 2 == 0 ? "NaN" : "1.00");
    }
    write(history.all());
    int from = history.size();
    for (int i = 1; i < 7; i++) {
      history.rekey("" + i, "" + (10 + i), Row.ABSENT, i < 4 ? Row.ABSENT : "2.00");
    }
    history.create("3", "new-3", "3.00");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "11", asList("11", "long-1", "1.00"),
                "12", asList("12", "long-2", "NaN"),
                "13", asList("13", "long-3", "1.00"),
                "14", asList("14", "long-4", "2.00"),
                "15", asList("15", "long-5", "2.00"),
                "16", asList("16", "long-6", "2.00"),
                "3", asList("3", "new-3", "3.00")));
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void changedKeyKeepsUnsentValuesOfTheRowAsItWasInTheBatch() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 3);
    for (int i = 1; i < 6; i++) {
      history.create("" + i, "old-" + i, "1.00");
    }
    write(history.all());
    int from = history.size();
    history
        // Inserted, changed, moved on twice, changed again.
        .create("20", "inserted", "1.00")
        .update("20", Row.ABSENT, "2.00")
        .rekey("20", "21", Row.ABSENT, "3.00")
        .rekey("21", "22", Row.ABSENT, Row.ABSENT)
        .update("22", Row.ABSENT, "4.00")
        // Two rows change places.
        .rekey("1", "30", Row.ABSENT, Row.ABSENT)
        .rekey("2", "1", Row.ABSENT, Row.ABSENT)
        .rekey("30", "2", Row.ABSENT, "5.00")
        // Its value changed before it left; another row has its key now.
        .update("3", "changed-3", "1.00")
        .rekey("3", "31", Row.ABSENT, "6.00")
        .create("3", "another-3", "1.00")
        // Half of what is unsent comes from the batch, half from the mirror.
        .update("4", Row.ABSENT, "7.00")
        .rekey("4", "32", Row.ABSENT, Row.ABSENT)
        // Deleted, inserted anew, moved.
        .delete("5")
        .create("5", "anew-5", "8.00")
        .rekey("5", "33", Row.ABSENT, Row.ABSENT)
        // Gone in the end.
        .create("40", "gone", "1.00")
        .rekey("40", "41", Row.ABSENT, "1.00")
        .delete("41");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "22", asList("22", "inserted", "4.00"),
                "2", asList("2", "old-1", "5.00"),
                "1", asList("1", "old-2", "1.00"),
                "31", asList("31", "changed-3", "6.00"),
                "3", asList("3", "another-3", "1.00"),
                "32", asList("32", "old-4", "7.00"),
                "33", asList("33", "anew-5", "8.00")));
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void changedKeysSurviveARestartAReplayAndTruncates() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2);
    history.create("1", "one", "1.00").create("2", "two", "2.00");
    write(history.all());
    sink.close();
    sink = newSink();
    history.rekey("1", "11", Row.ABSENT, "1.50").rekey("2", "12", Row.ABSENT, Row.ABSENT);
    write(history.since(2));
    history.truncate().create("5", "five", "5.00").rekey("5", "1", Row.ABSENT, "5.50");
    sink.close();
    sink = newSink();

    // When
    write(history.all());
    write(history.all());

    // Then
    assertThat(mirror("fund")).isEqualTo(Map.of("1", asList("1", "five", "5.50")));
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void changedKeysAroundAColumnThatWidensKeepTheirValues() {
    // Given
    TableSchema narrow = SourceHistory.table("fund", 1, "id integer", "name text", "n integer");
    TableSchema wide = SourceHistory.table("fund", 1, "id integer", "name text", "n bigint");
    SourceHistory history = new SourceHistory(narrow, 3);
    SortedMap<String, List<String>> expected = new java.util.TreeMap<>();
    for (int i = 0; i < 9; i++) {
      history.create("" + i, "long-" + i, "1");
      expected.put("" + (200 + i), asList("" + (200 + i), "long-" + i, "5000000000"));
    }
    write(history.all());
    int from = history.size();
    for (int i = 0; i < 9; i++) {
      history.rekey("" + i, "" + (100 + i), Row.ABSENT, "2");
    }
    history.alter(wide);
    for (int i = 0; i < 9; i++) {
      history.rekey("" + (100 + i), "" + (200 + i), Row.ABSENT, "5000000000");
    }

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund")).isEqualTo(expected);
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void changedKeyWhoseFirstHalfIsNotInTheBatchStopsItsPartition() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "long", "1.00");
    history.rekey("1", "2", Row.ABSENT, "2.00").create("3", "three", "3.00");
    write(history.between(0, 2));

    // When
    write(history.since(2));

    // Then
    assertThat(mirror("fund")).isEmpty();
    assertThat(sink.stopped().get(new TopicPartition(history.topic(), 0)))
        .contains("lacks values that PostgreSQL did not send")
        .contains("processor.max-changes-per-batch")
        .doesNotContain("long");
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
        .contains("mirror has no such row")
        .endsWith(" `kappa replay --from earliest --rebuild --table public.fund`.");
    assertThat(sink.positions().get(new TopicPartition(history.topic(), 0)).nextOffset())
        .isEqualTo(1);
  }

  @Test
  void whatHadStoppedGetsAnotherTryWithTheNextQuery() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    history.update("7", Row.ABSENT, "2.00");
    write(history.since(1));
    spark.sql(
        "INSERT INTO delta.`%s` (id, name, _kappa_lsn, _kappa_ordinal) VALUES (7, 'seven', 1, 1)"
            .formatted(path("fund")));

    // When
    Map<TopicPartition, SinkPosition> positions = sink.positions();
    write(history.all());

    // Then
    assertThat(positions.values()).extracting(SinkPosition::nextOffset).containsExactly(1L);
    assertThat(mirror("fund")).containsEntry("7", asList("7", "seven", "2.00"));
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void aColumnThatWasRenamedBetweenTwoChangesOfARowIsNullUntilItsTableIsReadAgain() {
    // Given
    TableSchema renamed =
        SourceHistory.table("fund", 1, "id integer", "title text", "price numeric(10,2)");
    SourceHistory history =
        new SourceHistory(FUNDS, 2)
            .create("1", "long-1", "1.00")
            .create("2", "long-2", "1.00")
            .create("3", "long-3", "1.00")
            .alter(renamed)
            .update("1", Row.ABSENT, "1.50")
            .rekey("2", "12", Row.ABSENT, "2.50")
            .update("3", "new-3", "3.50");

    // When
    write(history.all());

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "1", asList("1", null, "1.50", null),
                "12", asList("12", null, "2.50", null),
                "3", asList("3", null, "3.50", "new-3")));

    // When
    int from = history.size();
    history.restartSnapshot().read("1", "long-1", "1.50").read("12", "long-2", "2.50");
    write(history.since(from));

    // Then
    assertThat(mirror("fund"))
        .containsEntry("1", asList("1", null, "1.50", "long-1"))
        .containsEntry("12", asList("12", null, "2.50", "long-2"));
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
    List<KafkaRecord> both = new ArrayList<>(funds.all());
    both.addAll(units.all());

    // When
    write(both);

    // Then
    assertThat(mirror("fund")).containsOnlyKeys("1");
    assertThat(mirror("unit")).containsOnlyKeys("7");
    assertThat(sink.stopped()).containsOnlyKeys(new TopicPartition(funds.topic(), 0));
    assertThat(sink.stopped().get(new TopicPartition(funds.topic(), 0)))
        .contains("Column 'price' of public.fund is now date")
        .endsWith("'ALTER TABLE mirror.public_fund RENAME COLUMN price TO price_decimal'");
  }

  /** Does what the reason of the only stopped partition says. */
  private void cure() {
    Cures.apply(spark, lake, sink.stopped().values());
    sink.close();
    sink = newSink();
  }

  @Test
  void goesOnAfterTheCureOfAStoppedTable() {
    // Given
    SourceHistory history =
        new SourceHistory(FUNDS, 1).create("1", "one", "1.00").create("2", "two", "NaN");
    write(history.all());
    history.alter(SourceHistory.table("fund", 1, "id integer", "name text", "price date"));
    history.create("3", "three", "2024-01-01").update("1", Row.ABSENT, "infinity");
    write(history.since(2));

    // When
    cure();
    write(history.since(2));
    history.update("3", Row.ABSENT, "2024-02-29").delete("2");
    write(history.since(4));

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "1", asList("1", "one", null, "infinity"),
                "3", asList("3", "three", null, "2024-02-29")));
    assertThat(spark.read().format("delta").load(path("fund")).columns())
        .startsWith("id", "name", "price_decimal", "price");
  }

  @Test
  void goesOnAfterTheCureOfATableWhoseKeyHasAnotherType() {
    // Given
    SourceHistory history =
        new SourceHistory(FUNDS, 2)
            .create("1", "one", "1.00")
            .create("2", "two", "2.00")
            .create("3", "three", "3.00");
    write(history.all());
    TableSchema texts =
        SourceHistory.table("fund", 1, "id text", "name text", "price numeric(10,2)");
    history.alter(texts).update("k-1", "uno", "1.50");
    write(history.since(3));

    // When: capture reads the table again.
    cure();
    history
        .restartSnapshot()
        .read("k-1", "uno", "1.50")
        .read("k-2", "two", "2.00")
        .read("k-3", "three", "3.00")
        .delete("k-3");
    write(history.since(3));

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(LakeRows.all(spark, path("fund")))
        .containsExactlyInAnyOrder(
            asList(null, "uno", "1.50", "k-1"), asList(null, "two", "2.00", "k-2"));
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void aKeyInTwoPartitionsOfATopicThatGotMoreIsOneRow(boolean hasRows, boolean isLaterFirst) {
    // Given: the first four changes are from before the topic got its second partition.
    if (hasRows) {
      write(inPartition(2, new SourceHistory(FUNDS, 1).create("99", "row", null).all()));
    }
    SourceHistory history =
        new SourceHistory(FUNDS, 1)
            .create("1", "one", "1.00")
            .create("2", "two", "2.00")
            .create("3", "three", "3.00")
            .create("4", "four", "4.00")
            .delete("1")
            .update("2", "zwei", "2.50")
            .delete("3")
            .create("3", "again", "3.50")
            .create("5", "gone", "5.00")
            .delete("5");
    List<KafkaRecord> batch = new ArrayList<>(history.between(0, 4));
    batch.addAll(isLaterFirst ? 0 : 4, inPartition(1, history.since(4)));

    // When
    write(batch);

    // Then
    SortedMap<String, List<String>> rows = mirror("fund");
    rows.remove("99");
    assertThat(rows)
        .isEqualTo(
            Map.of(
                "2", asList("2", "zwei", "2.50"),
                "3", asList("3", "again", "3.50"),
                "4", asList("4", "four", "4.00")));
  }

  /** The same records as if another partition had them. */
  private static List<KafkaRecord> inPartition(int partition, List<KafkaRecord> records) {
    List<KafkaRecord> moved = new ArrayList<>();
    for (KafkaRecord record : records) {
      moved.add(
          new KafkaRecord(record.topic(), partition, moved.size(), record.key(), record.value()));
    }
    return moved;
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

  private static TableSchema withKey(String... key) {
    TableSchema any =
        SourceHistory.table("fund", 0, "id integer", "code text", "price numeric(10,2)");
    return new TableSchema(
        any.schema(), any.table(), any.columns(), List.of(key), ReplicaIdentity.DEFAULT);
  }

  /** As capture reads a table again: a truncate, then all rows. */
  private static void restate(SourceHistory history, String[]... rows) {
    history.truncate();
    for (String[] row : rows) {
      history.create(row);
    }
  }

  @ParameterizedTest
  @CsvSource({"id,code", "'',id", "id,''"})
  void anotherKeyHoldsFromWhereTheTableIsReadAgain(String former, String later) {
    // Given
    SourceHistory history =
        new SourceHistory(former.isEmpty() ? withKey() : withKey(former), 2)
            .create("1", "a", "1.00")
            .create("2", "b", "2.00")
            .create("3", "c", "3.00");
    write(history.all());
    int from = history.size();
    history.alter(later.isEmpty() ? withKey() : withKey(later));
    history.create("4", "d", "4.00").create("5", "e", "5.00").create("6", "f", "6.00");

    // When
    write(history.since(from));

    // Then
    assertThat(mirror("fund")).containsOnlyKeys("1", "2", "3");
    assertThat(sink.stopped().values())
        .isNotEmpty()
        .allSatisfy(reason -> assertThat(reason).contains("primary key of public.fund changed"));

    // When
    from = history.size();
    restate(
        history,
        new String[] {"1", "a", "1.50"},
        new String[] {"2", "b", "2.00"},
        new String[] {"4", "d", "4.00"});
    history.create("7", "g", "7.00");
    write(history.since(from));
    from = history.size();
    history.create("8", "h", "8.00");
    if (!later.isEmpty()) {
      history.update("1", "a", "1.75").delete(later.equals("id") ? "4" : "d");
    }
    write(history.since(from));

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(mirror("fund").get("2")).isEqualTo(asList("2", "b", "2.00"));
    assertThat(mirror("fund"))
        .containsOnlyKeys(
            later.isEmpty()
                ? new String[] {"1", "2", "4", "7", "8"}
                : new String[] {"1", "2", "7", "8"})
        .containsEntry("1", asList("1", "a", later.isEmpty() ? "1.50" : "1.75"));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 100})
  void aReplayPassesThroughEveryKeyThatTheTableHad(int recordsPerBatch) {
    // Given
    SourceHistory history = new SourceHistory(withKey("id"), 2);
    history.create("1", "a", "1.00").create("2", "b", "2.00").update("1", "a", "1.10");
    history.alter(withKey("code")).update("1", "a", "1.20").create("3", "c", "3.00");
    restate(history, new String[] {"1", "a", "1.20"}, new String[] {"3", "c", "3.00"});
    history.update("1", "a", "1.30").create("9", "z", "9.00").delete("z");
    history.alter(withKey("id")).create("4", "d", "4.00");
    restate(history, new String[] {"1", "a", "1.30"}, new String[] {"4", "d", "4.00"});
    history.update("4", "dd", "4.40").create("5", "e", "5.00");

    // When
    for (int from = 0; from < history.size(); from += recordsPerBatch) {
      List<KafkaRecord> rest = history.since(from);
      write(rest.subList(0, Math.min(recordsPerBatch, rest.size())));
    }

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(mirror("fund"))
        .isEqualTo(
            Map.of(
                "1", asList("1", "a", "1.30"),
                "4", asList("4", "dd", "4.40"),
                "5", asList("5", "e", "5.00")));
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
