package io.kappacdc.capture.publish;

import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableName;
import io.kappacdc.capture.resume.TableNote;
import io.kappacdc.event.Cut;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.WireFormatException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what capture left in Kafka for its next start. */
final class StateReader {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FIRST_WINDOW = 64;
  private static final Logger LOG = LoggerFactory.getLogger(StateReader.class);

  private final PublisherSettings settings;

  StateReader(PublisherSettings settings) {
    this.settings = settings;
  }

  /**
   * A state, and the topics that do not have all the events it speaks of, since they were deleted
   * or cut off.
   *
   * @param lostTopics by topic, the end of what is left in each partition that there is now; zeros
   *     for a topic that is gone
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

  /** The newest cut, of whichever slot; empty if nothing was ever published here. */
  Optional<Cut> newestCut() {
    TopicPartition partition = new TopicPartition(settings.topics().cuts(), 0);
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings.consumer())) {
      consumer.assign(List.of(partition));
      long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      Cut newest = null;
      long from = end;
      for (long window = FIRST_WINDOW; newest == null && from > begin; window *= 16) {
        from = Math.max(begin, end - window);
        newest = lastCut(consumer, partition, from, end);
      }
      return Optional.ofNullable(newest);
    } catch (KafkaException e) {
      throw PublishErrors.of("read capture's cuts from Kafka", e);
    }
  }

  private static @Nullable Cut lastCut(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long from, long end) {
    consumer.seek(partition, from);
    Cut last = null;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        try {
          last = CutJson.read(record.value());
        } catch (WireFormatException e) {
          LOG.warn("Skipped a record that is no cut: {} offset={}", partition, record.offset());
        }
      }
      requireBefore(deadline);
    }
    return last;
  }

  /** The topics of a cut that do not have all the events it speaks of. */
  SortedMap<String, long[]> lostTopics(Cut cut) {
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings.consumer())) {
      return lostTopics(consumer, cut.endOffsets());
    } catch (KafkaException e) {
      throw PublishErrors.of("look at the tables' topics in Kafka", e);
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
    Map<String, List<PartitionInfo>> existing = consumer.listTopics();
    SortedMap<String, long[]> left = new TreeMap<>();
    List<TopicPartition> partitions = new ArrayList<>();
    endOffsets.forEach(
        (topic, ends) -> {
          int count = existing.getOrDefault(topic, List.of()).size();
          left.put(topic, new long[count == 0 ? ends.length : count]);
          for (int i = 0; i < count; i++) {
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
    if (ends.length < expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (ends[i] < expected[i]) {
        return false;
      }
    }
    return true;
  }
}
