package io.kappacdc.processor.erase;

import io.kappacdc.event.Position;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a change tells of the row that it is of.
 *
 * @param op as in a trail
 * @param former the key before, of a create that goes on with a row of that key
 */
public record KeyedChange(RowKey key, String op, long lsn, long ordinal, @Nullable RowKey former)
    implements Serializable {
  public Position position() {
    return new Position(lsn, ordinal);
  }

  /** The place of the delete that stands before a create with a former key. */
  Position departure() {
    return departure(position());
  }

  static Position departure(Position create) {
    return new Position(create.lsn(), Math.max(0, create.ordinal() - 1));
  }
}
