package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Option;

class LogReplayTest {
  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path directory;

  private void sql(String statement) {
    spark.sql(statement.formatted("delta.`" + directory + "`"));
  }

  private static List<String> json(List<AddFile> files) {
    return files.stream().map(Action::json).sorted().toList();
  }

  /**
   * Asserts that the newest version's files are what Delta says, and returns how many these are.
   */
  private int assertFilesAreThoseOfDelta() {
    DeltaLog.clearCache();
    Snapshot snapshot =
        DeltaLog.forTable(spark, directory.toString())
            .update(false, Option.empty(), Option.empty());

    List<String> files = json(LogReplay.files(spark, snapshot));

    assertThat(files).isEqualTo(json(snapshot.allFiles().collectAsList()));
    return files.size();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", 'delta.checkpointPolicy' = 'v2'"})
  void filesAreThoseThatDeltaKnows(String properties) {
    sql(
        "CREATE TABLE %s (id int, part string) USING delta PARTITIONED BY (part)"
            + " TBLPROPERTIES ('delta.enableDeletionVectors' = 'true'"
            + properties
            + ")");
    sql("INSERT INTO %s SELECT /*+ COALESCE(1) */ id, 'ä %%1/' FROM range(100)");
    sql("INSERT INTO %s SELECT /*+ COALESCE(1) */ id, null FROM range(100)");
    sql("DELETE FROM %s WHERE id %% 7 = 3 AND part IS NOT NULL");
    DeltaLog.forTable(spark, directory.toString()).checkpoint();
    assertThat(assertFilesAreThoseOfDelta()).isEqualTo(2);
    sql("INSERT INTO %s VALUES (1001, 'behind the checkpoint')");
    sql("DELETE FROM %s WHERE part IS NULL");
    assertThat(assertFilesAreThoseOfDelta()).isEqualTo(2);
  }
}
