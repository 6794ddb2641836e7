package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import java.io.Serializable;

/** How far a slice came, and why no further. */
sealed interface SliceEnd extends Serializable {
  /** All records were read. */
  record Complete() implements SliceEnd {}

  /**
   * The next record needs wider columns: they must be made, and the batch read on from there.
   *
   * @param columns the columns it needs
   */
  record NeedsWiderColumns(LakeSchema columns) implements SliceEnd {}

  /** The next record cannot be applied, nor any after it. */
  record Stopped(String reason) implements SliceEnd {}

  /**
   * The next record needs a column of another type, which nobody but a person can make.
   *
   * @param problem for people
   * @param table bare SQL name of the table
   * @param column SQL name of the lake's column
   * @param newColumn SQL name that the column could have instead
   * @param isKey whether it is part of the key
   */
  record Clash(String problem, String table, String column, String newColumn, boolean isKey)
      implements SliceEnd {
    /** What to do about it in one of the two stores; rows with another key stay in a mirror. */
    String reason(LakeCatalog.Store store) {
      String name = store.database() + '.' + table;
      String emptying = isKey && store == LakeCatalog.Store.MIRROR ? "; DELETE FROM " + name : "";
      return problem
          + " Rename the lake's column, to whatever name, and start the processor again, which adds"
          + " a column for the new type: kappa sql 'ALTER TABLE %s RENAME COLUMN %s TO %s%s'"
              .formatted(name, column, newColumn, emptying);
    }
  }

  /**
   * The next record cannot be applied, but further on the table is truncated: with the key that it
   * has there, the mirror can be begun anew.
   *
   * @param schema of the truncate, as {@link io.kappacdc.event.wire.SchemaJson}
   */
  record BegunAnew(long lsn, long ordinal, byte[] schema) implements SliceEnd {
    Position position() {
      return new Position(lsn, ordinal);
    }
  }

  /**
   * The slice holds as much as fits into memory, or as it may: it must be committed, and the rest
   * read anew.
   */
  record Full() implements SliceEnd {}

  SliceEnd COMPLETE = new Complete();
}
