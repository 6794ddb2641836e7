package io.kappacdc.processor.lake;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SliceTask;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only the writer with an index can get wrong. */
class IndexMirrorWriterTest {
  private static final TableSchema FUNDS =
      SourceHistory.table("fund", 1, "id integer", "name text", "price numeric(10,2)");

  /** As many files of one row make a fold. */
  private static final int FILES_PER_FOLD = 16;

  /** The setting without which Delta cannot write a version of its log. */
  private static final String LOG_FILES = "fs.AbstractFileSystem.file.impl";

  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path lake;
  private DeltaMirrorSink sink;

  @BeforeEach
  void openSink() {
    sink = new DeltaMirrorSink(spark, lake.toString(), SourceHistory::schemas);
  }

  @AfterEach
  void closeSink() {
    sink.close();
  }

  private void write(List<KafkaRecord> records) {
    sink.write(new RecordedBatch(spark, records));
  }

  private String path() {
    return lake + "/mirror/public.fund";
  }

  private SortedMap<String, List<String>> mirror() {
    return LakeRows.byId(spark, path());
  }

  private List<String> operations() {
    return spark
        .sql("DESCRIBE HISTORY delta.`" + path() + "`")
        .select("operation")
        .as(Encoders.STRING())
        .collectAsList();
  }

  private void sql(String statement) {
    spark.sql(String.format(statement, "delta.`" + path() + "`"));
  }

  /** The same record as if its key belonged to another partition. */
  private static KafkaRecord inPartition(int partition, long offset, KafkaRecord record) {
    return new KafkaRecord(record.topic(), partition, offset, record.key(), record.value());
  }

