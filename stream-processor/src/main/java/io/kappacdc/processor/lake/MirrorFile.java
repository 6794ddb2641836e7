package io.kappacdc.processor.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.function.Function;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.DeletionVectorDescriptor;
import org.apache.spark.sql.delta.deletionvectors.RoaringBitmapArray;
import org.apache.spark.sql.delta.deletionvectors.RoaringBitmapArrayFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file of a mirror, with the rows of it that are dead: those in its deletion vector, and those
 * that the commit in the making adds to it. Used by one thread at a time.
 */
final class MirrorFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int number;
  private final String path;
  private final Function<DeletionVectorDescriptor, RoaringBitmapArray> vectors;
  private AddFile add;
  private long rows;
  private long firstLsn = Long.MIN_VALUE;
  private long lastLsn = Long.MAX_VALUE;
  private boolean isCommitted;
  private @Nullable RoaringBitmapArray dead;
  private long deadRows;
  private boolean isChanged;

  private MirrorFile(
      int number,
      String path,
      AddFile add,
      boolean isCommitted,
      Function<DeletionVectorDescriptor, RoaringBitmapArray> vectors) {
    this.number = number;
    this.path = path;
    this.add = add;
    this.isCommitted = isCommitted;
    this.vectors = vectors;
    this.deadRows = add.numDeletedRecords();
    this.rows = -1;
    readStatistics();
  }

  /** A file of the table's current version. */
  static MirrorFile committed(
      int number,
      String path,
      AddFile add,
      Function<DeletionVectorDescriptor, RoaringBitmapArray> vectors) {
    return new MirrorFile(number, path, add, true, vectors);
  }

  /** A file that no version of the table has yet. */
  static MirrorFile fresh(int number, DataFile file) {
    return new MirrorFile(
        number,
        file.path(),
        LakeTable.addFile(file),
        false,
        vector -> {
          throw new IllegalStateException("A new file has no deletion vector");
        });
  }

  private void readStatistics() {
    if (add.stats() == null || add.stats().isEmpty()) {
      return;
    }
    try {
      JsonNode statistics = JSON.readTree(add.stats());
      rows = statistics.path("numRecords").asLong(-1);
      JsonNode first = statistics.path("minValues").path(MetadataColumns.LSN);
      JsonNode last = statistics.path("maxValues").path(MetadataColumns.LSN);
      firstLsn = first.isIntegralNumber() ? first.asLong() : firstLsn;
      lastLsn = last.isIntegralNumber() ? last.asLong() : lastLsn;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("File statistics that cannot be read: " + add.path(), e);
    }
  }

  int number() {
    return number;
  }

  /** Full path. */
  String path() {
    return path;
  }

  long sizeBytes() {
    return add.size();
  }

  AddFile add() {
    return add;
  }

  /** Rows in the file, dead or not; negative if its statistics do not say. */
  long rows() {
    return rows;
  }

  /** Notes the number of rows of a file that another writer added without statistics. */
  void countedRows(long counted) {
    rows = counted;
  }

  long liveRows() {
    return rows - deadRows;
  }

  long deadRows() {
    return deadRows;
  }

  /** No row has a lesser LSN. */
  long firstLsn() {
    return firstLsn;
  }

  /** No row has a greater LSN. */
  long lastLsn() {
    return lastLsn;
  }

  boolean isCommitted() {
    return isCommitted;
  }

  /** Whether rows died since the last commit, or the file is new. */
  boolean isChanged() {
    return isChanged || !isCommitted;
  }

  boolean hasNewDeadRows() {
    return isChanged;
  }

  boolean isDead(int row) {
    return deadRows > 0 && bitmap().contains(row);
  }

  void kill(int row) {
    RoaringBitmapArray bitmap = bitmap();
    if (!bitmap.contains(row)) {
      bitmap.add(row);
      deadRows++;
      isChanged = true;
    }
  }

  void killAll() {
    deadRows = rows;
    isChanged = true;
  }

  private RoaringBitmapArray bitmap() {
    RoaringBitmapArray bitmap = dead;
    if (bitmap == null) {
      DeletionVectorDescriptor vector = add.deletionVector();
      bitmap = vector == null ? new RoaringBitmapArray() : vectors.apply(vector);
      dead = bitmap;
    }
    return bitmap;
  }

  /** A copy of the dead rows for a task; null if there are none. */
  byte @Nullable [] deadRowsForTask() {
    return deadRows == 0 ? null : deletionVector();
  }

  /** The dead rows in the format of deletion vector files. */
  byte[] deletionVector() {
    RoaringBitmapArray bitmap = bitmap();
    bitmap.runOptimize();
    return bitmap.serializeAsByteArray(RoaringBitmapArrayFormat.Portable());
  }

  /** As a commit that changes no data adds it. */
  AddFile addWithoutDataChange() {
    return copy(false, add.stats());
  }

  private AddFile copy(boolean isDataChange, String statistics) {
    return add.copy(
        add.path(),
        add.partitionValues(),
        add.size(),
        add.modificationTime(),
        isDataChange,
        statistics,
        add.tags(),
        add.deletionVector(),
        add.baseRowId(),
        add.defaultRowCommitVersion(),
        add.clusteringProvider());
  }

  /** With the number of rows, which a deletion vector needs. */
  AddFile addWithStatistics() {
    if (add.numPhysicalRecords().isDefined()) {
      return add;
    }
    return copy(add.dataChange(), "{\"numRecords\":" + rows + "}");
  }

  /** What the next commit makes of the file. */
  void becomes(AddFile next) {
    add = next;
  }

  /** The file is in the table, with all dead rows marked. */
  void committed() {
    isCommitted = true;
    isChanged = false;
  }
}
