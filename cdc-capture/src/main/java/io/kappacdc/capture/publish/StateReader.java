package io.kappacdc.capture.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Finds the last committed record of the offsets topic, reading from its end backwards. */
final class StateReader {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FIRST_WINDOW = 64;

  private final PublisherSettings settings;

  StateReader(PublisherSettings settings) {
    this.settings = settings;
  }

  /**
   * A state, and the topics that do not have all the events it speaks of: they were deleted, or cut
   * off.
   */
  record Found(StreamState state, Set<String> lostTopics) {}

  /** The newest state under this key. */
  Optional<Found> read(byte[] key) {
    TopicPartition partition = new TopicPartition(settings.topics().offsets(), 0);
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings.consumer())) {
      consumer.assign(List.of(partition));
      long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      byte[] found = null;
      long from = end;
      for (long window = FIRST_WINDOW; found == null && from > begin; window *= 16) {
        from = Math.max(begin, end - window);
        found = lastIn(consumer, partition, from, end, key);
      }
      if (found == null) {
        return Optional.empty();
      }
      StreamState state = StreamState.fromJson(found);
      return Optional.of(new Found(state, lostTopics(consumer, state.endOffsets())));
    } catch (KafkaException e) {
      throw PublishErrors.of("read capture's position from Kafka", e);
    }
  }

  private static byte @Nullable [] lastIn(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long from,
      long end,
      byte[] key) {
    consumer.seek(partition, from);
    byte[] last = null;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (Arrays.equals(key, record.key())) {
          last = record.value();
        }
      }
      if (System.nanoTime() > deadline) {
        throw new org.apache.kafka.common.errors.TimeoutException(
            "The offsets topic does not yield its end");
      }
    }
    return last;
  }

  private static Set<String> lostTopics(
      KafkaConsumer<byte[], byte[]> consumer, Map<String, long[]> endOffsets) {
    Set<String> existing = consumer.listTopics().keySet();
    Set<String> lost = new TreeSet<>();
    List<TopicPartition> partitions = new ArrayList<>();
    endOffsets.forEach(
        (topic, ends) -> {
          if (!existing.contains(topic)) {
            lost.add(topic);
            return;
          }
          for (int i = 0; i < ends.length; i++) {
            partitions.add(new TopicPartition(topic, i));
          }
        });
    consumer
        .endOffsets(partitions)
        .forEach(
            (partition, end) -> {
              if (end < endOffsets.get(partition.topic())[partition.partition()]) {
                lost.add(partition.topic());
              }
            });
    return lost;
  }
}
