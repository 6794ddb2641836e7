package io.kappacdc.processor.lake;

import org.apache.spark.sql.SparkSession;

/**
 * How mirrors are written.
 *
 * @param writer what finds the rows that changes replace
 */
public record MirrorSettings(Writer writer) {
  /** The ways to write. */
  public enum Writer {
    /** An index of keys, and deletion vectors. */
    INDEX,
    /** Delta's MERGE. */
    MERGE
  }

  public static final MirrorSettings DEFAULT = new MirrorSettings(Writer.INDEX);

  MirrorWriter open(SparkSession spark, ParquetFiles parquet) {
    return switch (writer) {
      case INDEX -> new IndexMirrorWriter(spark, parquet);
      case MERGE -> new MergeMirrorWriter(spark);
    };
  }
}
