package io.kappacdc.capture.publish;

import io.kappacdc.capture.resume.GapException;
import java.time.Duration;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds whether the topics still have what was published to them, on a thread and
 * a connection of its own: of a topic that nothing is sent to, the producer would not notice.
 */
public final class TopicWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);
  private static final int REQUEST_MILLIS_MAX = 10_000;

  /** A broker that starts may not know its topics' ends yet: this often in a row they are lost. */
  private static final int LOOKS = 2;

  /** What it tells, on its own thread. */
  public interface Listener {
    /** Events are gone; called once. */
    void lost(GapException why);

    /** Kafka has answered. */
    void answered();

    /** Kafka does not answer. */
    void isSilent(KafkaException why);
  }

  private final PublisherSettings settings;
  private final Supplier<SortedMap<String, long[]>> published;
  private final Duration interval;
  private final Listener listener;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private TopicWatch(
      PublisherSettings settings,
      Supplier<SortedMap<String, long[]>> published,
      Duration interval,
      Listener listener) {
    this.settings = settings;
    this.published = published;
    this.interval = interval;
    this.listener = listener;
    this.thread = new Thread(this::run, "topic-watch");
    thread.setDaemon(true);
  }

  /**
   * Starts watching.
   *
   * @param listener called on the watch's thread
   */
  public static TopicWatch start(
      PublisherSettings settings,
      TransactionalPublisher publisher,
      Duration interval,
      Listener listener) {
    TopicWatch watch = new TopicWatch(settings, publisher::endOffsets, interval, listener);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer())) {
      int missing = 0;
      while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
        SortedMap<String, long[]> lost = look(consumer);
        missing = lost.isEmpty() ? 0 : missing + 1;
        if (missing == LOOKS) {
          listener.lost(TransactionalPublisher.lost(lost.keySet()));
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (InterruptException e) {
      LOG.debug("Interrupted", e);
    }
  }

  private SortedMap<String, long[]> look(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      SortedMap<String, long[]> lost = StateReader.lostTopics(consumer, published.get());
      listener.answered();
      return lost;
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.debug("Cannot look at the topics now", e);
      listener.isSilent(e);
      return new TreeMap<>();
    }
  }

  private Properties consumer() {
    Properties properties = settings.consumer();
    // The markers behind a committed transaction may still be under way.
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_MILLIS_MAX);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS_MAX);
    return properties;
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    try {
      thread.join(STOP_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
