package io.kappacdc.processor.verify;

import io.kappacdc.event.Cut;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.stream.KafkaSettings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cuts published from the moment of opening on: to be opened before the fence is set, since
 * only a later cut can lie behind it. Used by one thread.
 */
final class Cuts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cuts.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration REQUEST_MAX = Duration.ofSeconds(15);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final Deque<Cut> read = new ArrayDeque<>();
  private @Nullable Long newest;

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
    Optional<Cut> cut = await(next -> Long.compareUnsigned(next.lsn(), lsn) >= 0, deadline);
    return cut.orElseThrow(
        () -> NotVerifiedException.captureBehind(lsn, newest, deadline.timeout()));
  }

  /** Waits for a cut at which capture has all rows of these topics' tables, or for the deadline. */
  void awaitWithout(Set<String> unread, Deadline deadline) {
    await(next -> Collections.disjoint(next.unread(), unread), deadline);
  }

  /** Passes over cuts that do not fulfil the condition; what is behind one that does stays. */
  private Optional<Cut> await(Predicate<Cut> isWanted, Deadline deadline) {
    try {
      do {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          try {
            read.add(CutJson.read(record.value()));
          } catch (WireFormatException e) {
            LOG.warn("Skipped a record that is no cut: topic={} offset={}", topic, record.offset());
          }
        }
        while (!read.isEmpty()) {
          Cut cut = read.remove();
          if (cut.isComplete()) {
            newest = cut.lsn();
            if (isWanted.test(cut)) {
              return Optional.of(cut);
            }
          }
        }
      } while (!deadline.passed());
      return Optional.empty();
    } catch (KafkaException e) {
      throw NotVerifiedException.cutsUnreadable(topic, StoreException.firstLine(e), e);
    }
  }

  @Override
  public void close() {
    consumer.close(Duration.ofSeconds(1));
  }
}
