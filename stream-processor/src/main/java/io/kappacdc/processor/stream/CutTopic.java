package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.WireFormatException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cuts of the cuts topic in their order, from a place that a search finds. Keeps the cuts of
 * one poll at most. Used by one thread.
 */
final class CutTopic implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CutTopic.class);
  private static final int CUTS_PER_POLL_MAX = 500;
  private static final int FETCH_BYTES = 256 * 1024;

  /** How long a read waits for records that are known to be there. */
  private static final Duration READ_MAX = Duration.ofSeconds(30);

  private static final Duration READ_POLL = Duration.ofMillis(200);

  /** How long cuts that are there may take to arrive before a batch goes on without them. */
  private static final Duration MORE_MAX = Duration.ofMillis(50);

  /** Capture writes cuts all the time; after such a silence the topic may be another one. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

  private final TopicPartition partition;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Deque<Placed> buffer = new ArrayDeque<>();
  private long lastOffset = -1;
  private long lastHeardNanos = System.nanoTime();

  /** A cut and its place in the topic. */
  record Placed(long offset, Cut cut) {}

  CutTopic(KafkaSettings kafka) {
    this.partition = new TopicPartition(kafka.topics().cuts(), 0);
    Map<String, Object> properties = new HashMap<>(kafka.consumer());
    properties.put("allow.auto.create.topics", "false");
    properties.put("max.poll.records", Integer.toString(CUTS_PER_POLL_MAX));
    properties.put("max.partition.fetch.bytes", Integer.toString(FETCH_BYTES));
    properties.put("fetch.max.bytes", Integer.toString(FETCH_BYTES));
    this.consumer = new KafkaConsumer<>(properties);
  }

  boolean exists() {
    return uninterrupted(() -> partitionsOf(partition.topic()) > 0);
  }

  private int partitionsOf(String topic) {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    return found == null ? 0 : found.size();
  }

  /** The last cut in the topic; null if there is none. */
  @Nullable Placed newest() {
    return uninterrupted(
        () -> {
          consumer.assign(List.of(partition));
          long begin = begin();
          long end = end();
          for (long back = 2; ; back *= 8) {
            long from = Math.max(begin, end - back);
            Placed newest = null;
            for (Placed next = readAt(from, end); next != null; ) {
              newest = next;
              next = readAt(newest.offset() + 1, end);
            }
            if (newest != null || from == begin) {
              return newest;
            }
          }
        });
  }

  /**
   * The last cut that {@code isBefore} holds for, when it holds for all cuts up to a place and for
   * none behind it; null if it holds for none. Afterwards {@link #next} goes on behind that cut.
   */
  @Nullable Placed seekBehind(Predicate<Cut> isBefore) {
    return uninterrupted(
        () -> {
          consumer.assign(List.of(partition));
          long low = begin();
          long high = end();
          Placed last = null;
          while (low < high) {
            long middle = low + (high - low) / 2;
            Placed probe = readAt(middle, high);
            if (probe == null) {
              high = middle;
            } else if (isBefore.test(probe.cut())) {
              last = probe;
              low = probe.offset() + 1;
            } else {
              high = middle;
            }
          }
          seek(last == null ? begin() : last.offset() + 1);
          return last;
        });
  }

  private long begin() {
    return consumer.beginningOffsets(List.of(partition)).get(partition);
  }

  private long end() {
    return consumer.endOffsets(List.of(partition)).get(partition);
  }

  /** The first cut at or behind an offset and before {@code end}; null if there is none. */
  private @Nullable Placed readAt(long offset, long end) {
    long deadline = System.nanoTime() + READ_MAX.toNanos();
    if (buffer.isEmpty() || buffer.peekFirst().offset() > offset || offset <= lastOffset) {
      seek(offset);
    }
    while (true) {
      for (Placed next = buffer.peekFirst(); next != null; next = buffer.peekFirst()) {
        if (next.offset() >= offset) {
          return next.offset() < end ? next : null;
        }
        buffer.pollFirst();
      }
      if (consumer.position(partition) >= end) {
        return null;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Kafka does not deliver " + partition + " before " + end);
      }
      fetch(READ_POLL);
    }
  }

  private void seek(long offset) {
    buffer.clear();
    lastOffset = offset - 1;
    consumer.seek(partition, offset);
  }

  /**
   * The next cut; waits for one for a time.
   *
   * @return null if none came
   */
  @Nullable Placed next(Duration wait) {
    return uninterrupted(
        () -> {
          if (buffer.isEmpty()) {
            fetch(hasMore() && wait.compareTo(MORE_MAX) < 0 ? MORE_MAX : wait);
          }
          Placed next = buffer.pollFirst();
          if (next != null) {
            lastOffset = next.offset();
          }
          return next;
        });
  }

  /** Whether there are cuts that were not read yet, as far as is known without asking Kafka. */
  private boolean hasMore() {
    return consumer.currentLag(partition).orElse(0) > 0;
  }

  private void fetch(Duration wait) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(wait)) {
      lastHeardNanos = System.nanoTime();
      if (record.offset() <= lastOffset) {
        throw new IllegalStateException(partition + " was made anew");
      }
      try {
        buffer.add(new Placed(record.offset(), CutJson.read(record.value())));
      } catch (WireFormatException e) {
        LOG.warn("Skipped a record that is no cut: {} offset={}", partition, record.offset());
      }
    }
    if (System.nanoTime() - lastHeardNanos > SILENCE_MAX.toNanos()) {
      lastHeardNanos = System.nanoTime();
      if (partitionsOf(partition.topic()) == 0 || end() < consumer.position(partition)) {
        throw new IllegalStateException(partition + " is gone or was made anew");
      }
    }
  }

  /**
   * The first offset of each partition of a topic.
   *
   * @return empty if there is no such topic
   */
  Map<Integer, Long> earliest(String topic) {
    return uninterrupted(
        () -> {
          Map<Integer, Long> earliest = new HashMap<>();
          int partitions = partitionsOf(topic);
          if (partitions > 0) {
            List<TopicPartition> all =
                java.util.stream.IntStream.range(0, partitions)
                    .mapToObj(number -> new TopicPartition(topic, number))
                    .toList();
            consumer
                .beginningOffsets(all)
                .forEach((found, offset) -> earliest.put(found.partition(), offset));
          }
          return earliest;
        });
  }

  private interface Reading<T> {
    @Nullable T read();
  }

  /** A query that is stopped expects the interruption in this form. */
  private static <T> T uninterrupted(Reading<T> reading) {
    try {
      return reading.read();
    } catch (InterruptException e) {
      InterruptedIOException interrupted = new InterruptedIOException("Reading cuts");
      interrupted.initCause(e);
      throw new UncheckedIOException(interrupted);
    }
  }

  @Override
  public void close() {
    consumer.close(Duration.ofSeconds(1));
  }
}
