package io.kappacdc.processor.lake;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes Parquet files on executors with Spark's own writer, without planning a query. Made once on
 * the driver, sent to executors with each task.
 */
final class ParquetFiles implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Snappy: the files of a micro-batch are small, and are rewritten when they are compacted. */
  private static final String CODEC = "snappy";

  private final OutputWriterFactory factory;
  private final Broadcast<SerializableConfiguration> configuration;

  private ParquetFiles(
      OutputWriterFactory factory, Broadcast<SerializableConfiguration> configuration) {
    this.factory = factory;
    this.configuration = configuration;
  }

  /** Files that stay: values that repeat are written once. */
  static ParquetFiles create(SparkSession spark) {
    return create(spark, true);
  }

  /**
   * Files of a micro-batch, which are rewritten before long: dictionaries of so few values cost
   * more than they save.
   */
  static ParquetFiles ofBatches(SparkSession spark) {
    return create(spark, false);
  }

  private static ParquetFiles create(SparkSession spark, boolean hasDictionaries) {
    try {
      Job job = Job.getInstance(spark.sessionState().newHadoopConf());
      job.getConfiguration().setBoolean(ParquetOutputFormat.ENABLE_DICTIONARY, hasDictionaries);
      scala.collection.immutable.Map<String, String> options =
          Scala.map(Map.of("compression", CODEC));
      OutputWriterFactory factory =
          new ParquetFileFormat().prepareWrite(spark, job, options, new StructType());
      return new ParquetFiles(
          factory,
          JavaSparkContext.fromSparkContext(spark.sparkContext())
              .broadcast(new SerializableConfiguration(job.getConfiguration())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How to reach the lake's files, for tasks too. */
  Configuration hadoop() {
    return configuration.value().value();
  }

  /** Starts a file of rows with these fields in a directory. */
  Writer open(String directory, StructType fields) {
    return open(directory, fields, new int[0]);
  }

  /**
   * Starts a file of rows with these fields in a directory.
   *
   * @param bounded places of the fields whose bounds are to be known
   */
  Writer open(String directory, StructType fields, int[] bounded) {
    Configuration hadoop = new Configuration(hadoop());
    ParquetWriteSupport.setSchema(fields, hadoop);
    TaskAttemptContext context = new TaskAttemptContextImpl(hadoop, new TaskAttemptID());
    String name = "part-" + UUID.randomUUID() + factory.getFileExtension(context);
    Path path = new Path(directory, name);
    OutputWriter writer =
        SQLConf.withExistingConf(
            proleptic(), () -> factory.newInstance(path.toString(), fields, context));
    List<ColumnBounds> bounds =
        IntStream.of(bounded)
            .mapToObj(ordinal -> ColumnBounds.of(fields.apply(ordinal), ordinal))
            .filter(Objects::nonNull)
            .toList();
    return new Writer(writer, path, hadoop, bounds);
  }

  /** Outside a query a task does not have its session's settings. */
  private static SQLConf proleptic() {
    SQLConf settings = new SQLConf();
    settings.setConfString("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED");
    settings.setConfString("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED");
    return settings;
  }

  /** A file in the making. Not thread-safe. */
  static final class Writer implements AutoCloseable {
    private final OutputWriter writer;
    private final Path path;
    private final Configuration hadoop;
    private final ColumnBounds[] bounds;
    private long rows;
    private long firstLsn;
    private long lastLsn;
    private boolean isClosed;

    private Writer(
        OutputWriter writer, Path path, Configuration hadoop, List<ColumnBounds> bounds) {
      this.writer = writer;
      this.path = path;
      this.hadoop = hadoop;
      this.bounds = bounds.toArray(ColumnBounds[]::new);
    }

    void write(InternalRow row, long lsn) {
      writer.write(row);
      for (ColumnBounds column : bounds) {
        column.take(row);
      }
      firstLsn = rows == 0 ? lsn : Math.min(firstLsn, lsn);
      lastLsn = rows == 0 ? lsn : Math.max(lastLsn, lsn);
      rows++;
    }

    /** Completes the file. */
    DataFile finish() throws IOException {
      close();
      FileStatus status = path.getFileSystem(hadoop).getFileStatus(path);
      return new DataFile(
          path.toString(),
          path.getName(),
          status.getLen(),
          status.getModificationTime(),
          rows,
          firstLsn,
          lastLsn,
          Stream.of(bounds)
              .map(ColumnBounds::found)
              .collect(Collectors.toCollection(ArrayList::new)));
    }

    @Override
    public void close() {
      if (!isClosed) {
        isClosed = true;
        writer.close();
      }
    }
  }
}
