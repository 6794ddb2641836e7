package io.kappacdc.processor.stream;

import java.io.Serializable;

/** A partition of a table's topic. */
public record TopicPartition(String topic, int partition) implements Serializable {
  @Override
  public String toString() {
    return topic + '-' + partition;
  }
}
