package io.kappacdc.processor.lake;

import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.actions.AddFile;
import org.jspecify.annotations.Nullable;

/**
 * One version of a table of the lake, for readers; stays what it is whatever is committed later.
 */
public final class LakeVersion {
  private final LakeTable table;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Contents contents;

  private record Contents(Dataset<Row> rows, long sizeBytes) {}

  /**
   * @param table a table of a topic, at the version meant
   */
  LakeVersion(LakeTable table) {
    this.table = table.pinned();
  }

  /** The Delta version. */
  public long number() {
    return table.version();
  }

  /** How far the version is: the next offset of each partition that it has seen. */
  public Map<Integer, Long> nextOffsets() {
    String topic = table.topic().orElseThrow();
    return switch (table.kind()) {
      case TRAIL -> TrailPositions.nextOffsets(table.transactions(), topic);
      case MIRROR ->
          table
              .newestUserMetadata(text -> MirrorState.read(text, topic))
              .map(MirrorState::nextOffsets)
              .orElse(Map.of());
    };
  }

  /** The version's rows, columns as stored. */
  public Dataset<Row> rows() {
    return contents().rows();
  }

  /** Bytes of the version's files. */
  public long sizeBytes() {
    return contents().sizeBytes();
  }

  /** The version's list of files is read once. */
  private Contents contents() {
    lock.lock();
    try {
      if (contents == null) {
        List<AddFile> files = table.files();
        contents = new Contents(table.rows(files), files.stream().mapToLong(AddFile::size).sum());
      }
      return contents;
    } finally {
      lock.unlock();
    }
  }
}
