package io.kappacdc.processor.stream;

import io.kappacdc.event.Position;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.WireFormatException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells a topic from another one of the same name and length: the record at the offset of the last
 * event that a sink has applied is that event, or an earlier one.
 */
final class LastRead {
  private static final Duration READ_MAX = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  /** About a record of each partition. */
  private static final int FETCH_BYTES = 16 * 1024;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, SinkPosition> positions;

  private LastRead(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, SinkPosition> positions) {
    this.consumer = consumer;
    this.positions = positions;
  }

  /**
   * Reads a record of each partition.
   *
   * @param positions whose last record is still in Kafka
   * @throws GapException if a record is later than what the sink has applied, or is missing
   */
  static void require(
      KafkaSettings kafka,
      Map<io.kappacdc.processor.stream.TopicPartition, SinkPosition> positions) {
    if (positions.isEmpty()) {
      return;
    }
    Map<String, Object> properties = new HashMap<>(kafka.consumer());
    properties.put("allow.auto.create.topics", "false");
    properties.put("max.partition.fetch.bytes", Integer.toString(FETCH_BYTES));
    Map<TopicPartition, SinkPosition> left = new HashMap<>();
    positions.forEach(
        (partition, position) ->
            left.put(new TopicPartition(partition.topic(), partition.partition()), position));
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
      new LastRead(consumer, left).require();
    }
  }

  private void require() {
    consumer.assign(positions.keySet());
    positions.forEach((partition, position) -> consumer.seek(partition, position.lastOffset()));
    long deadline = System.nanoTime() + READ_MAX.toNanos();
    while (!positions.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Kafka does not deliver " + positions.keySet());
      }
      var records = consumer.poll(POLL);
      for (TopicPartition partition : records.partitions()) {
        SinkPosition position = positions.remove(partition);
        if (position != null) {
          compare(partition, position, records.records(partition).get(0));
          consumer.pause(List.of(partition));
        }
      }
      skipPassed();
    }
  }

  /** Where no record comes, there is none that was committed. */
  private void skipPassed() {
    for (TopicPartition partition : List.copyOf(positions.keySet())) {
      SinkPosition position = positions.get(partition);
      if (consumer.position(partition) > position.lastOffset()) {
        requireExpired(partition, position);
        positions.remove(partition);
      }
    }
  }

  private void compare(
      TopicPartition partition, SinkPosition position, ConsumerRecord<byte[], byte[]> record) {
    if (record.offset() > position.lastOffset()) {
      requireExpired(partition, position);
      return;
    }
    try {
      Position found = EventReader.position(record.value());
      if (found.isAfter(position.position())) {
        throw madeAnew(partition, position);
      }
    } catch (WireFormatException e) {
      throw madeAnew(partition, position);
    }
  }

  /** A record that expired just now was read. */
  private void requireExpired(TopicPartition partition, SinkPosition position) {
    long earliest = consumer.beginningOffsets(List.of(partition)).get(partition);
    if (earliest <= position.lastOffset()) {
      throw madeAnew(partition, position);
    }
  }

  private GapException madeAnew(TopicPartition partition, SinkPosition position) {
    return GapException.otherRecord(
        new io.kappacdc.processor.stream.TopicPartition(partition.topic(), partition.partition()),
        position);
  }
}
