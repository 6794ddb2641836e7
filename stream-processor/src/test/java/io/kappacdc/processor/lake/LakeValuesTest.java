package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.stream.KafkaRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every text in postgres-texts.tsv was printed by a real PostgreSQL. */
class LakeValuesTest {
  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path lake;

  @Test
  void everyValueComesBackAsPostgresPrintedIt() throws IOException {
    // Given
    Map<String, List<String>> textsByType = postgresTexts();
    List<KafkaRecord> records = new ArrayList<>();
    List<String> types = List.copyOf(textsByType.keySet());
    for (int i = 0; i < types.size(); i++) {
      SourceHistory history =
          new SourceHistory(SourceHistory.table("t" + i, 1, "id integer", "v " + types.get(i)), 1);
      List<String> texts = Objects.requireNonNull(textsByType.get(types.get(i)));
      for (int row = 0; row < texts.size(); row++) {
        history.create("" + row, texts.get(row));
      }
      records.addAll(history.all());
    }

    // When
    try (DeltaMirrorSink sink =
        new DeltaMirrorSink(spark, lake.toString(), SourceHistory::schemas)) {
      sink.write(new RecordedBatch(spark, records));
    }

    // Then
    for (int i = 0; i < types.size(); i++) {
      List<String> read =
          LakeRows.all(spark, lake + "/mirror/public.t" + i).stream()
              .map(row -> row.get(1))
              .toList();
      assertThat(read).as(types.get(i)).isEqualTo(textsByType.get(types.get(i)));
    }
  }

  private static Map<String, List<String>> postgresTexts() throws IOException {
    Map<String, List<String>> texts = new LinkedHashMap<>();
    try (InputStream file =
        Objects.requireNonNull(LakeValuesTest.class.getResourceAsStream("postgres-texts.tsv"))) {
      new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", 2))
          .forEach(line -> texts.computeIfAbsent(line[0], t -> new ArrayList<>()).add(line[1]));
    }
    return texts;
  }

  @Test
  void valuesThatSparkCanHoldAreTyped() {
    // Given
    SourceHistory history =
        new SourceHistory(
                SourceHistory.table(
                    "typed", 1, "id integer", "at timestamp(3) with time zone", "n numeric(6,2)"),
                1)
            .create("1", "2024-01-02 03:04:05.5+05:30:15", "12.50")
            .create("2", "infinity", "NaN");

    // When
    try (DeltaMirrorSink sink =
        new DeltaMirrorSink(spark, lake.toString(), SourceHistory::schemas)) {
      sink.write(new RecordedBatch(spark, history.all()));
    }

    // Then
    assertThat(
            spark
                .read()
                .format("delta")
                .load(lake + "/mirror/public.typed")
                .orderBy("id")
                .selectExpr("at", "n", "_kappa_exact e")
                .toJSON()
                .collectAsList())
        .containsExactly(
            "{\"at\":\"2024-01-01T21:33:50.500Z\",\"n\":12.50}",
            "{\"e\":{\"at\":\"infinity\",\"n\":\"NaN\"}}");
  }
}
