package io.kappacdc.processor.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/** Removes tables of the lake with all they have, so that they are made again from the topics. */
public final class LakeReset {
  private LakeReset() {}

  /**
   * Removes trail and mirror of one table, or of all. No processor may be writing.
   *
   * @param topic the one table's topic; empty for all
   */
  public static void empty(SparkSession spark, String lakePath, Optional<String> topic) {
    remove(spark, new LakeTables(spark, LakeTable.Kind.TRAIL, LakePaths.trail(lakePath)), topic);
    remove(spark, new LakeTables(spark, LakeTable.Kind.MIRROR, LakePaths.mirror(lakePath)), topic);
  }

  private static void remove(SparkSession spark, LakeTables tables, Optional<String> topic) {
    tables.refresh();
    tables
        .byTopic()
        .forEach(
            (tableTopic, table) -> {
              if (topic.isEmpty() || topic.get().equals(tableTopic)) {
                remove(spark, new Path(table.path()));
              }
            });
  }

  private static void remove(SparkSession spark, Path path) {
    try {
      FileSystem files = path.getFileSystem(spark.sessionState().newHadoopConf());
      files.delete(path, true);
      DeltaLog.invalidateCache(spark, path);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove " + path, e);
    }
  }
}
