package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import java.io.Serializable;

/**
 * The create of an update that changed its row's key and did not bring all values: the others are
 * those that the row had under its old key, right before the delete that stands before the create.
 *
 * @param oldKey the old key, as {@link KeyCodec} encodes it
 * @param lsn LSN of the create
 * @param ordinal ordinal of the create
 */
record KeyChange(byte[] oldKey, long lsn, long ordinal) implements Serializable {
  KeyChange(byte[] oldKey, Position create) {
    this(oldKey, create.lsn(), create.ordinal());
  }

  /** Position of the create. */
  Position position() {
    return new Position(lsn, ordinal);
  }

  /** Position of the delete of the old key. */
  Position departure() {
    return departure(position());
  }

  /** Position of the delete that belongs to the create at a position. */
  static Position departure(Position create) {
    return new Position(create.lsn(), create.ordinal() - 1);
  }
}
