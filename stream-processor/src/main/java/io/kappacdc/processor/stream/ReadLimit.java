package io.kappacdc.processor.stream;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Up to where records are read.
 *
 * @param endOffsets the offset before which each partition ends; of partitions that are missing
 *     nothing is read; null to read everything
 */
record ReadLimit(@Nullable HashMap<TopicPartition, Long> endOffsets) implements Serializable {
  static final ReadLimit NONE = new ReadLimit(null);

  /** Only what is behind a sink's positions. */
  static ReadLimit before(Map<TopicPartition, SinkPosition> positions) {
    HashMap<TopicPartition, Long> ends = new HashMap<>();
    positions.forEach((partition, position) -> ends.put(partition, position.nextOffset()));
    return new ReadLimit(ends);
  }

  long endOffset(TopicPartition partition) {
    return endOffsets == null ? Long.MAX_VALUE : endOffsets.getOrDefault(partition, 0L);
  }
}
