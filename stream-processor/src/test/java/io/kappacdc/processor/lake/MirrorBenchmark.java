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
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.SparkSession;

/**
 * What a batch of changes costs each writer of mirrors, one after the other in one run: CPU of the
 * whole process, so compilers, collectors and folding in the background count. Prints a table.
 *
 * <p>Arguments: rows of the mirror before the first batch; changes a batch; batches measured by the
 * index; batches measured by MERGE; type of the key (default bigint). Twice as many batches run
 * first, unmeasured, up to 30.
 */
final class MirrorBenchmark {
  private static final int ROWS_PER_LOAD = 100_000;
  private static final int WARM_UP_MAX = 30;
  private static final int PARTITIONS = 2;
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final TableSchema schema;
  private final String topic;
  private final EventWriter events = new EventWriter();
  private final Random random = new Random(42);
  private final long[] offsets = new long[PARTITIONS];
  private long[] live = new long[1 << 16];
  private int liveSize;
  private long nextId = 1;
  private long lsn = 1 << 20;

  private MirrorBenchmark(String keyType) {
    schema =
        SourceHistory.table(
            "bench",
            1,
            "id " + keyType,
            "name text",
            "price numeric(12,2)",
            "currency character(3)",
            "updated_at timestamp with time zone");
    topic = "pgsrc.public.bench";
  }

  public static void main(String[] arguments) throws Exception {
    int rows = Integer.parseInt(arguments[0]);
    int changes = Integer.parseInt(arguments[1]);
    String keyType = arguments.length > 4 ? arguments[4] : "bigint";
    SparkSession spark =
        LakeSession.configure(SparkSession.builder().master("local[4]").appName("mirror-benchmark"))
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.log.level", "WARN")
            .getOrCreate();
    System.out.printf(
        Locale.ROOT,
        "mirror of %,d rows, key %s, batches of %,d changes: 60 %% new keys, 30 %% updates, 10 %%"
            + " deletes, random keys; %d processors, Java %s%n",
        rows,
        keyType,
        changes,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"));
    System.out.println(
        "writer  measured  CPU ms a batch: slices  apply p50   mean    max  wall ms: apply p50   max"
            + "  files");
    for (Writer writer : Writer.values()) {
      int batches = Integer.parseInt(arguments[writer == Writer.INDEX ? 2 : 3]);
      if (batches > 0) {
        new MirrorBenchmark(keyType).run(spark, writer, rows, changes, batches);
      }
    }
    spark.stop();
  }

  private void run(SparkSession spark, Writer writer, int rows, int changes, int batches)
      throws Exception {
    Path lake = Files.createTempDirectory("mirror-benchmark");
    TableSchema known = schema;
    SchemaResolver resolver = id -> id.equals(known.id()) ? known : null;
    SchemaSource schemas = () -> resolver;
    try (DeltaMirrorSink sink =
        new DeltaMirrorSink(spark, lake.toString(), schemas, MirrorSettings.of(writer))) {
      for (int done = 0; done < rows; done += ROWS_PER_LOAD) {
        Batch load = new Batch();
        for (int i = 0; i < Math.min(ROWS_PER_LOAD, rows - done); i++) {
          load.add(insert());
        }
        sink.write(load);
      }
      for (int i = 0; i < Math.min(WARM_UP_MAX, 2 * batches); i++) {
        sink.write(changes(changes));
      }
      long[] slices = new long[batches];
      long[] apply = new long[batches];
      long[] wall = new long[batches];
      for (int i = 0; i < batches; i++) {
        Batch batch = changes(changes);
        long cpu = SYSTEM.getProcessCpuTime();
        long start = System.nanoTime();
        sink.write(batch);
        wall[i] = System.nanoTime() - start - batch.wallNanos;
        apply[i] = SYSTEM.getProcessCpuTime() - cpu - batch.cpuNanos;
        slices[i] = batch.cpuNanos;
      }
      print(spark, writer, lake, slices, apply, wall);
    }
    deleteAll(lake);
  }

  private void print(
      SparkSession spark, Writer writer, Path lake, long[] slices, long[] apply, long[] wall) {
    Arrays.sort(slices);
    Arrays.sort(apply);
    Arrays.sort(wall);
    int middle = apply.length / 2;
    String path = lake + "/mirror/public.bench";
    LakeTable table = LakeTable.open(spark, LakeTable.Kind.MIRROR, path);
    long count = spark.read().format("delta").load(path).count();
    System.out.printf(
        Locale.ROOT,
        "%-6s  %8d  %22.0f  %9.0f  %5.0f  %5.0f  %18.0f  %4.0f  %5d%s%n",
        writer,
        apply.length,
        millis(slices[middle]),
        millis(apply[middle]),
        Arrays.stream(apply).average().orElse(0) / 1e6,
        millis(apply[apply.length - 1]),
        millis(wall[middle]),
        millis(wall[wall.length - 1]),
        table.fileCount(),
        count == liveSize ? "" : "  WRONG: " + count + " rows instead of " + liveSize);
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }

  private static void deleteAll(Path directory) throws Exception {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
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
        before[0] = key(live[chosen]);
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

  private String key(long id) {
    return schema.columns().get(0).builtInType().equals("bigint")
        ? Long.toString(id)
        : new java.util.UUID(id * 0x9e3779b97f4a7c15L, id).toString();
  }

  private Row row(long id) {
    return Row.of(
        key(id),
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
