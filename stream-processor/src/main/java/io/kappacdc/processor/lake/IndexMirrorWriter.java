package io.kappacdc.processor.lake;

import io.kappacdc.processor.lake.MirrorSlice.StagedFile;
import java.util.ConcurrentModificationException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.actions.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * Applies changes by an index of the mirror's keys: the rows that changes replace or remove are
 * marked in deletion vectors, new versions and new rows are files that the slices wrote already.
 * The cost follows the changes, not the mirror's size. Tables that take no deletion vectors are
 * left to the {@link MergeMirrorWriter}. Thread-safe for different tables.
 */
final class IndexMirrorWriter implements MirrorWriter {
  private final ParquetFiles parquet;
  private final MirrorWriter merge;
  private final Map<String, IndexedMirror> mirrors = new ConcurrentHashMap<>();

  IndexMirrorWriter(SparkSession spark, ParquetFiles parquet) {
    this.parquet = parquet;
    this.merge = new MergeMirrorWriter(spark);
  }

  @Override
  public MirrorSlice.Form form(@Nullable LakeTable table) {
    if (table == null || !table.exists()) {
      return MirrorSlice.Form.KEYED;
    }
    if (!table.takesDeletionVectors()) {
      return MirrorSlice.Form.STAGED;
    }
    IndexedMirror mirror = mirrors.get(table.path());
    return mirror != null && mirror.isIndexed()
        ? MirrorSlice.Form.ALL_KEYED
        : MirrorSlice.Form.KEYED;
  }

  @Override
  public MirrorState apply(LakeTable table, Changes changes) {
    if (changes.files().stream().anyMatch(StagedFile::isForMerge)
        || table.exists() && !table.takesDeletionVectors()) {
      return merge.apply(table, changes);
    }
    IndexedMirror mirror =
        mirrors.computeIfAbsent(table.path(), path -> new IndexedMirror(table, parquet));
    LakeTable.Commit commit =
        new LakeTable.Commit(
            changes.shape(),
            changes.rowFiles(),
            Map.of(MergeMirrorWriter.fence(changes.shape().topic()), changes.after().commit()),
            changes.after().write(changes.shape().topic()));
    try {
      if (changes.canAppend() || changes.files().isEmpty() && !changes.hasNewBarrier()) {
        mirror.append(commit, changes.files());
      } else {
        catchUp(table, changes);
        mirror.apply(commit, changes);
      }
      return changes.after();
    } catch (RuntimeException e) {
      mirror.forget();
      throw e;
    }
  }

  /** Takes note of commits of others, if these leave positions and columns alone. */
  private static void catchUp(LakeTable table, Changes changes) {
    if (!table.isOvertaken()) {
      return;
    }
    String topic = changes.shape().topic();
    Metadata before = table.metadata();
    table.refresh();
    long commit = table.transactions().getOrDefault(MergeMirrorWriter.fence(topic), 0L);
    if (commit != changes.before().commit() || !table.metadata().equals(before)) {
      throw new ConcurrentModificationException(
          "Another writer committed to the mirror of " + topic + " at the same time");
    }
  }

  @Override
  public void maintain(LakeTable table, String topic, MirrorState state) {
    merge.maintain(table, topic, state);
  }

  @Override
  public void close() {
    mirrors.values().forEach(IndexedMirror::close);
  }
}