  private List<Path> files(String part) {
    try (Stream<Path> all = Files.list(Path.of(path()))) {
      return all.filter(file -> file.getFileName().toString().startsWith(part)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void updateMarksTheOldRowAndRewritesNoFile() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    for (int i = 0; i < 100; i++) {
      history.create("" + i, "n", "1.00");
    }
    write(history.all());
    List<Path> before = files("part-");
    history.update("7", "seven", "7.00").delete("8");

    // When
    write(history.since(100));

    // Then
    assertThat(mirror()).hasSize(99).containsEntry("7", asList("7", "seven", "7.00"));
    assertThat(files("part-")).hasSize(before.size() + 1).containsAll(before);
    assertThat(files("deletion_vector_")).hasSize(1);
  }

  @Test
  void aCommitThatTheLogDoesNotTakeIsForgotten() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    for (int i = 0; i < 10; i++) {
      history.create("" + i, "n", "1.00");
    }
    write(history.all());
    write(history.update("7", "seven", "7.00").since(10));
    history.update("7", "eight", "8.00").update("8", "eight", "8.00");
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String files = hadoop.get(LOG_FILES);

    // When: Hadoop says so with an IOException, which Scala does not declare.
    hadoop.unset(LOG_FILES);
    try {
      assertThatThrownBy(() -> write(history.since(11))).hasRootCauseInstanceOf(IOException.class);
    } finally {
      hadoop.set(LOG_FILES, files);
    }
    write(history.since(11));
    write(history.update("7", "nine", "9.00").since(13));

    // Then
    assertThat(mirror()).hasSize(10).containsEntry("7", asList("7", "nine", "9.00"));
    assertThat(spark.read().format("delta").load(path()).count()).isEqualTo(10);
  }

  @Test
  void olderChangesInAnotherPartitionLose() {
    // Given: the topic has more partitions now, and the old one of the keys is read late.
    SourceHistory history = new SourceHistory(FUNDS, 1);
    history.create("1", "a", "1.00").create("2", "a", "1.00").create("3", "a", "1.00");
    history.update("1", "late", "2.00").delete("2").update("3", Row.ABSENT, "2.00");
    history.update("1", "new", "3.00").update("2", "new", "3.00").update("3", "new", "3.00");
    List<KafkaRecord> all = history.all();
    write(all.subList(0, 3));
    List<KafkaRecord> newer = new ArrayList<>();
    for (int i = 6; i < 9; i++) {
      newer.add(inPartition(1, i, all.get(i)));
    }
    write(newer);

    // When
    write(all.subList(3, 6));

    // Then
    assertThat(mirror().values()).extracting(row -> row.get(1)).containsOnly("new").hasSize(3);
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void newestOfTwoPartitionsInOneBatchWins() {
    for (int newerPartition = 0; newerPartition < 2; newerPartition++) {
      // Given
      SourceHistory history = new SourceHistory(FUNDS, 1);
      String id = "" + newerPartition;
      history.create(id, "older", "1.00").create(id, "newer", "2.00");
      List<KafkaRecord> batch = new ArrayList<>();
      batch.add(inPartition(1 - newerPartition, newerPartition, history.all().get(0)));
      batch.add(inPartition(newerPartition, newerPartition, history.all().get(1)));
      for (int i = 0; i < newerPartition; i++) {
        // Past what the first round has left as positions.
        batch.replaceAll(record -> inPartition(record.partition() + 2, 0, record));
      }
      // Not the first batch of the table, as that is appended.
      if (newerPartition == 0) {
        write(
            List.of(
                inPartition(
                    5, 0, new SourceHistory(FUNDS, 1).create("99", "x", null).all().get(0))));
      }

      // When
      write(batch);

      // Then
      assertThat(mirror()).containsEntry(id, asList(id, "newer", "2.00"));
    }
  }

  @Test
  void keyWhoseTextChangedWithItsTypeIsOneKeyInAReplay() {
    // Given
    TableSchema narrow = SourceHistory.table("fund", 1, "id numeric(6,2)", "name text");
    TableSchema wide = SourceHistory.table("fund", 1, "id numeric(8,4)", "name text");
    SourceHistory history = new SourceHistory(narrow, 1).create("1.50", "a").create("2.50", "b");
    write(history.all());
    history.alter(wide).update("1.5000", "aa").delete("2.5000");
    write(history.since(2));
    sink.close();
    LakeLogs.forgetUserMetadata(path());

    // When
    openSink();
    write(history.all());

    // Then
    assertThat(mirror()).isEqualTo(Map.of("1.5000", asList("1.5000", "aa")));
  }

  @Test
  void rowsDeletedByHandWhileABatchIsAtWorkStayDeleted() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    history.create("1", "a", "1.00").create("2", "b", "1.00").create("3", "c", "1.00");
    write(history.all());
    history.update("1", "aa", "1.00");
    write(history.since(3));
    history.update("2", "bb", "1.00");

    // When
    sink.write(
        new DisturbedBatch(
            new RecordedBatch(spark, history.since(4)), () -> sql("DELETE FROM %s WHERE id = 3")));

    // Then
    assertThat(mirror())
        .isEqualTo(Map.of("1", asList("1", "aa", "1.00"), "2", asList("2", "bb", "1.00")));
  }

  @Test
  void aColumnAddedByHandWhileABatchIsAtWorkMakesItStartAgain() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "a", "1.00");
    write(history.all());
    history.update("1", "aa", "1.00");
    RecordedBatch batch = new RecordedBatch(spark, history.since(1));

    // When
    assertThatThrownBy(
            () ->
                sink.write(
                    new DisturbedBatch(batch, () -> sql("ALTER TABLE %s ADD COLUMN note STRING"))))
        .isInstanceOf(ConcurrentModificationException.class);
    sink.write(batch);

