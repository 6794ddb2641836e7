package io.kappacdc.processor.lake;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** What a Spark session and the lake's tables must be configured with. */
public final class LakeSession {
  /** Small batches of small rows: planning and task starts cost more than they save. */
  private static final String SHUFFLE_PARTITIONS = "2";

  private static final String LOOPBACK = "127.0.0.1";

  private LakeSession() {}

  /** Sets everything the lake relies on. */
  public static SparkSession.Builder configure(SparkSession.Builder builder) {
    settings().forEach(builder::config);
    return builder;
  }

  /** Sets what Spark needs in addition when all of it runs in this JVM. */
  public static SparkSession.Builder local(SparkSession.Builder builder) {
    LocalFiles.settings().forEach((name, value) -> builder.config("spark.hadoop." + name, value));
    return builder
        .config("spark.driver.host", LOOPBACK)
        .config("spark.driver.bindAddress", LOOPBACK);
  }

  static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put(
        "spark.sql.extensions",
        SmallTables.class.getName() + ",io.delta.sql.DeltaSparkSessionExtension");
    settings.put(
        "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
    settings.put("spark.sql.catalogImplementation", "in-memory");
    settings.put("spark.sql.globalTempDatabase", LakeCatalog.HISTORY);
    settings.put("spark.ui.enabled", "false");
    settings.put("spark.sql.ui.retainedExecutions", "10");
    settings.put("spark.sql.session.timeZone", "UTC");
    settings.put("spark.sql.ansi.enabled", "false");
    settings.put("spark.sql.caseSensitive", "false");
    settings.put("spark.sql.shuffle.partitions", SHUFFLE_PARTITIONS);
    settings.put("spark.sql.adaptive.enabled", "false");
    settings.put("spark.sql.sources.parallelPartitionDiscovery.threshold", "1000");
    // In so many tasks VACUUM lists a table's one directory; Spark's default is 10,000.
    settings.put("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2");
    // Each file that is open holds a row group in memory; together they get this part of the heap.
    settings.put("spark.hadoop.parquet.block.size", Long.toString(32L * 1024 * 1024));
    settings.put("spark.hadoop.parquet.memory.pool.ratio", "0.2");
    // Dates before 1582 and timestamps before 1900 as they are.
    settings.put("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    settings.put("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED");
    settings.put("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED");
    settings.put("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED");
    settings.put("spark.sql.parquet.int96RebaseModeInRead", "CORRECTED");
    settings.put("spark.sql.datetime.java8API.enabled", "true");
    // A table's state is small: one partition, and no checkpoint inside a commit.
    settings.put("spark.databricks.delta.snapshotPartitions", "1");
    settings.put("spark.databricks.delta.setTransactionsInCrc.maxAllowed", "10000");
    settings.put("spark.databricks.delta.allFilesInCrc.enabled", "false");
    settings.put("spark.databricks.delta.history.metricsEnabled", "true");
    settings.put("spark.databricks.delta.autoCompact.enabled", "false");
    settings.put("spark.databricks.delta.optimizeWrite.enabled", "false");
    // The staged changes are files that nobody changes.
    settings.put("spark.databricks.delta.merge.materializeSource", "none");
    settings.put("spark.databricks.delta.merge.deletionVectors.persistent", "true");
    settings.put("spark.databricks.delta.optimize.minFileSize", Long.toString(32L * 1024 * 1024));
    settings.put("spark.databricks.delta.optimize.maxFileSize", Long.toString(128L * 1024 * 1024));
    return settings;
  }

  /** Properties of every new table. */
  static Map<String, String> logProperties() {
    Map<String, String> properties = new HashMap<>();
    // Upkeep writes checkpoints; this is the bound if it never comes to it.
    properties.put("delta.checkpointInterval", "1000");
    properties.put("delta.logRetentionDuration", "interval 7 days");
    properties.put("delta.deletedFileRetentionDuration", "interval 7 days");
    return properties;
  }

  /** Properties of a new table of the source. */
  static Map<String, String> tableProperties(LakeTable.Kind kind, LakeTable.Shape shape) {
    Map<String, String> properties = logProperties();
    // Column names with spaces, commas or dots; physical names are ours.
    properties.put("delta.columnMapping.mode", "name");
    properties.put("delta.feature.timestampNtz", "supported");
    properties.put(
        "delta.dataSkippingStatsColumns", skippingColumns(shape.columns(), shape.schema().key()));
    if (kind == LakeTable.Kind.MIRROR) {
      properties.put("delta.enableDeletionVectors", "true");
    }
    return properties;
  }

  private static String skippingColumns(LakeSchema columns, List<String> key) {
    List<String> names =
        columns.columns().stream()
            .filter(column -> key.contains(column.column()) && hasBounds(column.type()))
            .map(LakeColumn::quotedName)
            .collect(Collectors.toCollection(ArrayList::new));
    names.add(MetadataColumns.LSN);
    return String.join(",", names);
  }

  /** Whether Delta keeps least and greatest values of columns of this type. */
  private static boolean hasBounds(DataType type) {
    return !type.equals(DataTypes.BinaryType) && !type.equals(DataTypes.BooleanType);
  }
}
