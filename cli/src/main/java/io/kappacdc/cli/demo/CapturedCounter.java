package io.kappacdc.cli.demo;

import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.cli.status.KafkaStatus;
import io.kappacdc.event.wire.TopicNames;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Counts the events in the tables' topics by reading them: offsets would count the markers of
 * transactions as well. A thread of its own reads; the counts can be had from any thread.
 */
final class CapturedCounter implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LOOK_FOR_TOPICS = Duration.ofSeconds(1);

  private final KafkaAddress kafka;
  private final TopicNames names;
  private final AtomicLong events = new AtomicLong();
  private final Thread reader = new Thread(this::read, "captured-counter");
  private volatile SortedSet<String> topics = new TreeSet<>();
  private volatile boolean closed;

  private CapturedCounter(KafkaAddress kafka, TopicNames names) {
    this.kafka = kafka;
    this.names = names;
    reader.setDaemon(true);
  }

  static CapturedCounter start(KafkaAddress kafka, TopicNames names) {
    CapturedCounter counter = new CapturedCounter(kafka, names);
    counter.reader.start();
    return counter;
  }

  private void read() {
    while (!closed) {
      events.set(0);
      try (Consumer<byte[], byte[]> consumer = KafkaStatus.consumer(kafka, TIMEOUT)) {
        count(consumer);
      } catch (KafkaException e) {
        // The broker is away: count again from the beginning when it is back.
      }
    }
  }

  private void count(Consumer<byte[], byte[]> consumer) {
    Set<TopicPartition> assigned = new HashSet<>();
    long lookAt = System.nanoTime();
    while (!closed) {
      if (System.nanoTime() >= lookAt) {
        lookAt = System.nanoTime() + LOOK_FOR_TOPICS.toNanos();
        List<TopicPartition> all = KafkaStatus.tables(consumer.listTopics(), names);
        if (assigned.addAll(all)) {
          consumer.assign(assigned);
          TreeSet<String> found = new TreeSet<>();
          all.forEach(partition -> found.add(partition.topic()));
          topics = found;
        }
      }
      if (assigned.isEmpty()) {
        pause();
      } else {
        events.addAndGet(consumer.poll(POLL).count());
      }
    }
  }

  private static void pause() {
    java.util.concurrent.locks.LockSupport.parkNanos(POLL.toNanos());
  }

  long events() {
    return events.get();
  }

  SortedSet<String> topics() {
    return topics;
  }

  @Override
  public void close() {
    closed = true;
    try {
      reader.join(TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
