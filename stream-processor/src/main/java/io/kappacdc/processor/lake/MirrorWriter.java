package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import io.kappacdc.processor.lake.MirrorSlice.StagedFile;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Applies the reduced changes of a batch to one mirror. Driver only. */
interface MirrorWriter extends AutoCloseable {
  /**
   * What to apply, in one commit.
   *
   * @param shape the mirror's topic, columns and newest source schema
   * @param files the latest change of each key; a key occurs once
   * @param canAppend whether the files can be added as they are
   * @param hasNewBarrier whether rows before the barrier are still to be removed
   * @param before the state that was planned on
   * @param after the state to record with the commit
   */
  record Changes(
      LakeTable.Shape shape,
      List<StagedFile> files,
      boolean canAppend,
      boolean hasNewBarrier,
      MirrorState before,
      MirrorState after) {
    Position barrier() {
      return after.barrier();
    }

    List<DataFile> rowFiles() {
      return files.stream().map(StagedFile::file).filter(Objects::nonNull).toList();
    }

    /** Files of former keys, for a MERGE. */
    List<DataFile> formerKeyFiles() {
      return files.stream().map(StagedFile::formerKeys).filter(Objects::nonNull).toList();
    }

    boolean hasPartialRows() {
      return files.stream().anyMatch(StagedFile::hasPartialRows);
    }
  }

  /**
   * The form in which this writer wants a table's changes.
   *
   * @param table the mirror; null if there is none yet
   */
  MirrorSlice.Form form(@Nullable LakeTable table);

  /**
   * Commits the changes together with {@code after}.
   *
   * @return the state that the commit recorded: {@code after}, or a later number of it
   * @throws MissingRowException if a change lacks values and the mirror has no row to take them
   *     from; nothing was changed
   * @throws java.util.ConcurrentModificationException if another writer moved the positions
   */
  MirrorState apply(LakeTable table, Changes changes);

  /** Whether work of an earlier {@link #maintain} waits to be taken up. */
  boolean isDue(LakeTable table);

  /**
   * Does what is due for a table between two batches.
   *
   * @param state what the table's newest commit recorded
   */
  void maintain(LakeTable table, MirrorState state);

  /** After a batch, when no table is worked on: gives up memory that it should not keep. */
  void rest();

  @Override
  void close();

  /** An update whose unchanged values are nowhere to be found. */
  final class MissingRowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final String MESSAGE =
        "A change lacks values that PostgreSQL did not send, and its row is missing";

    MissingRowException() {
      super(MESSAGE);
    }

    MissingRowException(Throwable cause) {
      super(MESSAGE, cause);
    }
  }
}
