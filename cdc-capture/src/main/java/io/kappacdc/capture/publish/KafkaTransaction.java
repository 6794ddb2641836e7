package io.kappacdc.capture.publish;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** What was sent in a Kafka transaction so far. Not thread-safe. */
final class KafkaTransaction {
  private static final long UNFLUSHED_BYTES_MAX = 16 << 20;

  /** A reader that takes as many changes at a time finds a place to end at. */
  static final long UNCUT_EVENTS_MAX = 50_000;

  private final long bytesMax;
  private final long beganNanos;
  private final Map<TopicPartition, Sent> sent = new HashMap<>();
  private long bytes;
  private long unflushedBytes;
  private long uncutEvents;

  /** What went to a partition. */
  private static final class Sent {
    private final Future<RecordMetadata> first;
    private Future<RecordMetadata> last;
    private long events;
    private long bytes;

    Sent(Future<RecordMetadata> first) {
      this.first = first;
      this.last = first;
    }
  }

  /**
   * Where the events of a partition are; other transactions' markers may be among them.
   *
   * @param begin the offset of the first
   * @param end the offset behind the last
   */
  record Range(long begin, long end) {}

  KafkaTransaction(long bytesMax, long beganNanos) {
    this.bytesMax = bytesMax;
    this.beganNanos = beganNanos;
  }

  /** Whether there is something in it, and no room for so much more. */
  boolean isFilledBy(long moreBytes) {
    return bytes > 0 && bytes + moreBytes > bytesMax;
  }

  /**
   * Notes an event.
   *
   * @param eventBytes what it takes of the room
   * @param recordBytes its key and value
   */
  void sent(
      TopicPartition partition, long eventBytes, long recordBytes, Future<RecordMetadata> send) {
    bytes += eventBytes;
    unflushedBytes += eventBytes;
    uncutEvents++;
    Sent known = sent.get(partition);
    if (known == null) {
      known = new Sent(send);
      sent.put(partition, known);
    }
    known.last = send;
    known.events++;
    known.bytes += recordBytes;
  }

  /**
   * Whether so much is on its way that it should arrive first. The producer's own limit must admit
   * the largest record, and is too much for all the others.
   */
  boolean isFlushDue() {
    if (unflushedBytes < UNFLUSHED_BYTES_MAX) {
      return false;
    }
    unflushedBytes = 0;
    return true;
  }

  /** Whether so many events were sent since the last cut that there should be another. */
  boolean isCutDue() {
    return uncutEvents >= UNCUT_EVENTS_MAX;
  }

  /** Notes a cut behind all events sent so far. */
  void cut() {
    uncutEvents = 0;
  }

  /** Of the partitions that got any; all must have been sent. */
  Map<TopicPartition, Range> ranges() throws ExecutionException, InterruptedException {
    Map<TopicPartition, Range> ranges = new HashMap<>();
    for (Map.Entry<TopicPartition, Sent> to : sent.entrySet()) {
      Sent events = to.getValue();
      ranges.put(
          to.getKey(), new Range(events.first.get().offset(), events.last.get().offset() + 1));
    }
    return ranges;
  }

  /** What there is to tell of it once it is committed. */
  Committed committed(long nowNanos) {
    Map<String, Committed.Volume> byTopic = new HashMap<>();
    sent.forEach(
        (partition, part) ->
            byTopic.merge(
                partition.topic(),
                new Committed.Volume(part.events, part.bytes),
                Committed.Volume::plus));
    return new Committed(byTopic, nowNanos - beganNanos);
  }
}
