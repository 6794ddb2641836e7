package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.lake.MirrorSettings.Writer;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SliceTask;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories through several writers at once, with crashes, re-opened sinks, lost positions
 * and strangers who optimize and delete: the mirrors are equal, and are what the history comes to.
 * More seeds: {@code -Dkappa.mirror.seeds=100-200}.
 */
class MirrorWritersPropertyTest {
  private static final int BATCHES = 25;

  /** MERGE takes most of the time, so it joins in some, which are shorter. */
  private static final int SEEDS_PER_MERGE = 4;

  private static final int BATCHES_WITH_MERGE = 8;

  /** Index in memory, index on disk, no index. */
  private enum Way {
    HEAP,
    DISK,
    MERGE
  }

  /** A table, and keys that its column types tell apart. */
  private record Table(TableSchema schema, List<List<String>> keys) {}

  private final SparkSession spark = LakeSpark.session();
  @TempDir private Path directory;

  static Stream<Long> seeds() {
    String[] range = System.getProperty("kappa.mirror.seeds", "1-4").split("-");
    return Stream.iterate(Long.parseLong(range[0]), n -> n + 1)
        .limit(Long.parseLong(range[1]) - Long.parseLong(range[0]) + 1);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void bothWritersMakeTheMirrorThatTheHistoryComesTo(long seed) {
    // Given
    Random random = new Random(seed);
    boolean merges = seed % SEEDS_PER_MERGE == 1;
    int batches = merges ? BATCHES_WITH_MERGE : BATCHES;
    Table table = table(random);
    SourceHistory history = new SourceHistory(table.schema(), 1 + random.nextInt(3));
    Map<List<String>, List<String>> source = new TreeMap<>(this::compare);
    Map<List<String>, List<String>> expected = new TreeMap<>(this::compare);
    List<Mirror> mirrors =
        Arrays.stream(Way.values())
            .filter(way -> way != Way.MERGE || merges)
            .map(Mirror::new)
            .toList();
    for (int i = 0; i < table.keys().size(); i += 2) {
      List<String> values = values(table.keys().get(i), "read", "0.00", null);
      history.read(values.toArray(String[]::new));
      source.put(table.keys().get(i), values);
    }
    expected.putAll(source);

    // When
    int written = 0;
    for (int batch = 0; batch < batches; batch++) {
      int changes = random.nextInt(12);
      for (int i = 0; i < changes; i++) {
        change(random, history, table, source, expected);
      }
      int from = random.nextInt(4) == 0 ? random.nextInt(written + 1) : written;
      boolean isLast = batch == batches - 1;
      int to =
          history.whole(
              isLast ? history.size() : written + random.nextInt(history.size() - written + 1));
      List<KafkaRecord> records = history.between(from, to);
      mirrors.forEach(mirror -> mirror.write(records));
      written = to;
      if (written == history.size() && !isLast) {
        incident(random, mirrors, history, source, expected);
      }
    }
    mirrors.forEach(Mirror::close);

    // Then
    for (Mirror mirror : mirrors) {
      assertThat(mirror.rows()).as(mirror.way.name()).isEqualTo(sorted(expected));
      assertThat(mirror.positions()).isEqualTo(mirrors.get(0).positions());
      assertThat(mirror.sink.stopped()).isEmpty();
    }
  }

  private int compare(List<String> a, List<String> b) {
    return a.toString().compareTo(b.toString());
  }

  private static List<String> sorted(Map<List<String>, List<String>> expected) {
    return expected.values().stream().map(Object::toString).sorted().toList();
  }

  private static Table table(Random random) {
    List<List<String>> numbers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      numbers.add(List.of("" + i));
    }
    List<Table> tables =
        List.of(
            new Table(schema(1, "id integer"), numbers),
            new Table(schema(1, "id bigint"), numbers),
            new Table(
                schema(1, "id text"),
                keys("", " ", "a", "A", "a ", "\u00e4", "a\u0308", "1", "01", "1.0", "'", "null")),
            new Table(schema(1, "id numeric(10,2)"), keys("0.00", "-0.01", "1.00", "1.10", "NaN")),
            new Table(schema(1, "id numeric"), keys("1", "1.5", "-1e5", "NaN", "Infinity")),
            new Table(
                schema(1, "id date"),
                keys("infinity", "-infinity", "0044-03-15 BC", "2024-02-29", "1500-01-01")),
            new Table(
                schema(1, "id double precision"), keys("NaN", "0", "1.5", "Infinity", "1e-300")),
            new Table(
                schema(1, "id uuid"),
                keys(
                    "00000000-0000-0000-0000-000000000001",
                    "00000000-0000-0000-0000-000000000002")),
            new Table(schema(1, "id bytea"), keys("\\x", "\\x00", "\\x0000", "\\xff")),
            new Table(
                schema(1, "id timestamp with time zone"),
                keys("2024-05-06 07:08:09.1+00", "infinity", "2024-05-06 05:08:09.1+00")),
            new Table(
                schema(2, "id integer", "part text"),
                List.of(
                    List.of("1", "1"),
                    List.of("11", ""),
                    List.of("1", "a"),
                    List.of("1", "ab"),
                    List.of("2", "a"),
                    List.of("0", "0"))),
            new Table(
                schema(2, "id text", "part text"),
                List.of(
                    List.of("a", "bc"),
                    List.of("ab", "c"),
                    List.of("abc", ""),
                    List.of("", "abc"))));
    return tables.get(random.nextInt(tables.size()));
  }

