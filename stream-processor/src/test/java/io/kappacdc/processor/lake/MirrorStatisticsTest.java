package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.event.TableSchema;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.AddFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import scala.Option;

/** What Delta's readers know of a mirror's files before they open them. */
@ParameterizedClass
@EnumSource(MirrorSettings.Writer.class)
class MirrorStatisticsTest {
  private static final TableSchema ORDERS =
      SourceHistory.table("orders", 2, "id bigint", "code text", "note text");
  private static final String LONG_TEXT = "\u00e4".repeat(31) + "\ud83d\ude00z and more";

  private final SparkSession spark = LakeSpark.session();
  private final MirrorSettings.Writer writer;
  @TempDir private Path lake;
  private DeltaMirrorSink sink;

  MirrorStatisticsTest(MirrorSettings.Writer writer) {
    this.writer = writer;
  }

  @BeforeEach
  void openSink() {
    sink =
        new DeltaMirrorSink(
            spark, lake.toString(), SourceHistory::schemas, MirrorSettings.of(writer));
  }

  @AfterEach
  void closeSink() {
    sink.close();
  }

  private String path() {
    return lake + "/mirror/public.orders";
  }

  private Snapshot snapshot() {
    return DeltaLog.forTable(spark, path()).update(false, Option.empty(), Option.empty());
  }

  private List<AddFile> files() {
    return snapshot().allFiles().collectAsList();
  }

  /** Files that Delta would have a query open. */
  private long filesRead(String condition) {
    Dataset<Row> query = spark.read().format("delta").load(path()).where(condition);
    Expression filter = ((Filter) query.queryExecution().analyzed()).condition();
    return snapshot().filesForScan(Scala.seq(List.of(filter)), false).files().size();
  }

  private void write(SourceHistory history, int from) {
    sink.write(new RecordedBatch(spark, history.since(from)));
  }

  @Test
  void aQueryByKeyOpensOnlyTheFilesThatCanHaveIt() {
    SourceHistory history = new SourceHistory(ORDERS, 1);
    for (int batch = 0; batch < 3; batch++) {
      int from = history.size();
      for (int i = 0; i < 10; i++) {
        history.create("" + (batch * 10 + i - 5), "line-" + batch, "n");
      }
      write(history, from);
    }

    assertThat(files()).hasSize(3);
    assertThat(filesRead("id = 12L")).isEqualTo(1);
    assertThat(filesRead("id BETWEEN 4L AND 5L")).isEqualTo(2);
    assertThat(filesRead("id < -5L")).isZero();
    assertThat(filesRead("code = 'line-1'")).isEqualTo(1);
    assertThat(filesRead("note = 'n'")).isEqualTo(3);
  }

  @Test
  void boundsAreThoseOfTheFilesRows() throws Exception {
    SourceHistory history =
        new SourceHistory(ORDERS, 1)
            .create("9223372036854775807", "b", "n")
            .create("-9223372036854775808", LONG_TEXT, "n")
            .create("0", "", "n");
    write(history, 0);

    JsonNode statistics = new ObjectMapper().readTree(files().get(0).stats());

    assertThat(files()).hasSize(1);
    assertThat(statistics.at("/numRecords").asLong()).isEqualTo(3);
    assertThat(statistics.at("/minValues/id").asLong()).isEqualTo(Long.MIN_VALUE);
    assertThat(statistics.at("/maxValues/id").asLong()).isEqualTo(Long.MAX_VALUE);
    assertThat(statistics.at("/nullCount/id").asLong()).isZero();
    assertThat(filesRead("code = '" + LONG_TEXT + "'")).isEqualTo(1);
    assertThat(filesRead("code > '" + LONG_TEXT + "'")).isEqualTo(1);
    assertThat(filesRead("code > '\u00f6'")).isZero();
    assertThat(filesRead("code < ''")).isZero();
  }

  @Test
  void valuesThatTheTypeDoesNotHoldAreNullsAndAreFound() {
    TableSchema days = SourceHistory.table("orders", 1, "id date", "note text");
    SourceHistory history =
        new SourceHistory(days, 1).create("infinity", "n").create("2026-01-01", "n");
    write(history, 0);

    assertThat(filesRead("id IS NULL")).isEqualTo(1);
    assertThat(filesRead("id = DATE '2026-01-01'")).isEqualTo(1);
  }
}
