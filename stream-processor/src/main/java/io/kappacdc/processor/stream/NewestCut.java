package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import io.kappacdc.telemetry.Contact;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest cut in Kafka, looked up every {@value #INTERVAL_SECONDS} seconds on a thread of its
 * own, whatever the queries are at: how far they are behind, and whether Kafka answers.
 */
public final class NewestCut implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NewestCut.class);
  private static final int INTERVAL_SECONDS = 2;
  private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private final KafkaSettings kafka;
  private final Contact contact;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Cut newest;

  private NewestCut(KafkaSettings kafka, Contact contact) {
    this.kafka = impatient(kafka);
    this.contact = contact;
    this.thread = new Thread(this::run, "newest-cut");
    thread.setDaemon(true);
  }

  /** Looks once. */
  public static Optional<Cut> find(KafkaSettings kafka) {
    try (CutTopic cuts = new CutTopic(kafka)) {
      CutTopic.Placed last = cuts.exists() ? cuts.newest() : null;
      return last == null ? Optional.empty() : Optional.of(last.cut());
    }
  }

  /**
   * Starts looking.
   *
   * @param contact told whether Kafka answers
   */
  public static NewestCut watch(KafkaSettings kafka, Contact contact) {
    NewestCut watch = new NewestCut(kafka, contact);
    watch.thread.start();
    return watch;
  }

  private static KafkaSettings impatient(KafkaSettings kafka) {
    Map<String, String> properties = new HashMap<>(kafka.clientProperties());
    String millis = Long.toString(ANSWER_MAX.toMillis());
    properties.put("default.api.timeout.ms", millis);
    properties.put("request.timeout.ms", millis);
    return new KafkaSettings(kafka.bootstrapServers(), kafka.topicPrefix(), properties);
  }

  /** The newest cut as of the last look; empty if there is none, or none was found out. */
  public Optional<Cut> get() {
    return Optional.ofNullable(newest);
  }

  private void run() {
    try {
      do {
        look();
      } while (!isClosedWithin(Duration.ofSeconds(INTERVAL_SECONDS)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosedWithin(Duration pause) throws InterruptedException {
    return closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Looks again and again, until an error asks for a new connection. */
  private void look() throws InterruptedException {
    try (CutTopic cuts = new CutTopic(kafka)) {
      do {
        CutTopic.Placed last = cuts.exists() ? cuts.newest() : null;
        newest = last == null ? null : last.cut();
        contact.answered();
      } while (!isClosedWithin(Duration.ofSeconds(INTERVAL_SECONDS)));
    } catch (RuntimeException e) {
      LOG.debug("The newest cut cannot be looked up now", e);
      contact.failed(Contact.kind(e));
    }
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