  private static List<List<String>> keys(String... keys) {
    return Arrays.stream(keys).map(List::of).toList();
  }

  private static TableSchema schema(int keyColumns, String... key) {
    List<String> columns = new ArrayList<>(List.of(key));
    columns.addAll(List.of("toast text", "n numeric(8,2)", "at timestamp with time zone"));
    return SourceHistory.table("item", keyColumns, columns.toArray(String[]::new));
  }

  private static List<String> values(List<String> key, String... rest) {
    List<String> values = new ArrayList<>(key);
    values.addAll(Arrays.asList(rest));
    return values;
  }

  private static void change(
      Random random,
      SourceHistory history,
      Table table,
      Map<List<String>, List<String>> source,
      Map<List<String>, List<String>> expected) {
    List<String> key = table.keys().get(random.nextInt(table.keys().size()));
    String toast = "t" + random.nextInt(1000);
    String number = random.nextInt(10) == 0 ? "NaN" : random.nextInt(100) + ".25";
    String at = random.nextInt(5) == 0 ? "infinity" : "2024-05-06 07:08:09.1+00";
    if (random.nextInt(80) == 0) {
      history.truncate();
      source.clear();
      expected.clear();
      return;
    }
    List<String> existing = expected.get(key);
    if (existing == null) {
      history.create(values(key, toast, number, at).toArray(String[]::new));
      expected.put(key, values(key, toast, number, at));
    } else if (random.nextInt(3) == 0) {
      List<String> newKey = table.keys().get(random.nextInt(table.keys().size()));
      if (!expected.containsKey(newKey)) {
        history.rekey(key, values(newKey, Row.ABSENT, number, Row.ABSENT).toArray(String[]::new));
        source.remove(key);
        List<String> kept = expected.remove(key);
        List<String> moved = values(newKey, kept.get(key.size()), number, kept.get(key.size() + 2));
        source.put(newKey, moved);
        expected.put(newKey, moved);
      }
      return;
    } else if (random.nextInt(4) == 0) {
      history.delete(key.toArray(String[]::new));
      expected.remove(key);
    } else if (random.nextInt(2) == 0) {
      String kept = existing.get(key.size());
      String sentAt = random.nextBoolean() ? Row.ABSENT : at;
      String keptAt = existing.get(key.size() + 2);
      history.update(values(key, Row.ABSENT, number, sentAt).toArray(String[]::new));
      expected.put(key, values(key, kept, number, Row.ABSENT.equals(sentAt) ? keptAt : at));
    } else {
      history.update(values(key, toast, number, at).toArray(String[]::new));
      expected.put(key, values(key, toast, number, at));
    }
    if (expected.containsKey(key)) {
      source.put(key, expected.get(key));
    } else {
      source.remove(key);
    }
  }

