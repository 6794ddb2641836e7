package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakePathsTest {
  private static final TableSchema ORDERS = table("_audit", "orders");

  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path lake;
  private DeltaTrailSink trail;
  private DeltaMirrorSink mirror;

  private static TableSchema table(String schema, String name) {
    return new TableSchema(
        schema, name, List.of(Column.of("id", "integer")), List.of("id"), ReplicaIdentity.DEFAULT);
  }

  @BeforeEach
  void openSinks() {
    trail = new DeltaTrailSink(spark, lake.toString(), SourceHistory::schemas);
    mirror = new DeltaMirrorSink(spark, lake.toString(), SourceHistory::schemas);
  }

  @AfterEach
  void closeSinks() {
    trail.close();
    mirror.close();
  }

  private void write(SourceHistory history) {
    trail.write(new RecordedBatch(spark, history.all()));
    mirror.write(new RecordedBatch(spark, history.all()));
  }

  private long rows(String store) {
    return spark.read().format("delta").load(lake + "/" + store + "/-5faudit.orders").count();
  }

  @Test
  void directoriesNeverBeginAsHiddenOnesAndTwoTablesNeverShareOne() {
    assertThat(LakePaths.table("lake", ORDERS)).isEqualTo("lake/-5faudit.orders");
    assertThat(LakePaths.table("lake", table("-5faudit", "orders")))
        .isEqualTo("lake/-2d5faudit.orders");
    assertThat(LakePaths.table("lake", table(".audit", "_orders")))
        .isEqualTo("lake/-2eaudit._orders");
    assertThat(LakePaths.table("lake", table("_" + "a".repeat(300), "orders")))
        .startsWith("lake/-5faaa")
        .hasSizeLessThan(220);
  }

  @Test
  void aTableWhoseSchemaBeginsWithAnUnderscoreIsKnownAfterARestart() {
    // Given
    SourceHistory history = new SourceHistory(ORDERS, 2).create("1").create("2").create("3");
    write(history);
    Map<TopicPartition, SinkPosition> before = mirror.positions();

    // When
    closeSinks();
    openSinks();
    write(history);

    // Then
    assertThat(mirror.positions()).isEqualTo(before).isNotEmpty();
    assertThat(trail.positions()).isEqualTo(before);
    assertThat(rows("trail")).isEqualTo(3);
    assertThat(rows("mirror")).isEqualTo(3);
    assertThat(new LakeCatalog(spark, lake.toString()).tables())
        .extracting(LakeCatalog.Table::sqlName)
        .containsExactly("mirror._audit_orders", "trail._audit_orders");
  }

  @Test
  void aTableWhoseSchemaBeginsWithAnUnderscoreCanBeRebuilt() {
    // Given
    SourceHistory history = new SourceHistory(ORDERS, 1).create("1").create("2");
    write(history);
    closeSinks();

    // When
    LakeReset.empty(spark, lake.toString(), Optional.of(history.topic()));

    // Then
    openSinks();
    assertThat(trail.positions()).isEmpty();
    assertThat(mirror.positions()).isEmpty();
    write(history);
    assertThat(rows("trail")).isEqualTo(2);
    assertThat(rows("mirror")).isEqualTo(2);
  }
}
