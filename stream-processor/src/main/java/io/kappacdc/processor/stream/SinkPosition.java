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
 */
public record SinkPosition(long lsn, long ordinal, long nextOffset) implements Serializable {
  public static SinkPosition of(Position position, long nextOffset) {
    return new SinkPosition(position.lsn(), position.ordinal(), nextOffset);
  }

  public Position position() {
    return new Position(lsn, ordinal);
  }
}
