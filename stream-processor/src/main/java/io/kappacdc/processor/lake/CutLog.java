package io.kappacdc.processor.lake;

import io.delta.tables.DeltaTable;
import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.lake.ParquetFiles.Writer;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Delta table {@code <lake>/kappa/cuts}: at which moments of the source a sink stood, and which
 * version each of its tables had there. One instance a sink; all write the same table. Called by
 * the query's thread; writes in a thread of its own, so that batches do not wait.
 */
final class CutLog implements AutoCloseable {
  /** Of a table that is at no moment of the source, since it stopped. */
  static final long NO_VERSION = -1;

  static final StructType COLUMNS =
      new StructType()
          .add("sink", DataTypes.StringType)
          .add("lsn", DataTypes.LongType)
          .add("source_ts", DataTypes.TimestampType)
          .add("committed_at", DataTypes.TimestampType)
          .add("table_name", DataTypes.StringType)
          .add("version", DataTypes.LongType);

  private static final String ORDERED_BY = "lsn";

  private static final Logger log = LoggerFactory.getLogger(CutLog.class);
  private static final Duration IDLE_INTERVAL = Duration.ofSeconds(30);
  private static final Duration LISTING_INTERVAL = Duration.ofSeconds(30);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);
  private static final int ATTEMPTS_MAX = 5;
  private static final int FILES_PER_COMPACTION = 100;

  /** The writer that commits a multiple of this version looks after the table, and no other. */
  static final int VERSIONS_PER_UPKEEP = 100;

  private final SparkSession spark;
  private final String path;
  private final String sink;
  private final Duration interval;
  private final Clock clock;
  private final ParquetFiles parquet;
  private final Compaction compaction;
  private final ExecutorService writer;
  private final Map<String, String> namesByTopic = new HashMap<>();
  private volatile Recorded recorded = Recorded.NOTHING;
  private long lastRecordMillis;
  private @Nullable Future<?> writing;
  private @Nullable LakeTable known;
  private long listedMillis;

  /**
   * What the table says of this sink.
   *
   * @param versions of its tables, by name
   */
  record Recorded(long lsn, int generation, Map<String, Long> versions) {
    static final Recorded NOTHING = new Recorded(0, 0, Map.of());

    boolean isBehind(Cut cut) {
      return generation != cut.generation()
          ? generation < cut.generation()
          : Long.compareUnsigned(lsn, cut.lsn()) < 0;
    }
  }

  CutLog(SparkSession spark, String lakePath, String sink, Duration interval, Clock clock) {
    this.spark = spark;
    this.path = LakePaths.cuts(lakePath);
    this.sink = sink;
    this.interval = interval;
    this.clock = clock;
    this.parquet = ParquetFiles.create(spark);
    this.compaction = new Compaction(spark, FILES_PER_COMPACTION);
    this.writer =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, sink + "-cuts");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Reads what is recorded, after what is being recorded. */
  void refresh() {
    awaitWriting();
    known = null;
    recorded = read(open());
    lastRecordMillis = 0;
  }

  /**
   * The newest version. Listing a log costs as much as it is long, so the log is listed only now
   * and then while nobody else writes; often enough that clean-up cannot have taken what tells.
   */
  private LakeTable open() {
    LakeTable table = known;
    long now = clock.millis();
    if (table == null || now - listedMillis >= LISTING_INTERVAL.toMillis() || !table.catchUp()) {
      table = LakeTable.open(spark, LakeTable.Kind.TRAIL, path);
      known = table;
      listedMillis = now;
    }
    return table;
  }

  private Recorded read(LakeTable table) {
    Map<String, Long> versions = new HashMap<>();
    Map<String, Long> all = table.transactions();
    all.forEach(
        (id, value) -> {
          if (id.startsWith(versionId(""))) {
            versions.put(id.substring(versionId("").length()), value);
          }
        });
    return new Recorded(
        all.getOrDefault(id("lsn"), 0L),
        all.getOrDefault(id("generation"), 0L).intValue(),
        Map.copyOf(versions));
  }

  /** Whether a sink has recorded this cut or a later one. */
  static boolean isRecorded(SparkSession spark, String cutsPath, String sink, Cut cut) {
    Map<String, Long> all = LakeTable.open(spark, LakeTable.Kind.TRAIL, cutsPath).transactions();
    long lsn = all.getOrDefault(id(sink, "lsn"), 0L);
    long generation = all.getOrDefault(id(sink, "generation"), 0L);
    return !new Recorded(lsn, (int) generation, Map.of()).isBehind(cut);
  }

  private String id(String what) {
    return id(sink, what);
  }

  private static String id(String sink, String what) {
    return "kappa/" + sink + '/' + what;
  }

  private String versionId(String table) {
    return versionId(sink, table);
  }

  private static String versionId(String sink, String table) {
    return "kappa/" + sink + "/version/" + table;
  }

  /** Generation of the topics that this sink has last been in; 0 if it was in none. */
  int generation() {
    return recorded.generation();
  }

  /** Records the generation without a cut. */
  void generation(int newGeneration) {
    awaitWriting();
    LakeTable table = open();
    table.append(COLUMNS, ORDERED_BY, List.of(), Map.of(id("generation"), (long) newGeneration));
    recorded = read(table);
  }

  /**
   * Records that the tables are at this cut, unless it is too soon after the last one.
   *
   * @param tables by topic, each as of the version that the sink has committed last
   * @param stopped partitions that are not at the cut
   */
  void completed(Cut cut, Map<String, LakeTable> tables, Set<TopicPartition> stopped) {
    if (!recorded.isBehind(cut) || !isIdle()) {
      return;
    }
    long now = clock.millis();
    if (now - lastRecordMillis < interval.toMillis()) {
      return;
    }
    Map<String, Long> changed = changed(tables, stopped);
    if (changed.isEmpty() && now - lastRecordMillis < IDLE_INTERVAL.toMillis()) {
      return;
    }
    lastRecordMillis = now;
    writing = writer.submit(() -> record(cut, changed));
    if (interval.isZero()) {
      awaitWriting();
    }
  }

  /** Whether nothing is being recorded. */
  boolean isIdle() {
    return writing == null || writing.isDone();
  }

  private Map<String, Long> changed(Map<String, LakeTable> tables, Set<TopicPartition> stopped) {
    Set<String> stoppedTopics = new HashSet<>();
    stopped.forEach(partition -> stoppedTopics.add(partition.topic()));
    Map<String, Long> known = recorded.versions();
    Map<String, Long> changed = new HashMap<>();
    tables.forEach(
        (topic, table) -> {
          if (table.exists()) {
            String name = namesByTopic.computeIfAbsent(topic, ignored -> name(table));
            long version = stoppedTopics.contains(topic) ? NO_VERSION : table.version();
            if (!Long.valueOf(version).equals(known.get(name))) {
              changed.put(name, version);
            }
          }
        });
    return changed;
  }

  /** The source table's name as the cuts table has it. */
  static String name(LakeTable table) {
    TableSchema schema = table.schema().orElseThrow();
    return schema.schema() + '.' + schema.table();
  }

  private void awaitWriting() {
    Future<?> last = writing;
    if (last == null) {
      return;
    }
    try {
      last.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while recording a cut of " + sink, e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("Recording a cut of " + sink + " failed", e);
    }
  }

  /** What is not recorded this time is recorded with a later cut. */
  private void record(Cut cut, Map<String, Long> changed) {
    try {
      List<GenericInternalRow> rows = new ArrayList<>();
      rows.add(row(cut, null, NO_VERSION));
      changed.forEach((table, version) -> rows.add(row(cut, table, version)));
      Map<String, Long> transactions = new HashMap<>();
      transactions.put(id("lsn"), cut.lsn());
      transactions.put(id("generation"), (long) cut.generation());
      changed.forEach((table, version) -> transactions.put(versionId(table), version));
      commit(rows, transactions).ifPresent(this::maintain);
    } catch (Exception e) { // Delta throws checked exceptions, too.
      known = null;
      log.warn("A cut was not recorded: sink={} error={}", sink, e.toString());
    }
  }

  private GenericInternalRow row(Cut cut, @Nullable String table, long version) {
    return row(sink, cut.lsn(), cut.commitMicros(), table, version, clock.millis());
  }

  private static GenericInternalRow row(
      String sink,
      long lsn,
      long sourceMicros,
      @Nullable String table,
      long version,
      long committedMillis) {
    return new GenericInternalRow(
        new @Nullable Object[] {
          UTF8String.fromString(sink),
          lsn,
          sourceMicros,
          committedMillis * 1000,
          table == null ? null : UTF8String.fromString(table),
          version == NO_VERSION ? null : version
        });
  }

  /**
   * Another writer that has recorded a cut of this sink meanwhile goes first.
   *
   * @return the table at the version that this made; empty if another writer went first
   */
  private Optional<LakeTable> commit(
      List<GenericInternalRow> rows, Map<String, Long> transactions) {
    for (int attempt = 1; ; attempt++) {
      LakeTable table = open();
      Recorded before = read(table);
      if (!before.equals(recorded)) {
        recorded = before;
        log.warn("Another processor records cuts: sink={}", sink);
        return Optional.empty();
      }
      try {
        table.append(COLUMNS, ORDERED_BY, List.of(write(parquet, path, rows)), transactions);
        recorded = read(table);
        return Optional.of(table);
      } catch (ConcurrentModificationException e) {
        if (attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  private static DataFile write(ParquetFiles parquet, String path, List<GenericInternalRow> rows) {
    try (Writer file = parquet.open(path, COLUMNS)) {
      for (GenericInternalRow row : rows) {
        file.write(row, row.getLong(1));
      }
      return file.finish();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to " + path, e);
    }
  }

  private void maintain(LakeTable table) {
    if (table.version() == 0 || table.version() % VERSIONS_PER_UPKEEP != 0) {
      return;
    }
    table.checkpointing().run();
    if (compaction.isDue(table)) {
      compaction.run(path, null);
    }
  }

  /**
   * Forgets the versions that sinks had of a table whose files are about to be made again: no
   * moment before the first one recorded from then on shows it. No processor may be writing.
   */
  static void forget(SparkSession spark, String lakePath, List<String> sinks, String tableName) {
    String path = LakePaths.cuts(lakePath);
    LakeTable table = LakeTable.open(spark, LakeTable.Kind.TRAIL, path);
    if (!table.exists()) {
      return;
    }
    DeltaTable.forPath(spark, path)
        .delete(
            functions
                .col("table_name")
                .equalTo(tableName)
                .and(functions.col("sink").isin(sinks.toArray())));
    table.refresh();
    List<GenericInternalRow> rows = new ArrayList<>();
    Map<String, Long> transactions = new HashMap<>();
    for (String sink : sinks) {
      rows.add(row(sink, 0, 0, tableName, NO_VERSION, System.currentTimeMillis()));
      transactions.put(versionId(sink, tableName), NO_VERSION);
    }
    table.append(
        COLUMNS, ORDERED_BY, List.of(write(ParquetFiles.create(spark), path, rows)), transactions);
  }

  /** Records what is being recorded, and no more. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      writer.awaitTermination(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
