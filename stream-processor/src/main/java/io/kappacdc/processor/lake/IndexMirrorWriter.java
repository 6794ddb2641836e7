package io.kappacdc.processor.lake;

import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.lake.MirrorSlice.StagedFile;
import java.io.IOException;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.actions.Metadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies changes by an index of the mirror's keys: the rows that changes replace or remove are
 * marked in deletion vectors, new versions and new rows are files that the slices wrote already.
 * The cost follows the changes, not the mirror's size. Tables that take no deletion vectors are
 * left to the {@link MergeMirrorWriter}. Thread-safe for different tables.
 */
final class IndexMirrorWriter implements MirrorWriter {
  private static final Logger log = LoggerFactory.getLogger(IndexMirrorWriter.class);

  private final SparkSession spark;
  private final ParquetFiles parquet;
  private final KeyIndexes indexes;
  private final MirrorWriter merge;
  private final Map<String, IndexedMirror> mirrors = new ConcurrentHashMap<>();
  private final Map<String, FoldInProgress> folds = new ConcurrentHashMap<>();
  private final ExecutorService folding =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "mirror-fold");
            thread.setDaemon(true);
            return thread;
          });

  IndexMirrorWriter(SparkSession spark, ParquetFiles parquet, KeyIndexes indexes) {
    this.spark = spark;
    this.indexes = indexes;
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
    if (form(table) == MirrorSlice.Form.STAGED
        || changes.files().stream().anyMatch(StagedFile::isForMerge)) {
      return merge.apply(table, changes);
    }
    IndexedMirror mirror = mirror(table);
    if (table
        .schema()
        .map(TableSchema::key)
        .filter(changes.shape().schema().key()::equals)
        .isEmpty()) {
      mirror.forgetIndex();
    }
    LakeTable.Commit commit = commit(changes.shape(), changes.rowFiles(), changes.after());
    try {
      if (changes.canAppend() || changes.files().isEmpty() && !changes.hasNewBarrier()) {
        mirror.append(commit, changes.files());
      } else {
        catchUp(table, changes);
        delete(mirror.apply(commit, changes));
      }
      return changes.after();
    } catch (Throwable e) { // Delta throws checked exceptions, too, which Scala does not declare.
      mirror.forget();
      throw e;
    }
  }

  private IndexedMirror mirror(LakeTable table) {
    return mirrors.computeIfAbsent(
        table.path(), path -> new IndexedMirror(table, parquet, indexes));
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

  private static LakeTable.Commit commit(
      LakeTable.Shape shape, List<DataFile> files, MirrorState state) {
    return new LakeTable.Commit(
        shape,
        files,
        Map.of(MergeMirrorWriter.fence(shape.topic()), state.commit()),
        state.write(shape.topic()));
  }

  @Override
  public boolean isDue(LakeTable table) {
    FoldInProgress fold = folds.get(table.path());
    return fold != null && fold.result().isDone();
  }

  /** Takes up a fold that is done, and starts the next one that is due. */
  @Override
  public void maintain(LakeTable table, MirrorState state) {
    if (!table.takesDeletionVectors()) {
      merge.maintain(table, state);
      return;
    }
    IndexedMirror mirror = mirror(table);
    try {
      if (isDue(table)) {
        takeUp(mirror, table, Objects.requireNonNull(folds.remove(table.path())), state);
      }
      if (!folds.containsKey(table.path())) {
        mirror.planFold().ifPresent(plan -> start(table.path(), plan));
      }
    } catch (Exception e) { // Delta throws checked exceptions, too, which Scala does not declare.
      // The rows are safe with or without it: the next batch reads the table anew.
      log.warn("Folding failed table={} error={}", table.path(), e.toString());
      mirror.forget();
    }
  }

  private void start(String path, IndexedMirror.Fold plan) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    CompletableFuture<MirrorFold.Result> result =
        CompletableFuture.supplyAsync(
            () -> context.parallelize(List.of(plan.work()), 1).map(MirrorFold::run).first(),
            folding);
    folds.put(path, new FoldInProgress(plan, result));
  }

  private void takeUp(
      IndexedMirror mirror, LakeTable table, FoldInProgress fold, MirrorState state) {
    MirrorFold.Result result;
    try {
      result = fold.result().join();
    } catch (CompletionException e) {
      log.warn("Folding failed table={} error={}", table.path(), String.valueOf(e.getCause()));
      return;
    }
    if (mirror.swap(fold.plan(), result, commit(table.shape(), List.of(), state))) {
      log.debug("Folded table={} files={}", table.path(), fold.plan().sources().size());
    } else {
      delete(List.of(result.file().path()));
    }
  }

  private void delete(List<String> paths) {
    try {
      for (String path : paths) {
        Path file = new Path(path);
        file.getFileSystem(spark.sessionState().newHadoopConf()).delete(file, false);
      }
    } catch (IOException e) {
      log.warn("Could not delete a file that no table has: {}", e.toString());
    }
  }

  @Override
  public void rest() {
    for (Optional<String> surplus = indexes.surplus();
        surplus.isPresent();
        surplus = indexes.surplus()) {
      Objects.requireNonNull(mirrors.get(surplus.get())).forgetIndex();
    }
  }

  /** Work in progress is given up; the table does not know of it. */
  @Override
  public void close() {
    TableWorkers.end(folding);
    mirrors.values().forEach(IndexedMirror::close);
    indexes.close();
  }

  private record FoldInProgress(
      IndexedMirror.Fold plan, CompletableFuture<MirrorFold.Result> result) {}
}
