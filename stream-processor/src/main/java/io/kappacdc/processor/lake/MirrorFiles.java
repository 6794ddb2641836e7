package io.kappacdc.processor.lake;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.DeletionVectorDescriptor;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.delta.storage.dv.DeletionVectorStoreUtils;
import org.apache.spark.sql.delta.storage.dv.HadoopFileSystemDVStore;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * The files of one version of a mirror, by numbers that are never used again, and those that the
 * next commit will add. Used by one thread at a time.
 */
final class MirrorFiles {
  private final String table;
  private final HadoopFileSystemDVStore vectors;
  private final Map<Integer, MirrorFile> byNumber = new LinkedHashMap<>();
  private int nextNumber;

  private MirrorFiles(String table, HadoopFileSystemDVStore vectors) {
    this.table = table;
    this.vectors = vectors;
  }

  /** The files of the table's version; reads its whole state from the log. */
  static MirrorFiles load(LakeTable table) {
    HadoopFileSystemDVStore vectors =
        new HadoopFileSystemDVStore(table.spark().sessionState().newHadoopConf());
    MirrorFiles files = new MirrorFiles(table.path(), vectors);
    Path root = new Path(table.path());
    for (AddFile add : table.files()) {
      int number = files.reserve();
      files.byNumber.put(
          number,
          MirrorFile.committed(
              number,
              add.absolutePath(table.log()).toString(),
              add,
              vector -> vectors.read(vector, root)));
    }
    return files;
  }

  Collection<MirrorFile> all() {
    return byNumber.values();
  }

  @Nullable MirrorFile get(int number) {
    return byNumber.get(number);
  }

  /** A number for a file that is still to be written. */
  int reserve() {
    return nextNumber++;
  }

  MirrorFile add(int number, DataFile file) {
    MirrorFile fresh = MirrorFile.fresh(number, file);
    byNumber.put(number, fresh);
    return fresh;
  }

  MirrorFile add(DataFile file) {
    return add(reserve(), file);
  }

  /** Visits the rows of a file that are not dead. */
  static void forEachLiveRow(MirrorFile file, ParquetScan scan, LiveRow visitor) {
    Iterator<InternalRow> rows = scan.rows(file.path(), file.sizeBytes());
    for (int row = 0; rows.hasNext(); row++) {
      InternalRow values = rows.next();
      if (!file.isDead(row)) {
        visitor.visit(row, values);
      }
    }
  }

  /** A row of a file and its number there. */
  @FunctionalInterface
  interface LiveRow {
    void visit(int row, InternalRow values);
  }

  /**
   * What the next commit does to the files: changed ones get new deletion vectors, which are
   * written here, and those without live rows go.
   *
   * @param note the commit's user metadata
   */
  LakeTable.Replacement replacement(String note) {
    List<RemoveFile> removed = new ArrayList<>();
    List<AddFile> added = new ArrayList<>();
    List<MirrorFile> changed = byNumber.values().stream().filter(MirrorFile::isChanged).toList();
    Map<Integer, DeletionVectorDescriptor> written = writeVectors(changed);
    long now = System.currentTimeMillis();
    for (MirrorFile file : changed) {
      DeletionVectorDescriptor vector = written.get(file.number());
      AddFile next = file.add();
      if (vector != null) {
        next = file.addWithStatistics().removeRows(vector, true, true)._1();
      }
      if (file.isCommitted()) {
        removed.add(file.add().removeWithTimestamp(now, true));
      }
      if (file.liveRows() > 0) {
        added.add(next);
        file.becomes(next);
      }
    }
    return new LakeTable.Replacement(removed, added, MirrorOperation.merge(note));
  }

  /**
   * What a commit does that puts a new file in the place of others with the same live rows.
   *
   * @param note the commit's user metadata
   */
  LakeTable.Replacement folded(Collection<MirrorFile> sources, MirrorFile fresh, String note) {
    long now = System.currentTimeMillis();
    List<RemoveFile> removed =
        sources.stream().map(file -> file.add().removeWithTimestamp(now, false)).toList();
    List<AddFile> added = new ArrayList<>();
    if (fresh.liveRows() > 0) {
      DeletionVectorDescriptor vector = writeVectors(List.of(fresh)).get(fresh.number());
      fresh.becomes(
          vector == null
              ? fresh.addWithoutDataChange()
              : fresh.add().removeRows(vector, true, false)._1());
      added.add(fresh.add());
    }
    return new LakeTable.Replacement(removed, added, MirrorOperation.optimize(note));
  }

  void remove(Collection<MirrorFile> gone) {
    gone.forEach(file -> byNumber.remove(file.number()));
  }

  /** The replacement is committed: forgets files without live rows, and returns their paths. */
  List<String> committed() {
    List<String> unused = new ArrayList<>();
    byNumber
        .values()
        .removeIf(
            file -> {
              boolean isGone = file.isChanged() && file.liveRows() == 0;
              if (isGone && !file.isCommitted()) {
                unused.add(file.path());
              }
              return isGone;
            });
    byNumber.values().forEach(MirrorFile::committed);
    return unused;
  }

  /** One file with the deletion vectors of all files that have live and newly dead rows. */
  private Map<Integer, DeletionVectorDescriptor> writeVectors(List<MirrorFile> changed) {
    Map<Integer, DeletionVectorDescriptor> written = new LinkedHashMap<>();
    UUID id = UUID.randomUUID();
    Path path = DeletionVectorDescriptor.assembleDeletionVectorPath(new Path(table), id, "");
    try (DeletionVectorStoreUtils.Writer writer =
        vectors.createWriter(vectors.pathWithFileSystem(path))) {
      for (MirrorFile file : changed) {
        if (file.hasNewDeadRows() && file.liveRows() > 0) {
          byte[] bytes = file.deletionVector();
          int offset = writer.write(bytes).offset();
          written.put(
              file.number(),
              DeletionVectorDescriptor.onDiskWithRelativePath(
                  id, "", bytes.length, file.deadRows(), Option.apply(offset), Option.empty()));
        }
      }
      return written;
    }
  }
}
