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

  private final long bytesMax;
  private final Map<TopicPartition, Future<RecordMetadata>> lastSends = new HashMap<>();
  private long bytes;
  private long unflushedBytes;

  KafkaTransaction(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Whether there is something in it, and no room for so much more. */
  boolean isFilledBy(long moreBytes) {
    return bytes > 0 && bytes + moreBytes > bytesMax;
  }

  void sent(TopicPartition partition, long eventBytes, Future<RecordMetadata> send) {
    bytes += eventBytes;
    unflushedBytes += eventBytes;
    lastSends.put(partition, send);
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

  /** The offsets behind the last events, for partitions that got any; all must have been sent. */
  Map<TopicPartition, Long> ends() throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (Map.Entry<TopicPartition, Future<RecordMetadata>> send : lastSends.entrySet()) {
      ends.put(send.getKey(), send.getValue().get().offset() + 1);
    }
    return ends;
  }
}
