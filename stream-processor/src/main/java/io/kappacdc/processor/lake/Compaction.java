package io.kappacdc.processor.lake;

import io.delta.tables.DeltaTable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Puts the small files of many batches together, and rewrites files with many deleted rows. Changes
 * no rows. Thread-safe for different tables.
 */
final class Compaction {
  private final SparkSession spark;
  private final int filesPerCompaction;
  private final Map<String, Long> filesAfterLast = new ConcurrentHashMap<>();

  /**
   * @param filesPerCompaction how many files a table gets before it is compacted again
   */
  Compaction(SparkSession spark, int filesPerCompaction) {
    this.spark = spark;
    this.filesPerCompaction = filesPerCompaction;
  }

  boolean isDue(LakeTable table) {
    return table.fileCount() - filesAfterLast.getOrDefault(table.path(), 0L) >= filesPerCompaction;
  }

  /**
   * Compacts a table now.
   *
   * @param userMetadata text to record with the commit
   */
  void run(String path, @Nullable String userMetadata) {
    SparkSession session = spark.newSession();
    SparkSession.setActiveSession(session);
    if (userMetadata != null) {
      session.conf().set(MergeMirrorWriter.USER_METADATA, userMetadata);
    }
    DeltaTable.forPath(session, path).optimize().executeCompaction();
    LakeTable after = LakeTable.open(session, LakeTable.Kind.TRAIL, path);
    filesAfterLast.put(path, after.fileCount());
  }
}
