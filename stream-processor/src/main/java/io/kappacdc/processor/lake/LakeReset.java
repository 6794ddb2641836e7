package io.kappacdc.processor.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/** Removes tables of the lake with all they have, so that they are made again from the topics. */
public final class LakeReset {
  private static final List<String> SINKS = List.of(DeltaTrailSink.NAME, DeltaMirrorSink.NAME);

  private LakeReset() {}

  /**
   * Removes trail and mirror of one table, or of all, the moments recorded of them, and what is in
   * quarantine. No processor may be writing.
   *
   * @param topic the one table's topic; empty for all
   */
  public static void empty(SparkSession spark, String lakePath, Optional<String> topic) {
    List<LakeTables> stores =
        List.of(
            new LakeTables(spark, LakeTable.Kind.TRAIL, LakePaths.trail(lakePath)),
            new LakeTables(spark, LakeTable.Kind.MIRROR, LakePaths.mirror(lakePath)));
    stores.forEach(LakeTables::refresh);
    if (topic.isEmpty()) {
      remove(spark, new Path(LakePaths.cuts(lakePath)));
      remove(spark, new Path(LakePaths.quarantine(lakePath)));
    } else {
      Quarantine.forget(spark, lakePath, SINKS, topic.get());
      stores.stream()
          .flatMap(tables -> Optional.ofNullable(tables.get(topic.get())).stream())
          .map(CutLog::name)
          .distinct()
          .forEach(name -> CutLog.forget(spark, lakePath, SINKS, name));
    }
    stores.forEach(tables -> remove(spark, tables, topic));
  }

  private static void remove(SparkSession spark, LakeTables tables, Optional<String> topic) {
    tables
        .byTopic()
        .forEach(
            (tableTopic, table) -> {
              if (topic.isEmpty() || topic.get().equals(tableTopic)) {
                remove(spark, new Path(table.path()));
              }
            });
  }

  /**
   * The log goes first, its newest version before the others: a removal that is killed leaves a
   * table as it was at an earlier version, with all files of that, and never one with holes.
   */
  private static void remove(SparkSession spark, Path path) {
    try {
      FileSystem files = path.getFileSystem(spark.sessionState().newHadoopConf());
      Path log = new Path(path, "_delta_log");
      if (files.exists(log)) {
        files.delete(new Path(log, "_last_checkpoint"), false);
        List<FileStatus> versions =
            Stream.of(files.listStatus(log))
                .filter(FileStatus::isFile)
                .sorted(
                    Comparator.comparing((FileStatus file) -> file.getPath().getName()).reversed())
                .toList();
        for (FileStatus version : versions) {
          files.delete(version.getPath(), false);
        }
      }
      files.delete(path, true);
      DeltaLog.invalidateCache(spark, path);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove " + path, e);
    }
  }
}