    // Then
    assertThat(mirror()).isEqualTo(Map.of("1", asList("1", "aa", "1.00", null)));
  }

  @Test
  void commitGoesPastNobodysRows() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "a", "1.00");
    write(history.all());
    LakeTable table = LakeTable.open(spark, LakeTable.Kind.MIRROR, path());
    LakeTable.Commit commit =
        new LakeTable.Commit(table.shape(), List.of(), Map.of(), "mirror of nobody");
    LakeTable.Replacement removal =
        new LakeTable.Replacement(
            table.files().stream().map(file -> file.removeWithTimestamp(1, true)).toList(),
            List.of(),
            MirrorOperation.merge("removal"));
    sql("INSERT INTO %s (id, _kappa_lsn, _kappa_ordinal) VALUES (5, 1, 1)");

    // When, then
    assertThat(table.isOvertaken()).isTrue();
    assertThatThrownBy(() -> table.replace(commit, removal))
        .isInstanceOf(ConcurrentModificationException.class);
  }

  @Test
  void secondRowOfAKeyGoesWithTheNextBatch() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    history.create("1", "a", "1.00").create("2", "b", "1.00").create("3", "c", "1.00");
    write(history.all());
    sql("INSERT INTO %s (id, name, _kappa_lsn, _kappa_ordinal) VALUES (1, 'old', 1, 1)");
    sql("INSERT INTO %s (id, name, _kappa_lsn, _kappa_ordinal) VALUES (2, 'new', 99999999, 1)");
    history.update("3", "cc", "1.00");

    // When
    write(history.since(3));

    // Then
    assertThat(mirror().values())
        .extracting(row -> row.get(0) + row.get(1))
        .containsExactly("1a", "2new", "3cc");
  }

  @Test
  void changesDuringAFoldAreInTheFoldedFile() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    SortedMap<String, List<String>> expected = new TreeMap<>();
    for (int i = 0; i < 3 * FILES_PER_FOLD; i++) {
      history.create("" + i, "first", "1.00");
      history.create("" + (100 + i), "second", "2.00");
      expected.put("" + i, asList("" + i, "first", "1.00"));
      expected.put("" + (100 + i), asList("" + (100 + i), "second", "2.00"));
      write(history.since(history.size() - 2));
      // Each batch changes rows that a fold may be copying at that moment, or has just copied.
      if (i > 2) {
        String updated = "" + (i - 2);
        history.update(updated, Row.ABSENT, i + ".25").delete("" + (100 + i - 1));
        expected.put(updated, asList(updated, "first", i + ".25"));
        expected.remove("" + (100 + i - 1));
        write(history.since(history.size() - 2));
      }
    }

    // When
    awaitFold(1);
    for (int i = 1; i < 3 * FILES_PER_FOLD; i++) {
      history.update("" + i, "again", "3.00");
      expected.put("" + i, asList("" + i, "again", "3.00"));
    }
    write(history.since(history.size() - 3 * FILES_PER_FOLD + 1));

    // Then
    assertThat(mirror()).isEqualTo(expected);
  }

  private void awaitFold(int count) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              write(List.of());
              assertThat(Collections.frequency(operations(), "OPTIMIZE"))
                  .isGreaterThanOrEqualTo(count);
            });
  }

  @Test
  void foldOfFilesThatATruncateRemovedIsGivenUp() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    for (int i = 0; i < FILES_PER_FOLD; i++) {
      history.create("" + i, "n", "1.00");
      write(history.since(i));
    }
    history.truncate().create("1", "after", null);

    // When
    write(history.since(FILES_PER_FOLD));
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              write(List.of());
              assertThat(files("part-")).hasSize(FILES_PER_FOLD + 1);
            });

    // Then
    assertThat(mirror()).isEqualTo(Map.of("1", asList("1", "after", null)));
    assertThat(operations()).doesNotContain("OPTIMIZE");
  }

  @Test
  void tableWithoutDeletionVectorsIsWrittenByMerge() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    history.create("1", "a", "1.00").create("2", "b", "1.00").create("3", "c", "1.00");
    write(history.all());
    history.update("1", "aa", "1.00");
    write(history.since(3));
    sql("ALTER TABLE %s SET TBLPROPERTIES ('delta.enableDeletionVectors' = false)");
    sql("REORG TABLE %s APPLY (PURGE)");
    sink.close();
    openSink();
    int vectors = files("deletion_vector_").size();
    history.update("2", Row.ABSENT, "2.00").delete("3").create("4", "d", "1.00");

    // When
    write(history.since(4));

    // Then
    assertThat(mirror())
        .isEqualTo(
            Map.of(
                "1", asList("1", "aa", "1.00"),
                "2", asList("2", "b", "2.00"),
                "4", asList("4", "d", "1.00")));
    assertThat(files("deletion_vector_")).hasSize(vectors);
    assertThat(spark.read().format("delta").load(path()).inputFiles()).hasSizeGreaterThan(0);
  }

  @Test
  void tableWithoutDeletionVectorsTakesATruncateThatPartsTheRowsOfASlice() {
    // Given
    TableSchema keyless = SourceHistory.table("fund", 0, "id integer", "name text");
    SourceHistory history = new SourceHistory(keyless, 1).create("1", "a").create("2", "b");
    write(history.all());
    sql("ALTER TABLE %s SET TBLPROPERTIES ('delta.enableDeletionVectors' = false)");
    sink.close();
    openSink();
    history.create("3", "before").truncate().create("4", "after");
    List<KafkaRecord> all = history.all();

    // When
    write(List.of(all.get(3), inPartition(1, 0, all.get(2)), inPartition(1, 1, all.get(4))));

    // Then
    assertThat(mirror()).isEqualTo(Map.of("4", asList("4", "after")));
    assertThat(files("deletion_vector_")).isEmpty();
  }

  @Test
  void vacuumRemovesWhatFoldsAndBatchesLeaveBehind() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1);
    for (int i = 0; i < 3 * FILES_PER_FOLD; i++) {
      history.create("" + i, "n", "1.00");
      history.update("" + i / 2, "changed", i + ".00");
      write(history.since(2 * i));
    }
    awaitFold(1);
    SortedMap<String, List<String>> before = mirror();
    int vectors = files("deletion_vector_").size();
    spark.conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");

    // When
    try {
      sql("VACUUM %s RETAIN 0 HOURS");
    } finally {
      spark.conf().unset("spark.databricks.delta.retentionDurationCheck.enabled");
    }

    // Then
    assertThat(mirror()).isEqualTo(before);
    assertThat(files("deletion_vector_")).hasSizeLessThan(vectors / 2);
    assertThat(files("part-").size())
        .isEqualTo(spark.read().format("delta").load(path()).inputFiles().length);
    history.update("1", "after", null);
    write(history.since(history.size() - 1));
    assertThat(mirror()).containsEntry("1", asList("1", "after", null));
  }

  @Test
  void mirrorsKeepTheHistoryThatIsSet() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "a", "1.00");
    write(history.all());
    sink.close();
    MirrorSettings settings = MirrorSettings.of(MirrorSettings.Writer.INDEX);
    sink =
        new DeltaMirrorSink(
            spark,
            lake.toString(),
            SourceHistory::schemas,
            new MirrorSettings(
                settings.writer(), 1 << 20, settings.indexDirectory(), Duration.ofDays(2)));
    history.update("1", "b", "1.00");

    // When
    write(history.since(1));

    // Then
    assertThat(
            spark
                .sql("SHOW TBLPROPERTIES delta.`" + path() + "`")
                .where("key = 'delta.deletedFileRetentionDuration'")
                .select("value")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly("interval 172800 seconds");
  }

  @Test
  void anIndexThatOutgrowsItsBoundWhileItIsReadGoesToDisk(@TempDir Path indexes) {
    // Given: such keys take more than twice as much as is assumed of them.
    sink.close();
    sink =
        new DeltaMirrorSink(
            spark,
            lake.toString(),
            SourceHistory::schemas,
            new MirrorSettings(MirrorSettings.Writer.INDEX, 1 << 20, indexes, Duration.ofHours(6)));
    TableSchema texts = SourceHistory.table("fund", 1, "id text", "name text");
    SourceHistory history = new SourceHistory(texts, 1);
    String prefix = "x".repeat(300);
    for (int i = 0; i < 5000; i++) {
      history.create(prefix + i, "n");
    }
    write(history.all());
    history.update(prefix + 7, "seven").delete(prefix + 8);

    // When
    write(history.since(5000));

    // Then
    assertThat(indexes).isDirectoryRecursivelyContaining("glob:**/CURRENT");
    assertThat(mirror())
        .hasSize(4999)
        .containsEntry(prefix + 7, asList(prefix + 7, "seven"))
        .doesNotContainKey(prefix + 8);
  }

  /** Something happens to the table after the slices are read. */
  private record DisturbedBatch(ChangeBatch batch, Runnable incident) implements ChangeBatch {
    @Override
    public long batchId() {
      return batch.batchId();
    }

    @Override
    public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
      List<R> results = batch.forEachSlice(task);
      incident.run();
      return results;
    }
  }
}
