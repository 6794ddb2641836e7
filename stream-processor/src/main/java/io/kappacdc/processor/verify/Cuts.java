package io.kappacdc.processor.verify;

import io.kappacdc.event.Cut;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.processor.stream.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The cuts published from the moment of opening on: to be opened before the fence is set, since
 * only a later cut can lie behind it. Used by one thread.
 */
final class Cuts implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration REQUEST_MAX = Duration.ofSeconds(15);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;

  private Cuts(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    this.consumer = consumer;
    this.topic = topic;
  }

  /**
   * Opens the topic at its end.
   *
   * @throws NotVerifiedException if Kafka or the topic is not there
   */
  static Cuts openAtEnd(KafkaSettings kafka, Deadline deadline) {
    String topic = kafka.topics().cuts();
    Map<String, Object> properties = new HashMap<>(kafka.consumer());
    long requestMillis =
        Math.max(1000, Math.min(REQUEST_MAX.toMillis(), deadline.remaining().toMillis()));
    properties.put("default.api.timeout.ms", Math.toIntExact(requestMillis));
    properties.put("request.timeout.ms", Math.toIntExact(requestMillis));
    properties.put("allow.auto.create.topics", "false");
    KafkaConsumer<byte[], byte[]> consumer = null;
    try {
      consumer = new KafkaConsumer<>(properties);
      if (!consumer.listTopics().containsKey(topic)) {
        throw NotVerifiedException.cutsUnreadable(topic, "there is no such topic", null);
      }
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToEnd(List.of(partition));
      consumer.position(partition);
      return new Cuts(consumer, topic);
    } catch (KafkaException | NotVerifiedException e) {
      if (consumer != null) {
        consumer.close(Duration.ZERO);
      }
      throw e instanceof NotVerifiedException known
          ? known
          : NotVerifiedException.cutsUnreadable(topic, StoreException.firstLine(e), e);
    }
  }

  /**
   * Waits for a cut at or behind {@code lsn}.
   *
   * @throws NotVerifiedException if none comes in time
   */
  Cut await(long lsn, Deadline deadline) {
    @Nullable Long newest = null;
    try {
      do {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          Cut cut = CutJson.read(record.value());
          if (!cut.isComplete()) {
            continue;
          }
          newest = cut.lsn();
          if (Long.compareUnsigned(cut.lsn(), lsn) >= 0) {
            return cut;
          }
        }
      } while (!deadline.passed());
    } catch (KafkaException e) {
      throw NotVerifiedException.cutsUnreadable(topic, StoreException.firstLine(e), e);
    }
    throw NotVerifiedException.captureBehind(lsn, newest, deadline.timeout());
  }

  @Override
  public void close() {
    consumer.close(Duration.ofSeconds(1));
  }
}
