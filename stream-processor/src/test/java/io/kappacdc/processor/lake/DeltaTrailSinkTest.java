package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaTrailSinkTest {
  private static final TableSchema FUNDS =
      SourceHistory.table("fund", 1, "id integer", "name text", "price numeric(10,2)");

  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path lake;
  private DeltaTrailSink sink;

  @BeforeEach
  void openSink() {
    sink = newSink();
  }

  @AfterEach
  void closeSink() {
    sink.close();
  }

  private DeltaTrailSink newSink() {
    return new DeltaTrailSink(spark, lake.toString(), SourceHistory::schemas);
  }

  private void write(List<KafkaRecord> records) {
    sink.write(new RecordedBatch(spark, records));
  }

  private Dataset<org.apache.spark.sql.Row> trail(String table) {
    return spark.read().format("delta").load(lake + "/trail/public." + table);
  }

  private List<String> rows(String table, String... expressions) {
    return trail(table)
        .orderBy("_kappa_lsn", "_kappa_ordinal")
        .selectExpr(expressions)
        .toJSON()
        .collectAsList();
  }

  @Test
  void everyKindOfChangeIsOneRow() {
    // Given
    SourceHistory history =
        new SourceHistory(FUNDS, 2)
            .read("1", "one", "1.50")
            .create("2", "two", null)
            .update("1", Row.ABSENT, "2.00")
            .delete("2")
            .truncate();

    // When
    write(history.all());

    // Then
    assertThat(
            rows(
                "fund",
                "_kappa_op op",
                "id",
                "name",
                "price",
                "_kappa_unchanged u",
                "_kappa_before b"))
        .containsExactly(
            "{\"op\":\"r\",\"id\":1,\"name\":\"one\",\"price\":1.50}",
            "{\"op\":\"c\",\"id\":2,\"name\":\"two\"}",
            "{\"op\":\"u\",\"id\":1,\"price\":2.00,\"u\":[\"name\"]}",
            "{\"op\":\"d\",\"id\":2,\"b\":\"{\\\"id\\\":2}\"}",
            "{\"op\":\"t\"}");
  }

  @Test
  void replayedBatchChangesNothing() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2);
    for (int i = 0; i < 20; i++) {
      history.create("" + i, "n" + i, "1.00");
    }
    write(history.all());
    Map<TopicPartition, SinkPosition> before = sink.positions();

    // When
    sink.close();
    sink = newSink();
    write(history.all());

    // Then
    assertThat(trail("fund").count()).isEqualTo(20);
    assertThat(sink.positions()).isEqualTo(before).hasSize(2);
    assertThat(before.values().stream().mapToLong(SinkPosition::nextOffset).sum()).isEqualTo(20);
  }

  @Test
  void positionsOutliveACrashBetweenACommitAndItsChecksum() throws Exception {
    // Given
    write(new SourceHistory(FUNDS, 2).create("1", "one", "1.00").create("2", "two", null).all());
    Map<TopicPartition, SinkPosition> before = sink.positions();
    sink.close();
    DeltaLog.forTable(spark, lake + "/trail/public.fund").checkpoint();

    // When
    LakeSpark.forgetChecksums(lake);
    sink = LakeSpark.inAThreadOfItsOwn(this::newSink);

    // Then
    assertThat(LakeSpark.inAThreadOfItsOwn(sink::positions)).isEqualTo(before).isNotEmpty();
  }

  @Test
  void crashBetweenFilesAndCommitLeavesOnlyOrphans() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2).create("1", "one", "1.00");
    write(history.all());
    int from = history.size();
    history.create("2", "two", null).create("3", "three", null);
    RecordedBatch batch = new RecordedBatch(spark, history.since(from));
    long files = parquetFiles();
    assertThatThrownBy(() -> sink.write(new CrashAfterTasks(batch)))
        .hasMessage("crashed before the commit");
    long orphans = parquetFiles() - files;

    // When
    sink.close();
    sink = newSink();
    write(history.all());

    // Then
    assertThat(orphans).isPositive();
    assertThat(rows("fund", "id")).containsExactly("{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
  }

  /** Runs the tasks, and dies before their results reach the sink. */
  private record CrashAfterTasks(ChangeBatch batch) implements ChangeBatch {
    @Override
    public long batchId() {
      return batch.batchId();
    }

    @Override
    public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
      batch.forEachSlice(task);
      throw new IllegalStateException("crashed before the commit");
    }
  }

  private long parquetFiles() {
    try (Stream<Path> files = Files.list(lake.resolve("trail/public.fund"))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void secondWriterThatPlannedOnTheSamePositionsIsRefused() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    try (DeltaTrailSink zombie = newSink()) {
      history.create("2", "two", null);
      RecordedBatch batch = new RecordedBatch(spark, history.since(1));
      zombie.write(batch);

      // When
      assertThatThrownBy(() -> sink.write(batch))
          .isInstanceOf(ConcurrentModificationException.class);

      // Then
      assertThat(trail("fund").count()).isEqualTo(2);
      sink.write(batch);
      assertThat(trail("fund").count()).isEqualTo(2);
    }
  }

  @Test
  void otherWritersMayRewriteTheTableMeanwhile() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    history.create("2", "two", null);
    write(history.since(1));
    spark.sql("OPTIMIZE delta.`" + lake + "/trail/public.fund`");
    history.create("3", "three", null);

    // When
    write(history.since(2));

    // Then
    assertThat(rows("fund", "id")).containsExactly("{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
  }

  @Test
  void columnAddedInMidBatchIsNullBefore() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    history.alter(SourceHistory.table("fund", 1, "id integer", "price numeric(10,2)", "made date"));
    history.create("2", "2.00", "2024-02-29");

    // When
    write(history.all());

    // Then
    assertThat(rows("fund", "id", "name", "price", "made"))
        .containsExactly(
            "{\"id\":1,\"name\":\"one\",\"price\":1.00}",
            "{\"id\":2,\"price\":2.00,\"made\":\"2024-02-29\"}");
  }

  @Test
  void widerTypeInMidBatchIsTakenUp() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 2).create("1", "one", "1.00");
    history.alter(SourceHistory.table("fund", 1, "id bigint", "name text", "price numeric"));
    history.create("5000000000", "two", "1e3").create("6", "six", "0.123456");

    // When
    write(history.all());

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(rows("fund", "id", "price"))
        .containsExactly(
            "{\"id\":1,\"price\":\"1.00\"}",
            "{\"id\":5000000000,\"price\":\"1e3\"}",
            "{\"id\":6,\"price\":\"0.123456\"}");
  }

  @Test
  void recordsThatAreNoEventsGoToQuarantineOnceAndTheRestGoesOn() {
    // Given
    SourceHistory history =
        new SourceHistory(FUNDS, 1)
            .create("1", "one", "1.00")
            .garbage(0)
            .create("2", "two", null)
            .garbage(0);
    TopicPartition partition = new TopicPartition(history.topic(), 0);
    write(history.all());

    // When
    write(history.all());
    sink.close();
    openSink();
    sink.positions();
    write(history.since(3));

    // Then
    assertThat(rows("fund", "id")).containsExactly("{\"id\":1}", "{\"id\":2}");
    assertThat(sink.stopped()).isEmpty();
    assertThat(sink.positions().get(partition).nextOffset()).isEqualTo(3);
    assertThat(sink.quarantined()).isEqualTo(2);
    assertThat(quarantine())
        .containsExactly(
            "delta-trail pgsrc.public.fund-0@1 01 Not a change event: JsonParseException",
            "delta-trail pgsrc.public.fund-0@3 01 Not a change event: JsonParseException");
  }

  private List<String> quarantine() {
    List<String> records = new ArrayList<>();
    new LakeCatalog(spark, lake.toString())
        .readQuarantine(
            found ->
                records.add(
                    "%s %s@%d %s %s"
                        .formatted(
                            found.sink(),
                            found.partition(),
                            found.offset(),
                            HexFormat.of().formatHex(found.value()),
                            found.reason())));
    return records;
  }

  @Test
  void aTopicBegunAnewHasOtherRecordsAtTheSameOffsets() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00").garbage(0);
    write(history.all());
    sink.beginAnew(Map.of(new TopicPartition(history.topic(), 0), 0L), 2);

    // When
    write(history.since(1));

    // Then
    assertThat(sink.quarantined()).isEqualTo(2);
  }

  @Test
  void incompatibleTypeStopsThatTableAlone() {
    // Given
    SourceHistory funds = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    funds.alter(SourceHistory.table("fund", 1, "id integer", "name text", "price date"));
    funds.create("2", "two", "2024-01-01");
    SourceHistory units =
        new SourceHistory(SourceHistory.table("unit", 0, "id integer"), 1).create("7");
    List<KafkaRecord> both = new ArrayList<>(funds.all());
    both.addAll(units.all());

    // When
    write(both);

    // Then
    assertThat(rows("fund", "id")).containsExactly("{\"id\":1}");
    assertThat(rows("unit", "id")).containsExactly("{\"id\":7}");
    assertThat(sink.stopped()).containsOnlyKeys(new TopicPartition(funds.topic(), 0));

    // When
    sink.positions();

    // Then
    assertThat(sink.stopped()).isEmpty();
    write(both);
    assertThat(sink.stopped()).hasSize(1);
  }

  @Test
  void goesOnAfterTheCureOfAStoppedTable() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    history.alter(SourceHistory.table("fund", 1, "id integer", "name text", "price date"));
    history.create("2", "two", "2024-01-01");
    history.alter(SourceHistory.table("fund", 1, "id text", "name text", "price date"));
    history.create("3-b", "three", "infinity");

    // When: one column after the other.
    for (int cures = 0; cures < 2; cures++) {
      write(history.all());
      Cures.apply(spark, lake, sink.stopped().values());
      sink.close();
      sink = newSink();
    }
    write(history.all());

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(rows("fund", "id_integer", "id", "price_decimal", "price", "_kappa_exact exact"))
        .containsExactly(
            "{\"id_integer\":1,\"price_decimal\":1.00}",
            "{\"id_integer\":2,\"price\":\"2024-01-01\"}",
            "{\"id\":\"3-b\",\"exact\":{\"price\":\"infinity\"}}");
  }

  @Test
  void tablesAreKnownBySqlNameWithTheirPast() {
    // Given
    SourceHistory history = new SourceHistory(FUNDS, 1).create("1", "one", "1.00");
    write(history.all());
    history.create("2", "two", null);
    write(history.since(1));
    SparkSession session = spark.newSession();
    LakeCatalog catalog = new LakeCatalog(session, lake.toString());

    // When
    catalog.register();

    // Then
    assertThat(session.sql("SELECT * FROM trail.public_fund").count()).isEqualTo(2);
    assertThat(session.sql("SELECT * FROM trail.public_fund VERSION AS OF 0").count()).isEqualTo(1);
    assertThat(session.sql("DESCRIBE HISTORY trail.public_fund").count()).isEqualTo(2);
    assertThat(catalog.tables())
        .singleElement()
        .extracting(LakeCatalog.Table::schema)
        .isEqualTo(FUNDS);
    session.sql("DROP DATABASE trail CASCADE");
  }
}
