package io.kappacdc.processor.lake;

import com.sun.management.OperatingSystemMXBean;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.event.wire.SchemaResolver;
import io.kappacdc.processor.lake.MirrorSettings.Writer;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;

/**
 * What a batch of changes costs each writer of mirrors. For each size of the mirror, one table is
 * loaded and copied, and both writers take the same batches of random keys in turns, so that what
 * else the machine does meets both. Prints a line for each size of the mirror, size of batch and
 * writer, and writes all of it as JSON:
 *
 * <ul>
 *   <li>slices: CPU time to decode and reduce the changes and to write their files;
 *   <li>apply: of the whole process from there to the end of the batch, Spark's tasks, compilers,
 *       collectors, checkpoints and folding in the background included;
 *   <li>thread: of the thread that applies the batch alone, without tasks and background work;
 *   <li>wall: from the end of the slices to the end of the batch.
 * </ul>
 *
 * <p>Arguments: rows of the mirror; changes a batch; batches measured of each; file for the JSON;
 * the first two are lists with commas; and INDEX or MERGE for one writer alone. The first batch of
 * each size runs unmeasured. Afterwards the tables must be equal.
 */
final class MirrorBenchmark {
  private static final int ROWS_PER_LOAD = 100_000;
  private static final int PARTITIONS = 2;
  private static final String COLUMNS =
      "%9s %9s  %-6s %7s | %12s | %12s %9s %9s | %12s | %13s %9s %9s | %5s%n";

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final SparkSession spark;
  private final List<Writer> writers;
  private final TableSchema schema =
      SourceHistory.table(
          "bench",
          1,
          "id bigint",
          "name text",
          "price numeric(12,2)",
          "currency character(3)",
          "updated_at timestamp with time zone");

  private final String topic = "pgsrc.public.bench";
  private final EventWriter events = new EventWriter();
  private final Random random = new Random(42);
  private final long[] offsets = new long[PARTITIONS];
  private long[] live = new long[1 << 16];
  private int liveSize;
  private long nextId = 1;
  private long lsn = 1 << 20;

  private MirrorBenchmark(SparkSession spark, List<Writer> writers) {
    this.writers = writers;
    this.spark = spark;
  }

  public static void main(String[] arguments) throws Exception {
    SparkSession spark =
        session(SparkSession.builder().master("local[4]").appName("mirror-benchmark"))
            .config("spark.log.level", "WARN")
            .getOrCreate();
    System.out.printf(
        COLUMNS,
        "rows",
        "changes",
        "writer",
        "batches",
        "CPU slices",
        "CPU apply p50",
        "mean",
        "max",
        "CPU thread",
        "wall apply p50",
        "mean",
        "max",
        "files");
    int batches = Integer.parseInt(arguments[2]);
    List<Writer> writers =
        arguments.length > 4 ? List.of(Writer.valueOf(arguments[4])) : List.of(Writer.values());
    List<String> cases = new ArrayList<>();
    for (int rows : numbers(arguments[0])) {
      new MirrorBenchmark(spark, writers).run(rows, numbers(arguments[1]), batches, cases);
      Files.writeString(Path.of(arguments[3]), json(arguments, cases));
    }
    spark.stop();
  }

  private static SparkSession.Builder session(SparkSession.Builder builder) {
    SparkSession.Builder lake = LakeSession.configure(builder);
    return Boolean.getBoolean("hadoopFiles")
        ? lake.config("spark.driver.host", "127.0.0.1")
        : LakeSession.local(lake);
  }

