package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.TableSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorVacuumTest {
  private static final TableSchema FUNDS = SourceHistory.table("fund", 1, "id integer");

  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path lake;

  private Path mirror(Duration history) {
    MirrorSettings normal = MirrorSettings.of(MirrorSettings.Writer.INDEX);
    MirrorSettings settings =
        new MirrorSettings(
            normal.writer(), normal.indexBytesMax(), normal.indexDirectory(), history);
    try (DeltaMirrorSink sink =
        new DeltaMirrorSink(spark, lake.toString(), SourceHistory::schemas, settings)) {
      sink.write(new RecordedBatch(spark, new SourceHistory(FUNDS, 1).create("1").all()));
    }
    return lake.resolve("mirror/public.fund");
  }

  /** A file that no version has. */
  private static Path fileOfAge(Path table, Duration age) throws IOException {
    Path file = Files.createFile(table.resolve("part-" + age.toMinutes() + ".parquet"));
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 75, 90, 119})
  void filesGoAfterAHistoryThatIsNoWholeNumberOfHours(int minutes) throws IOException {
    // Given
    Duration history = Duration.ofMinutes(minutes);
    Path mirror = mirror(history);
    Path old = fileOfAge(mirror, Duration.ofHours(3));
    Path young = fileOfAge(mirror, history.minusMinutes(5));

    // When
    new MirrorVacuum(spark, history, Clock.systemUTC()).run(mirror.toString());

    // Then
    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(LakeRows.byId(spark, mirror.toString())).containsOnlyKeys("1");
  }
}
