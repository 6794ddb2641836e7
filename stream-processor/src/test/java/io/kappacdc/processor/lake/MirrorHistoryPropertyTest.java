package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.KafkaRecord;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random histories, cut into random batches, some of them repeated: the mirror is their fold. */
class MirrorHistoryPropertyTest {
  private static final TableSchema ITEMS =
      SourceHistory.table(
          "item", 1, "id integer", "toast text", "n numeric(8,2)", "at timestamp with time zone");
  private static final int KEYS = 25;

  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path lake;

  @ParameterizedTest
  @CsvSource({"1,INDEX", "2,INDEX", "3,INDEX", "1,MERGE", "2,MERGE"})
  void mirrorIsTheFoldOfTheHistory(long seed, MirrorSettings.Writer writer) {
    // Given
    Random random = new Random(seed);
    SourceHistory history = new SourceHistory(ITEMS, 3);
    SortedMap<String, List<String>> expected = new TreeMap<>();
    for (int i = 0; i < KEYS / 2; i++) {
      history.read("" + i, "snapshot", "0.00", null);
      put(expected, "" + i, "snapshot", "0.00", null);
    }

    // When
    int written = 0;
    DeltaMirrorSink mirror = newMirror(writer);
    DeltaTrailSink trail = new DeltaTrailSink(spark, lake.toString(), SourceHistory::schemas);
    for (int batch = 0; batch < 6; batch++) {
      int changes = random.nextInt(60);
      for (int i = 0; i < changes; i++) {
        change(random, history, expected);
      }
      int from = random.nextInt(4) == 0 ? random.nextInt(written + 1) : written;
      int to = batch == 5 ? history.size() : from + random.nextInt(history.size() - from + 1);
      to = history.whole(Math.max(to, written));
      List<KafkaRecord> records = history.between(from, to);
      mirror.write(new RecordedBatch(spark, records));
      trail.write(new RecordedBatch(spark, records));
      written = to;
      if (random.nextInt(3) == 0) {
        mirror.close();
        mirror = newMirror(writer);
      }
    }
    mirror.close();
    trail.close();

    // Then
    assertThat(LakeRows.byId(spark, lake + "/mirror/public.item")).isEqualTo(expected);
    assertThat(spark.read().format("delta").load(lake + "/trail/public.item").count())
        .isEqualTo(history.size());
    assertThat(mirror.stopped()).isEmpty();
  }

  private DeltaMirrorSink newMirror(MirrorSettings.Writer writer) {
    return new DeltaMirrorSink(
        spark, lake.toString(), SourceHistory::schemas, MirrorSettings.of(writer));
  }

  private static void change(
      Random random, SourceHistory history, SortedMap<String, List<String>> expected) {
    String id = "" + random.nextInt(KEYS);
    String toast = "t" + random.nextInt(1000);
    String number = random.nextInt(10) == 0 ? "NaN" : random.nextInt(100) + ".25";
    String at = random.nextInt(5) == 0 ? "infinity" : "2024-05-06 07:08:09.1+00";
    if (random.nextInt(120) == 0) {
      history.truncate();
      expected.clear();
      return;
    }
    List<String> existing = expected.get(id);
    if (existing == null) {
      history.create(id, toast, number, at);
      put(expected, id, toast, number, at);
    } else if (random.nextInt(4) == 0) {
      String newId = "" + random.nextInt(KEYS);
      if (!expected.containsKey(newId)) {
        history.rekey(id, newId, Row.ABSENT, number, Row.ABSENT);
        List<String> kept = expected.remove(id);
        put(expected, newId, kept.get(1), number, kept.get(3));
      }
    } else if (random.nextInt(4) == 0) {
      history.delete(id);
      expected.remove(id);
    } else if (random.nextInt(2) == 0) {
      history.update(id, Row.ABSENT, number, at);
      put(expected, id, existing.get(1), number, at);
    } else {
      history.update(id, toast, number, at);
      put(expected, id, toast, number, at);
    }
  }

  private static void put(SortedMap<String, List<String>> expected, String... values) {
    expected.put(values[0], Arrays.asList(values));
  }
}
