package io.kappacdc.processor.stream;

import io.kappacdc.event.Position;
import java.io.Serializable;

/**
 * How far a sink has come in one topic partition, as the store itself recorded it together with the
 * data.
 *
 * @param lsn the high-water position's LSN; events at or before the position are in the store
 * @param ordinal the high-water position's ordinal
 * @param nextOffset the Kafka offset to read next
 * @param lastOffset the offset of the event at the position; less than 0 if it is not known. What
 *     lies between the two is no event that the store has applied
 */
public record SinkPosition(long lsn, long ordinal, long nextOffset, long lastOffset)
    implements Serializable {
  /** Where the event is the record in front of the next one. */
  public SinkPosition(long lsn, long ordinal, long nextOffset) {
    this(lsn, ordinal, nextOffset, nextOffset - 1);
  }

  public static SinkPosition of(Position position, long nextOffset) {
    return new SinkPosition(position.lsn(), position.ordinal(), nextOffset);
  }

  public Position position() {
    return new Position(lsn, ordinal);
  }
}