  private static int[] numbers(String list) {
    return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).toArray();
  }

  private static String json(String[] arguments, List<String> cases) {
    return String.format(
        Locale.ROOT,
        """
        {
          "benchmark": "mirror",
          "at": "%s",
          "repeat": "see benchmarks/README.md; arguments %s",
          "commit": "%s",
          "machine": {"processors": %d, "java": "%s", "loadAtTheEnd": %.1f},
          "workload": "60 %% new keys, 30 %% updates, 10 %% deletes, random bigint keys",
          "unit": "milliseconds a batch",
          "results": [
            %s
          ]
        }
        """,
        java.time.Instant.now(),
        String.join(" ", Arrays.asList(arguments).subList(0, 3)),
        System.getProperty("commit", "unknown"),
        SYSTEM.getAvailableProcessors(),
        System.getProperty("java.version"),
        SYSTEM.getSystemLoadAverage(),
        String.join(",\n    ", cases));
  }

  private void run(int rows, int[] changes, int batches, List<String> cases) throws Exception {
    Path lake = Files.createTempDirectory("mirror-benchmark");
    load(lake.resolve("INDEX"), rows);
    copyAll(lake.resolve("INDEX"), lake.resolve("MERGE"));
    try (DeltaMirrorSink index = open(lake.resolve("INDEX"), Writer.INDEX);
        DeltaMirrorSink merge = open(lake.resolve("MERGE"), Writer.MERGE)) {
      Map<Writer, DeltaMirrorSink> sinks = new EnumMap<>(Writer.class);
      sinks.put(Writer.INDEX, index);
      sinks.put(Writer.MERGE, merge);
      for (int size : changes) {
        Map<Writer, List<Cost>> costs = new EnumMap<>(Writer.class);
        for (int i = -1; i < batches; i++) {
          Batch batch = changes(size);
          for (Writer writer : writers) {
            Cost cost = Cost.of(sinks.get(writer), batch);
            if (i >= 0) {
              costs.computeIfAbsent(writer, w -> new ArrayList<>()).add(cost);
            }
          }
        }
        costs.forEach(
            (writer, all) ->
                cases.add(print(rows, size, writer, all, table(lake.resolve(writer.name())))));
      }
    }
    if (writers.size() > 1) {
      compare(lake);
    }
    // A fold may still be at work there.
    FileUtil.fullyDelete(lake.toFile());
  }

  private DeltaMirrorSink open(Path lake, Writer writer) {
    TableSchema known = schema;
    SchemaResolver resolver = id -> id.equals(known.id()) ? known : null;
    SchemaSource schemas = () -> resolver;
    return new DeltaMirrorSink(spark, lake.toString(), schemas, MirrorSettings.of(writer));
  }

  private void load(Path lake, int rows) {
    try (DeltaMirrorSink sink = open(lake, Writer.INDEX)) {
      for (int done = 0; done < rows; done += ROWS_PER_LOAD) {
        Batch load = new Batch();
        for (int i = 0; i < Math.min(ROWS_PER_LOAD, rows - done); i++) {
          load.add(insert());
        }
        sink.write(load);
      }
    }
  }

  /** What one batch cost, in nanoseconds. */
  private record Cost(long slices, long apply, long thread, long wall) {
    static Cost of(DeltaMirrorSink sink, Batch batch) {
      batch.cpuNanos = 0;
      batch.wallNanos = 0;
      long cpu = SYSTEM.getProcessCpuTime();
      long threads = tableThreads();
      long start = System.nanoTime();
      sink.write(batch);
      return new Cost(
          batch.cpuNanos,
          SYSTEM.getProcessCpuTime() - cpu - batch.cpuNanos,
          tableThreads() - threads,
          System.nanoTime() - start - batch.wallNanos);
    }

    /** CPU time so far of the threads that apply batches to tables. */
    private static long tableThreads() {
      return Arrays.stream(THREADS.dumpAllThreads(false, false, 0))
          .filter(thread -> thread.getThreadName().startsWith("delta-mirror-table-"))
          .mapToLong(thread -> THREADS.getThreadCpuTime(thread.getThreadId()))
          .sum();
    }
  }

  private static double[] millis(List<Cost> costs, ToLongFunction<Cost> part) {
    return costs.stream().mapToLong(part).sorted().mapToDouble(nanos -> nanos / 1e6).toArray();
  }

  private static String number(double millis) {
    return String.format(Locale.ROOT, "%.0f", millis);
  }

  private static String print(
      int rows, int changes, Writer writer, List<Cost> costs, LakeTable table) {
    int middle = costs.size() / 2;
    int last = costs.size() - 1;
    double[] slices = millis(costs, Cost::slices);
    double[] apply = millis(costs, Cost::apply);
    double[] thread = millis(costs, Cost::thread);
    double[] wall = millis(costs, Cost::wall);
    double meanApply = Arrays.stream(apply).average().orElse(0);
    double meanWall = Arrays.stream(wall).average().orElse(0);
    System.out.printf(
        COLUMNS,
        rows,
        changes,
        writer,
        costs.size(),
        number(slices[middle]),
        number(apply[middle]),
        number(meanApply),
        number(apply[last]),
        number(thread[middle]),
        number(wall[middle]),
        number(meanWall),
        number(wall[last]),
        table.fileCount());
    return String.format(
        Locale.ROOT,
        "{\"rows\": %d, \"changes\": %d, \"writer\": \"%s\", \"batches\": %d,"
            + " \"cpuSlicesP50\": %.1f, \"cpuApplyP50\": %.1f, \"cpuApplyMean\": %.1f,"
            + " \"cpuApplyMax\": %.1f, \"cpuThreadP50\": %.1f, \"wallApplyP50\": %.1f,"
            + " \"wallApplyMean\": %.1f, \"wallApplyMax\": %.1f, \"files\": %d,"
            + " \"loadAverage\": %.1f}",
        rows,
        changes,
        writer,
        costs.size(),
        slices[middle],
        apply[middle],
        meanApply,
        apply[last],
        thread[middle],
        wall[middle],
        meanWall,
        wall[last],
        table.fileCount(),
        SYSTEM.getSystemLoadAverage());
  }

  private static String path(Path lake) {
    return lake + "/mirror/public.bench";
  }

  private LakeTable table(Path lake) {
    return LakeTable.open(spark, LakeTable.Kind.MIRROR, path(lake));
  }

  private void compare(Path lake) {
    Dataset<org.apache.spark.sql.Row> index = rows(lake.resolve(Writer.INDEX.name()));
    Dataset<org.apache.spark.sql.Row> merge = rows(lake.resolve(Writer.MERGE.name()));
    long count = index.count();
    long differences = index.exceptAll(merge).count();
    System.out.printf(
        Locale.ROOT,
        "%s: %d rows each, the same in all columns%n",
        differences == 0 && count == liveSize && merge.count() == count ? "EQUAL" : "WRONG",
        count);
  }

  private Dataset<org.apache.spark.sql.Row> rows(Path lake) {
    // Maps cannot be compared; it is empty.
    return spark.read().format("delta").load(path(lake)).drop(MetadataColumns.EXACT);
  }

  private static void copyAll(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private Batch changes(int count) {
    Batch batch = new Batch();
    for (int i = 0; i < count; i++) {
      int kind = random.nextInt(10);
      if (kind < 6 || liveSize == 0) {
        batch.add(insert());
      } else if (kind < 9) {
        batch.add(ChangeEvent.update(next(), schema, null, row(live[random.nextInt(liveSize)])));
      } else {
        int chosen = random.nextInt(liveSize);
        String[] before = new String[schema.columns().size()];
        Arrays.fill(before, Row.ABSENT);
        before[0] = Long.toString(live[chosen]);
        live[chosen] = live[--liveSize];
        batch.add(ChangeEvent.delete(next(), schema, Row.of(before)));
      }
    }
    return batch;
  }

  private ChangeEvent insert() {
    if (liveSize == live.length) {
      live = Arrays.copyOf(live, liveSize * 2);
    }
    live[liveSize++] = nextId;
    return ChangeEvent.create(next(), schema, row(nextId++));
  }

  private ChangeEvent.Origin next() {
    lsn += 8;
    return new ChangeEvent.Origin(new Position(lsn, 1), lsn, 1_700_000_000_000_000L + lsn);
  }

  private Row row(long id) {
    return Row.of(
        Long.toString(id),
        "Fund number " + random.nextInt(1_000_000),
        random.nextInt(100_000) + "." + (10 + random.nextInt(90)),
        "EUR",
        "2024-05-06 07:08:" + (10 + random.nextInt(50)) + "+00");
  }

  /** Runs its slices on the calling thread, and counts what they cost apart. */
  private final class Batch implements ChangeBatch {
    private final Map<Integer, List<KafkaRecord>> records = new HashMap<>();
    private long cpuNanos;
    private long wallNanos;

    void add(ChangeEvent event) {
      int partition = Math.floorMod(event.image().get(0).hashCode(), PARTITIONS);
      records
          .computeIfAbsent(partition, p -> new ArrayList<>())
          .add(new KafkaRecord(topic, partition, offsets[partition]++, null, events.write(event)));
    }

    @Override
    public long batchId() {
      return 0;
    }

    @Override
    public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
      long cpu = SYSTEM.getProcessCpuTime();
      long start = System.nanoTime();
      List<R> results = new ArrayList<>();
      records.forEach(
          (partition, slice) -> {
            try {
              results.add(task.run(new TopicPartition(topic, partition), slice.iterator()));
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      cpuNanos += SYSTEM.getProcessCpuTime() - cpu;
      wallNanos += System.nanoTime() - start;
      return results;
    }
  }
}
