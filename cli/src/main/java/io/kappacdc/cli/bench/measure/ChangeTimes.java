package io.kappacdc.cli.bench.measure;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.cli.status.KafkaStatus;
import io.kappacdc.event.wire.TopicNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads a run's changes from Kafka once more, after it: each has its partition, its offset and the
 * time of its commit at the source, and so its place in every stage's progress.
 */
public final class ChangeTimes {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final String SNAPSHOT_READ = "r";
  private static final long HALF_A_MILLI = 500;

  private final Window window;
  private final StageTimes kafka;
  private final List<StageTimes> sinks;
  private final List<StageTimes> logs;
  private final Latencies toKafka = new Latencies();
  private final Counts in = new Counts();

  /**
   * @param kafka when changes could be read from Kafka
   * @param sinks when a reader saw that they could be read from the stores
   * @param logs the same by the stores' own clocks, of those that have one for each commit
   */
  public ChangeTimes(
      Window window, StageTimes kafka, List<StageTimes> sinks, List<StageTimes> logs) {
    this.window = window;
    this.kafka = kafka;
    this.sinks = List.copyOf(sinks);
    this.logs = List.copyOf(logs);
  }

  /** Commit time and operation of a change, from the beginning of its JSON. */
  record Head(long commitMicros, String operation) {
    static Head read(byte[] value) {
      try (JsonParser parser = JSON.createParser(value)) {
        String operation = "";
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          if (token == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("op")) {
              operation = parser.getText();
            } else if (field.equals("ts_us")) {
              return new Head(parser.getLongValue(), operation);
            }
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      throw new IllegalStateException("A change without ts_us");
    }
  }

  /**
   * Reads all topics of tables.
   *
   * @param fromMicros changes committed earlier than that are left out
   */
  public void read(KafkaAddress kafka, TopicNames topics, long fromMicros) {
    try (Consumer<byte[], byte[]> consumer = KafkaStatus.consumer(kafka, TIMEOUT)) {
      List<TopicPartition> partitions = KafkaStatus.tables(consumer.listTopics(), topics);
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      // Capture stamps a record when it sends it, never before the commit.
      seek(consumer, partitions, ends, fromMicros / 1_000);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          count(record, fromMicros);
        }
      }
    }
  }

  private static void seek(
      Consumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> ends,
      long fromMillis) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, fromMillis));
    Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = starts.get(partition);
      consumer.seek(partition, start == null ? ends.get(partition) : start.offset());
    }
  }

  private void count(ConsumerRecord<byte[], byte[]> record, long fromMicros) {
    Head head = Head.read(record.value());
    if (head.operation().equals(SNAPSHOT_READ) || head.commitMicros() < fromMicros) {
      return;
    }
    count(
        new PartitionId(record.topic(), record.partition()),
        record.offset(),
        head.commitMicros(),
        record.timestamp() * 1_000 + HALF_A_MILLI);
  }

  /**
   * Counts one change.
   *
   * @param appendedMicros the time that Kafka has for it, which capture gave it when it sent it
   */
  void count(PartitionId partition, long offset, long commitMicros, long appendedMicros) {
    in.add(window.secondOf(commitMicros), 1);
    if (window.contains(commitMicros)) {
      toKafka.record(window.secondOf(commitMicros), appendedMicros - commitMicros, 1);
    }
    long readable = kafka.count(partition, offset, commitMicros, Timeline.NEVER);
    for (StageTimes sink : sinks) {
      sink.count(partition, offset, commitMicros, readable);
    }
    for (StageTimes log : logs) {
      log.count(partition, offset, commitMicros, readable);
    }
  }

  /** Commit at the source to the time stamp in Kafka, whole milliseconds. */
  public Latencies toKafka() {
    return toKafka;
  }

  public StageTimes kafka() {
    return kafka;
  }

  public List<StageTimes> sinks() {
    return sinks;
  }

  public List<StageTimes> logs() {
    return logs;
  }

  /** Changes by the second of their commit at the source. */
  public Counts in() {
    return in;
  }
}
