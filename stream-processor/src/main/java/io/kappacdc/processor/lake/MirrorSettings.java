package io.kappacdc.processor.lake;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.spark.sql.SparkSession;

/**
 * How mirrors are written.
 *
 * @param writer what finds the rows that changes replace
 * @param indexBytesMax bound of the indexes in memory, of all mirrors together
 * @param indexDirectory local directory for larger indexes; only read by the process that made it
 * @param history how long replaced versions of the mirrors can be read
 */
public record MirrorSettings(
    Writer writer, long indexBytesMax, Path indexDirectory, Duration history) {
  private static final long INDEX_BYTES_MAX = 256L << 20;
  private static final Duration HISTORY = Duration.ofHours(6);
  private static final Duration HISTORY_MAX = Duration.ofDays(36_500);

  public MirrorSettings {
    history = history.compareTo(HISTORY_MAX) > 0 ? HISTORY_MAX : history;
  }

  /** The ways to write. */
  public enum Writer {
    /** An index of keys, and deletion vectors. */
    INDEX,
    /** Delta's MERGE. */
    MERGE
  }

  /** This writer, with the settings that the configuration has by default. */
  public static MirrorSettings of(Writer writer) {
    return new MirrorSettings(
        writer,
        INDEX_BYTES_MAX,
        Path.of(System.getProperty("java.io.tmpdir"), "kappa-mirror-index"),
        HISTORY);
  }

  MirrorWriter open(SparkSession spark, ParquetFiles parquet) {
    return switch (writer) {
      case INDEX ->
          new IndexMirrorWriter(spark, parquet, new KeyIndexes(indexBytesMax, indexDirectory));
      case MERGE -> new MergeMirrorWriter(spark);
    };
  }
}
