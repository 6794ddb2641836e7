package io.kappacdc.processor.lake;

import io.delta.tables.DeltaTable;
import io.kappacdc.processor.stream.TopicPartition;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Delta table {@code <lake>/kappa/quarantine}: the records that a sink could not read, each
 * once. One instance a sink; all write the same table. Records are in it before the sink's position
 * passes them. Called by the query's thread.
 */
final class Quarantine {
  static final StructType COLUMNS =
      new StructType()
          .add("sink", DataTypes.StringType)
          .add("topic", DataTypes.StringType)
          .add("partition", DataTypes.IntegerType)
          .add("offset", DataTypes.LongType)
          .add("reason", DataTypes.StringType)
          .add("key", DataTypes.BinaryType)
          .add("value", DataTypes.BinaryType)
          .add("quarantined_at", DataTypes.TimestampType);

  private static final Logger log = LoggerFactory.getLogger(Quarantine.class);
  private static final String ORDERED_BY = "offset";
  private static final String OFFSET = "offset";
  private static final String COUNT = "count";
  private static final int ATTEMPTS_MAX = 5;
  private static final int VERSIONS_PER_CHECKPOINT = 50;

  private final SparkSession spark;
  private final String path;
  private final String sink;
  private final ParquetFiles parquet;
  private volatile Map<TopicPartition, Held> held = Map.of();

  /**
   * What the table has of a partition.
   *
   * @param lastOffset of its last record
   * @param count of its records
   */
  private record Held(long lastOffset, long count) {
    static final Held NOTHING = new Held(-1, 0);
  }

  Quarantine(SparkSession spark, String lakePath, String sink, ParquetFiles parquet) {
    this.spark = spark;
    this.path = LakePaths.quarantine(lakePath);
    this.sink = sink;
    this.parquet = parquet;
  }

  /** Reads what the table has. */
  void refresh() {
    held = read(open(spark, path), sink);
  }

  private static LakeTable open(SparkSession spark, String path) {
    return LakeTable.open(spark, LakeTable.Kind.TRAIL, path);
  }

  private static Map<TopicPartition, Held> read(LakeTable table, String sink) {
    Map<TopicPartition, Held> held = new HashMap<>();
    table
        .transactions()
        .forEach(
            (id, value) -> {
              String[] parts = id.split("/");
              if (parts.length == 6 && parts[1].equals(sink)) {
                TopicPartition partition = new TopicPartition(parts[3], Integer.parseInt(parts[4]));
                Held known = held.getOrDefault(partition, Held.NOTHING);
                held.put(
                    partition,
                    parts[5].equals(OFFSET)
                        ? new Held(value, known.count())
                        : new Held(known.lastOffset(), value));
              }
            });
    return Map.copyOf(held);
  }

  private static void write(
      Map<String, Long> transactions, String sink, TopicPartition partition, Held held) {
    String id =
        "kappa/" + sink + "/quarantine/" + partition.topic() + '/' + partition.partition() + '/';
    transactions.put(id + OFFSET, held.lastOffset());
    transactions.put(id + COUNT, held.count());
  }

  /** What tasks write with. */
  QuarantineTask forTasks() {
    Map<TopicPartition, Long> lastOffsets = new HashMap<>();
    held.forEach((partition, known) -> lastOffsets.put(partition, known.lastOffset()));
    return new QuarantineTask(path, sink, parquet, lastOffsets);
  }

  /** How many records of this sink it has. */
  long count() {
    return held.values().stream().mapToLong(Held::count).sum();
  }

  /** Commits what tasks have written. */
  void commit(List<QuarantineTask.Written> files) {
    if (files.isEmpty()) {
      return;
    }
    Map<TopicPartition, Held> after = new HashMap<>(held);
    for (QuarantineTask.Written written : files) {
      long before = after.getOrDefault(written.partition(), Held.NOTHING).count();
      after.put(
          written.partition(), new Held(written.lastOffset(), before + written.file().rows()));
      log.error(
          "Records that cannot be read are in quarantine: sink={} partition={} count={} last"
              + " offset={}",
          sink,
          written.partition(),
          written.file().rows(),
          written.lastOffset());
    }
    commit(files.stream().map(QuarantineTask.Written::file).toList(), after);
  }

  /**
   * Records of partitions that were made anew are other ones, whatever their offsets.
   *
   * @param nextOffsets the offset to read next
   */
  void beginAnew(Map<TopicPartition, Long> nextOffsets) {
    Map<TopicPartition, Held> after = new HashMap<>(held);
    nextOffsets.forEach(
        (partition, next) ->
            after.computeIfPresent(partition, (any, known) -> new Held(next - 1, known.count())));
    if (!after.equals(held)) {
      commit(List.of(), after);
    }
  }

  private void commit(List<DataFile> files, Map<TopicPartition, Held> after) {
    Map<String, Long> transactions = new HashMap<>();
    after.forEach((partition, now) -> write(transactions, sink, partition, now));
    for (int attempt = 1; ; attempt++) {
      LakeTable table = open(spark, path);
      if (!read(table, sink).equals(held)) {
        throw new IllegalStateException("Another processor writes to the quarantine of " + sink);
      }
      try {
        table.append(COLUMNS, ORDERED_BY, files, transactions);
        held = Map.copyOf(after);
        if (table.versionsSinceCheckpoint() >= VERSIONS_PER_CHECKPOINT) {
          table.checkpointing().run();
        }
        return;
      } catch (ConcurrentModificationException e) { // another sink's, most likely
        if (attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  /**
   * The counts of a table from which records were erased; where each sink is in the topics stays.
   *
   * @param erased how many records, by sink and partition
   */
  static Map<String, Long> less(LakeTable table, Map<String, Map<TopicPartition, Long>> erased) {
    Map<String, Long> transactions = new HashMap<>();
    erased.forEach(
        (sink, partitions) -> {
          Map<TopicPartition, Held> held = read(table, sink);
          partitions.forEach(
              (partition, count) -> {
                Held before = held.getOrDefault(partition, Held.NOTHING);
                write(
                    transactions,
                    sink,
                    partition,
                    new Held(before.lastOffset(), Math.max(0, before.count() - count)));
              });
        });
    return transactions;
  }

  /**
   * Removes a topic's records of all sinks, so that those that still cannot be read come again when
   * the topic is read again. No processor may be writing.
   */
  static void forget(SparkSession spark, String lakePath, List<String> sinks, String topic) {
    String path = LakePaths.quarantine(lakePath);
    LakeTable table = open(spark, path);
    if (!table.exists()) {
      return;
    }
    DeltaTable.forPath(spark, path).delete(functions.col("topic").equalTo(topic));
    table.refresh();
    Map<String, Long> transactions = new HashMap<>();
    for (String sink : sinks) {
      List<TopicPartition> partitions = new ArrayList<>(read(table, sink).keySet());
      partitions.removeIf(partition -> !partition.topic().equals(topic));
      partitions.forEach(partition -> write(transactions, sink, partition, Held.NOTHING));
    }
    table.append(COLUMNS, ORDERED_BY, List.of(), transactions);
  }
}
