package io.kappacdc.capture.publish;

import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableName;
import io.kappacdc.capture.resume.TableNote;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads what capture left in Kafka for its next start. */
final class StateReader {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FIRST_WINDOW = 64;

  private final PublisherSettings settings;

  StateReader(PublisherSettings settings) {
    this.settings = settings;
  }

  /**
   * A state, and the topics that do not have all the events it speaks of, since they were deleted
   * or cut off.
   *
   * @param lostTopics by topic, the end of what is left in each partition; zeros for a topic that
   *     is gone
   */
  record Found(StreamState state, SortedMap<String, long[]> lostTopics) {}

  /** The newest state under this key; reads the offsets topic from its end backwards. */
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

  /** The newest form of each table that was noted under this slot. */
  Map<TableName, TableForm> forms(String slot) {
    TopicPartition partition = new TopicPartition(settings.topics().tables(), 0);
    Map<TableName, TableForm> forms = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings.consumer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      byte[] prefix = noteKey(slot, "");
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (isPrefix(prefix, record.key())) {
            TableNote note = TableNoteJson.read(record.value());
            forms.put(note.name(), note.form());
          }
        }
        requireBefore(deadline);
      }
      return forms;
    } catch (KafkaException e) {
      throw PublishErrors.of("read what capture remembers of tables from Kafka", e);
    }
  }

  /** The key of a table's note; names of slots have no blank. */
  static byte[] noteKey(String slot, String topic) {
    return (slot + ' ' + topic).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isPrefix(byte[] prefix, byte @Nullable [] key) {
    return key != null
        && key.length >= prefix.length
        && Arrays.equals(prefix, 0, prefix.length, key, 0, prefix.length);
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
      requireBefore(deadline);
    }
    return last;
  }

  private static void requireBefore(long deadline) {
    if (System.nanoTime() > deadline) {
      throw new org.apache.kafka.common.errors.TimeoutException("A topic does not yield its end");
    }
  }

  /** What is left of the topics that end before {@code endOffsets}. */
  static SortedMap<String, long[]> lostTopics(
      KafkaConsumer<byte[], byte[]> consumer, Map<String, long[]> endOffsets) {
    Set<String> existing = consumer.listTopics().keySet();
    SortedMap<String, long[]> left = new TreeMap<>();
    List<TopicPartition> partitions = new ArrayList<>();
    endOffsets.forEach(
        (topic, ends) -> {
          left.put(topic, new long[ends.length]);
          for (int i = 0; i < ends.length && existing.contains(topic); i++) {
            partitions.add(new TopicPartition(topic, i));
          }
        });
    consumer
        .endOffsets(partitions)
        .forEach((partition, end) -> left.get(partition.topic())[partition.partition()] = end);
    left.entrySet().removeIf(topic -> reaches(topic.getValue(), endOffsets.get(topic.getKey())));
    return left;
  }

  private static boolean reaches(long[] ends, long[] expected) {
    for (int i = 0; i < expected.length; i++) {
      if (ends[i] < expected[i]) {
        return false;
      }
    }
    return true;
  }
}
