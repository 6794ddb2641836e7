package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.TableSchema;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeTableTest {
  private static final TableSchema FUNDS = SourceHistory.table("fund", 1, "id integer");

  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path lake;
  private LakeTable table;
  private long commits;

  @BeforeEach
  void makeTable() {
    try (DeltaMirrorSink sink =
        new DeltaMirrorSink(spark, lake.toString(), SourceHistory::schemas)) {
      sink.write(new RecordedBatch(spark, new SourceHistory(FUNDS, 1).create("1").all()));
    }
    table = open();
  }

  private LakeTable open() {
    return LakeTable.openMirror(spark, lake + "/mirror/public.fund", Duration.ofHours(1));
  }

  private void commitTo(LakeTable target) {
    target.commit(new LakeTable.Commit(target.shape(), List.of(), Map.of("test", ++commits), null));
  }

  @Test
  void commitsGoOnFromACheckpointThatWasWrittenBetweenThem() {
    // Given
    commitTo(table);
    commitTo(table);
    Runnable checkpointing = table.checkpointing();
    commitTo(table);

    // When
    checkpointing.run();

    // Then
    assertThat(table.versionsSinceCheckpoint()).isEqualTo(1);
    commitTo(table);
    assertThat(table.versionsSinceCheckpoint()).isEqualTo(2);
  }

  @Test
  void aCheckpointBringsNoCommitOfAnotherWriter() {
    // Given
    commitTo(table);
    long version = table.version();
    commitTo(open());

    // When
    table.checkpointing().run();
    table.versionsSinceCheckpoint();

    // Then
    assertThat(table.version()).isEqualTo(version);
    assertThat(table.isOvertaken()).isTrue();
  }
}
