package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.files.TahoeBatchFileIndex;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

class SmallTablesTest {
  private static final SparkSession SPARK = LakeSpark.session();
  @TempDir private static Path directory;

  @BeforeAll
  static void makeTable() {
    sql(
        "CREATE TABLE %s (id int, half int) USING delta"
            + " TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
    sql("INSERT INTO %s SELECT id, id DIV 2 FROM range(0, 100, 1, 1)");
    sql("DELETE FROM %s WHERE id = 7");
  }

  private static Dataset<Row> sql(String statement) {
    return SPARK.sql(statement.replace("%s", "delta.`" + directory.resolve("few") + "`"));
  }

  /** Where a query has the files from, that of each table. */
  private static List<FileIndex> indexes(Dataset<Row> query) {
    return Scala.list(query.queryExecution().optimizedPlan().collectLeaves()).stream()
        .map(leaf -> ((HadoopFsRelation) ((LogicalRelation) leaf).relation()).location())
        .toList();
  }

  private static void assertDeltaIsAsked(Dataset<Row> query) {
    assertThat(indexes(query)).isNotEmpty().noneMatch(TahoeBatchFileIndex.class::isInstance);
  }

  @Test
  void aSmallTableIsReadWithoutAskingDelta() {
    Dataset<Row> query = sql("SELECT max(half), sum(id) FROM %s WHERE id < 10");

    assertThat(indexes(query)).hasSize(1).allMatch(TahoeBatchFileIndex.class::isInstance);
    assertThat(query.head()).hasToString("[4,38]");
  }

  @Test
  void aQuerySeesOneVersionOfATableThatItNamesTwice() {
    Dataset<Row> join = sql("SELECT a.id FROM %s a JOIN %s b ON a.id = b.half WHERE b.id = 9");
    Dataset<Row> subquery =
        sql("SELECT half FROM %s WHERE id = (SELECT max(id) FROM %s WHERE id < 9)");

    assertDeltaIsAsked(join);
    assertThat(join.head().getInt(0)).isEqualTo(4);
    assertDeltaIsAsked(subquery);
    assertThat(subquery.head().getInt(0)).isEqualTo(4);
  }

  @Test
  void aTransactionKnowsWhatItRead() {
    OptimisticTransaction transaction =
        DeltaLog.forTable(SPARK, directory.resolve("few").toString())
            .startTransaction(Option.empty(), Option.empty());
    OptimisticTransaction.withActive(
        transaction,
        false,
        () -> {
          assertDeltaIsAsked(sql("SELECT sum(id) FROM %s"));
          return null;
        });
  }

  @Test
  void ofManyFilesDeltaLeavesOutSome() {
    String many = "delta.`" + directory.resolve("many") + "`";
    SPARK.sql("CREATE TABLE " + many + " USING delta AS SELECT id FROM range(0, 257, 1, 257)");

    Dataset<Row> query = SPARK.sql("SELECT id FROM " + many + " WHERE id > 254");

    assertDeltaIsAsked(query);
    assertThat(query.count()).isEqualTo(2);
  }
}
