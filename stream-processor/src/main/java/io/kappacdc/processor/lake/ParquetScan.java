package io.kappacdc.processor.lake;

import java.io.Serializable;
import java.util.Iterator;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.paths.SparkPath;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.collection.JavaConverters;

/**
 * Reads columns of Parquet files with Spark's own reader, every row in the order of the file,
 * without planning a query; columns that a file lacks are null. Made on the driver, used there or
 * in tasks.
 */
final class ParquetScan implements Serializable {
  private static final long serialVersionUID = 1L;

  private final StructType fields;
  private final Function1<PartitionedFile, scala.collection.Iterator<InternalRow>> reader;

  private ParquetScan(
      StructType fields,
      Function1<PartitionedFile, scala.collection.Iterator<InternalRow>> reader) {
    this.fields = fields;
    this.reader = reader;
  }

  /**
   * @param fields the columns to read, by their names in the files
   */
  static ParquetScan create(SparkSession spark, StructType fields) {
    return new ParquetScan(
        fields,
        new ParquetFileFormat()
            .buildReaderWithPartitionValues(
                spark,
                fields,
                new StructType(),
                fields,
                Scala.seq(java.util.List.of()),
                Scala.map(Map.of(FileFormat.OPTION_RETURNING_BATCH(), "false")),
                spark.sessionState().newHadoopConf()));
  }

  StructType fields() {
    return fields;
  }

  /**
   * The rows of a file. A row is valid until the next one is asked for; the file is closed at its
   * end.
   *
   * @param path full path
   * @param sizeBytes its length
   */
  Iterator<InternalRow> rows(String path, long sizeBytes) {
    PartitionedFile file =
        new PartitionedFile(
            InternalRow.empty(),
            SparkPath.fromPath(new Path(path)),
            0,
            sizeBytes,
            new String[0],
            0,
            sizeBytes,
            Scala.map(Map.of()));
    return JavaConverters.asJavaIterator(reader.apply(file));
  }
}