  /** What may happen to a mirror between two batches. */
  private void incident(
      Random random,
      List<Mirror> mirrors,
      SourceHistory history,
      Map<List<String>, List<String>> source,
      Map<List<String>, List<String>> expected) {
    switch (random.nextInt(8)) {
      case 0 -> mirrors.forEach(Mirror::reopen);
      case 1 -> mirrors.forEach(mirror -> mirror.crash(history.all()));
      case 2 -> mirrors.forEach(mirror -> mirror.sql("OPTIMIZE %s"));
      case 3 -> {
        // Most deletions match nothing; a row that does go comes back whole.
        int n = random.nextInt(100);
        mirrors.forEach(mirror -> mirror.sql("DELETE FROM %s WHERE n = " + n + ".25"));
        expected.values().removeIf(row -> (n + ".25").equals(row.get(row.size() - 2)));
      }
      case 4 -> mirrors.forEach(mirror -> mirror.sql("REORG TABLE %s APPLY (PURGE)"));
      case 5 -> {
        mirrors.forEach(
            mirror -> {
              mirror.sink.close();
              LakeLogs.forgetUserMetadata(mirror.path());
              mirror.open();
              mirror.write(history.all());
            });
        expected.clear();
        expected.putAll(source);
      }
      default -> {
        // Nothing happens, most of the time.
      }
    }
  }

  /** One writer's mirror. */
  private final class Mirror {
    private final Way way;
    private DeltaMirrorSink sink;

    Mirror(Way way) {
      this.way = way;
      open();
    }

    private MirrorSettings settings() {
      Writer writer = way == Way.MERGE ? Writer.MERGE : Writer.INDEX;
      MirrorSettings settings = MirrorSettings.of(writer);
      return way == Way.DISK
          ? new MirrorSettings(writer, 0, directory.resolve("index"), settings.history())
          : settings;
    }

    void open() {
      sink =
          new DeltaMirrorSink(
              spark, directory.resolve(way.name()).toString(), SourceHistory::schemas, settings());
    }

    void write(List<KafkaRecord> records) {
      sink.write(new RecordedBatch(spark, records));
    }

    void reopen() {
      sink.close();
      open();
    }

    /** Dies with files written and nothing committed; nobody closes anything. */
    void crash(List<KafkaRecord> records) {
      try {
        sink.write(new DyingBatch(new RecordedBatch(spark, records)));
      } catch (IllegalStateException expected) {
        assertThat(expected).hasMessage("dies");
      }
      open();
    }

    void sql(String statement) {
      spark.sql(String.format(statement, "delta.`" + path() + "`"));
    }

    String path() {
      return directory.resolve(way.name()) + "/mirror/public.item";
    }

    List<String> rows() {
      return LakeRows.all(spark, path()).stream().map(Object::toString).sorted().toList();
    }

    List<String> positions() {
      return spark
          .read()
          .format("delta")
          .load(path())
          .selectExpr("struct(*)")
          .toJSON()
          .collectAsList()
          .stream()
          .sorted()
          .toList();
    }

    void close() {
      sink.close();
    }
  }

  private record DyingBatch(ChangeBatch batch) implements ChangeBatch {
    @Override
    public long batchId() {
      return batch.batchId();
    }

    @Override
    public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
      batch.forEachSlice(task);
      throw new IllegalStateException("dies");
    }
  }
}
