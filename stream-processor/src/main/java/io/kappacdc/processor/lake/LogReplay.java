package io.kappacdc.processor.lake;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.delta.DeltaConfigs;
import org.apache.spark.sql.delta.DeltaLogFileIndex;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.Action$;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.DeletionVectorDescriptor;
import org.apache.spark.sql.delta.actions.InMemoryLogReplay;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.delta.storage.LogStore;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.Option;

/**
 * The files of a version of a Delta table, read from its log by the calling thread. Delta's own way
 * is a query over the log, which takes a second or two of planning and compilation for a table of
 * any size.
 */
final class LogReplay {
  private static final StructType ADD =
      new StructType(new StructField[] {Action$.MODULE$.logSchema().apply("add")});

  private final Snapshot snapshot;
  private final LogStore store;
  private final Configuration hadoop;
  private final ParquetScan checkpoint;

  private LogReplay(SparkSession spark, Snapshot snapshot) {
    this.snapshot = snapshot;
    this.store = snapshot.deltaLog().store();
    this.hadoop = spark.sessionState().newHadoopConf();
    this.checkpoint = ParquetScan.create(spark, ADD);
  }

  /** The files of a version that exists. */
  static List<AddFile> files(SparkSession spark, Snapshot snapshot) {
    boolean hasStatisticsAsText =
        (boolean) DeltaConfigs.CHECKPOINT_WRITE_STATS_AS_JSON().fromMetaData(snapshot.metadata());
    return hasStatisticsAsText
        ? new LogReplay(spark, snapshot).files()
        : snapshot.allFiles().collectAsList();
  }

  private List<AddFile> files() {
    InMemoryLogReplay replay = new InMemoryLogReplay(0, Option.empty());
    long number = 0; // of the files in their order; a file may have many commits
    replay.append(number++, Scala.seq(checkpointed()).iterator());
    for (FileStatus commit : Scala.list(snapshot.logSegment().deltas())) {
      replay.append(number++, Scala.seq(actions(commit)).iterator());
    }
    return Scala.list(replay.allFiles());
  }

  private List<Action> checkpointed() {
    List<Action> files = new ArrayList<>();
    for (DeltaLogFileIndex index :
        Scala.list(snapshot.checkpointProvider().allActionsFileIndexes())) {
      boolean isJson = !(index.format() instanceof ParquetFileFormat);
      for (FileStatus file : index.files()) {
        files.addAll(isJson ? actions(file) : rows(file));
      }
    }
    return files;
  }

  private List<Action> actions(FileStatus json) {
    List<Action> actions = new ArrayList<>();
    for (String line : Scala.list(store.read(json, hadoop))) {
      Action action = Action$.MODULE$.fromJson(line);
      if (action instanceof AddFile || action instanceof RemoveFile) {
        actions.add(action);
      }
    }
    return actions;
  }

  private List<Action> rows(FileStatus parquet) {
    Function1<Object, Object> toRow = CatalystTypeConverters.createToScalaConverter(ADD);
    List<Action> files = new ArrayList<>();
    Iterator<InternalRow> rows = checkpoint.rows(parquet.getPath().toString(), parquet.getLen());
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      if (!row.isNullAt(0)) {
        files.add(addFile(((Row) toRow.apply(row)).getStruct(0)));
      }
    }
    return files;
  }

  private static AddFile addFile(Row row) {
    Row vector = row.getAs("deletionVector");
    return new AddFile(
        row.getAs("path"),
        map(row, "partitionValues"),
        row.getAs("size"),
        row.getAs("modificationTime"),
        false,
        row.getAs("stats"),
        map(row, "tags"),
        vector == null ? null : vector(vector),
        Option.apply(row.getAs("baseRowId")),
        Option.apply(row.getAs("defaultRowCommitVersion")),
        Option.apply(row.getAs("clusteringProvider")));
  }

  private static DeletionVectorDescriptor vector(Row row) {
    return new DeletionVectorDescriptor(
        row.getAs("storageType"),
        row.getAs("pathOrInlineDv"),
        Option.apply(row.getAs("offset")),
        row.getAs("sizeInBytes"),
        row.getAs("cardinality"),
        Option.apply(row.getAs("maxRowIndex")));
  }

  private static scala.collection.immutable.@Nullable Map<String, String> map(
      Row row, String field) {
    scala.collection.Map<String, String> map = row.getAs(field);
    return map == null ? null : Scala.map(Scala.javaMap(map));
  }
}
