package io.kappacdc.processor.stream;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads small batches into memory: one consumer for all partitions, which a fetch serves together,
 * and no Spark job, which would cost more than the changes themselves. Reads only; whatever goes
 * wrong is left to Spark's reader, which knows lost records from a Kafka that is away. Not
 * thread-safe.
 */
final class SmallBatches implements AutoCloseable {
  /** Beyond it, executors that read by themselves are the faster way. */
  static final int OFFSETS_MAX = 4_000;

  /** Where there are none but the driver's own threads, which a Spark job only comes on top of. */
  static final int OFFSETS_MAX_LOCAL = 12_000;

  /** In memory for one query, apart from what a single fetch brings more. */
  private static final long BYTES_MAX = 16 << 20;

  private static final int FETCH_BYTES = 4 << 20;
  private static final int PARTITION_FETCH_BYTES = 2 << 20;
  private static final Duration READ_MAX = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);

  /** After a batch that could not be read here the next ones will hardly be. */
  private static final Duration REST = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(SmallBatches.class);

  private final KafkaSettings kafka;
  private final int offsetsMax;
  private final Map<TopicPartition, Tail> tails = new HashMap<>();
  private @Nullable KafkaConsumer<byte[], byte[]> consumer;
  private long bytes;
  private long restsUntilNanos = System.nanoTime();

  /** What was read of a partition and is not taken yet. */
  private static final class Tail {
    private final org.apache.kafka.common.TopicPartition id;
    private final Deque<KafkaRecord> records = new ArrayDeque<>();
    private long begin;

    Tail(TopicPartition partition, long begin) {
      this.id = partitionOf(partition);
      this.begin = begin;
    }
  }

  /**
   * @param offsetsMax how many offsets the largest batch spans
   */
  SmallBatches(KafkaSettings kafka, int offsetsMax) {
    this.kafka = kafka;
    this.offsetsMax = offsetsMax;
  }

  /**
   * The committed records of a batch.
   *
   * @return empty if they are too many or too large, or did not come in time
   */
  Optional<ChangeBatch> read(long batchId, List<OffsetRange> ranges) {
    long offsets = ranges.stream().mapToLong(range -> range.end() - range.begin()).sum();
    if (ranges.isEmpty() || offsets > offsetsMax || System.nanoTime() - restsUntilNanos < 0) {
      return Optional.empty();
    }
    try {
      seek(ranges);
      if (fetch(ranges)) {
        return Optional.of(new SmallBatch(batchId, take(ranges)));
      }
    } catch (InterruptException e) {
      InterruptedIOException interrupted = new InterruptedIOException("Reading a batch");
      interrupted.initCause(e);
      throw new UncheckedIOException(interrupted);
    } catch (KafkaException e) {
      LOG.debug("A small batch cannot be read", e);
    }
    forget();
    restsUntilNanos = System.nanoTime() + REST.toNanos();
    return Optional.empty();
  }

  /** Goes to where the batch begins, if that is not where the one before it ended. */
  private void seek(List<OffsetRange> ranges) {
    List<Tail> elsewhere = new ArrayList<>();
    boolean isNew = false;
    for (OffsetRange range : ranges) {
      Tail tail = tails.get(range.partition());
      if (tail == null || tail.begin != range.begin()) {
        isNew |= tail == null;
        Tail begun = new Tail(range.partition(), range.begin());
        tails.put(range.partition(), begun);
        elsewhere.add(begun);
        bytes -= tail == null ? 0 : sizeOf(tail.records);
      }
    }
    if (isNew) {
      connected().assign(tails.values().stream().map(tail -> tail.id).toList());
    }
    elsewhere.forEach(tail -> connected().seek(tail.id, tail.begin));
  }

  private KafkaConsumer<byte[], byte[]> connected() {
    if (consumer == null) {
      Map<String, Object> properties = new HashMap<>(kafka.consumer());
      properties.put("auto.offset.reset", "none");
      properties.put("allow.auto.create.topics", "false");
      properties.put("max.poll.records", Integer.toString(offsetsMax));
      properties.put("fetch.max.bytes", Integer.toString(FETCH_BYTES));
      properties.put("max.partition.fetch.bytes", Integer.toString(PARTITION_FETCH_BYTES));
      consumer = new KafkaConsumer<>(properties);
    }
    return consumer;
  }

  /** Reads up to the ends; false if that is not to be. */
  private boolean fetch(List<OffsetRange> ranges) {
    KafkaConsumer<byte[], byte[]> reading = connected();
    long deadline = System.nanoTime() + READ_MAX.toNanos();
    reading.pause(reading.assignment());
    Map<org.apache.kafka.common.TopicPartition, Long> ends = new HashMap<>();
    ranges.forEach(range -> ends.put(partitionOf(range.partition()), range.end()));
    List<org.apache.kafka.common.TopicPartition> missing = new ArrayList<>(ends.keySet());
    missing.removeIf(partition -> reading.position(partition) >= ends.get(partition));
    reading.resume(missing);
    while (!missing.isEmpty()) {
      for (ConsumerRecord<byte[], byte[]> record : reading.poll(POLL)) {
        KafkaRecord read =
            new KafkaRecord(
                record.topic(), record.partition(), record.offset(), record.key(), record.value());
        tails.get(new TopicPartition(record.topic(), record.partition())).records.add(read);
        bytes += sizeOf(read);
      }
      if (bytes > BYTES_MAX || System.nanoTime() - deadline > 0) {
        return false;
      }
      missing.removeIf(
          partition -> {
            boolean isThere = reading.position(partition) >= ends.get(partition);
            if (isThere) {
              reading.pause(List.of(partition));
            }
            return isThere;
          });
    }
    return true;
  }

  private Map<TopicPartition, List<KafkaRecord>> take(List<OffsetRange> ranges) {
    Map<TopicPartition, List<KafkaRecord>> slices = new LinkedHashMap<>();
    for (OffsetRange range : ranges) {
      Tail tail = tails.get(range.partition());
      List<KafkaRecord> slice = new ArrayList<>();
      while (!tail.records.isEmpty() && tail.records.peekFirst().offset() < range.end()) {
        slice.add(tail.records.pollFirst());
      }
      tail.begin = range.end();
      bytes -= sizeOf(slice);
      if (!slice.isEmpty()) {
        slices.put(range.partition(), slice);
      }
    }
    return slices;
  }

  private static org.apache.kafka.common.TopicPartition partitionOf(TopicPartition partition) {
    return new org.apache.kafka.common.TopicPartition(partition.topic(), partition.partition());
  }

  private static long sizeOf(Iterable<KafkaRecord> records) {
    long sum = 0;
    for (KafkaRecord record : records) {
      sum += sizeOf(record);
    }
    return sum;
  }

  private static long sizeOf(KafkaRecord record) {
    return (record.key() == null ? 0 : record.key().length)
        + (record.value() == null ? 0 : record.value().length);
  }

  private void forget() {
    tails.clear();
    bytes = 0;
    close();
  }

  @Override
  public void close() {
    if (consumer != null) {
      consumer.close(Duration.ZERO);
      consumer = null;
    }
  }
}
