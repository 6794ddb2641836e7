package io.kappacdc.capture.publish;

import io.kappacdc.capture.resume.GapException;
import java.time.Duration;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

  private final PublisherSettings settings;
  private final Supplier<SortedMap<String, long[]>> published;
  private final Duration interval;
  private final Consumer<GapException> onLoss;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private TopicWatch(
      PublisherSettings settings,
      Supplier<SortedMap<String, long[]>> published,
      Duration interval,
      Consumer<GapException> onLoss) {
    this.settings = settings;
    this.published = published;
    this.interval = interval;
    this.onLoss = onLoss;
    this.thread = new Thread(this::run, "topic-watch");
    thread.setDaemon(true);
  }

  /**
   * Starts watching.
   *
   * @param onLoss called once, on the watch's thread
   */
  public static TopicWatch start(
      PublisherSettings settings,
      TransactionalPublisher publisher,
      Duration interval,
      Consumer<GapException> onLoss) {
    TopicWatch watch = new TopicWatch(settings, publisher::endOffsets, interval, onLoss);
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
          onLoss.accept(TransactionalPublisher.lost(lost.keySet()));
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
      return StateReader.lostTopics(consumer, published.get());
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.debug("Cannot look at the topics now", e);
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
