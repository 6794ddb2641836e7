package io.kappacdc.capture;

import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.KappaConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures until it is stopped, across failures that pass: each attempt starts anew from what Kafka
 * holds. {@link #run} blocks its thread; {@link #stop} may be called from any other.
 */
public final class CaptureService {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureService.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final KappaConfig config;
  private final SnapshotPolicy policy;
  private final Duration patience;
  private final Runnable onReady;
  private final Clock clock;
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean readySaid = new AtomicBoolean();
  private volatile @Nullable Instant polling;
  private volatile @Nullable CaptureSession session;

  /**
   * @param patience how long failures that pass may go on before they are reported
   * @param onReady called once, when changes are first being captured
   */
  CaptureService(
      KappaConfig config, SnapshotPolicy policy, Duration patience, Runnable onReady, Clock clock) {
    this.config = config;
    this.policy = policy;
    this.patience = patience;
    this.onReady = onReady;
    this.clock = clock;
  }

  /**
   * Captures until {@link #stop}.
   *
   * @throws KappaException when a person has to act, or failures did not pass in time
   */
  public void run() {
    try {
      Instant failingSince = null;
      Duration pause = FIRST_PAUSE;
      while (!isStopping()) {
        polling = null;
        CaptureSession attempt = new CaptureSession(config, policy, this::ready, clock);
        session = attempt;
        try {
          if (!isStopping()) {
            attempt.run();
          }
        } catch (RuntimeException e) {
          Instant now = clock.instant();
          boolean worked =
              polling != null && Duration.between(polling, now).compareTo(LONGEST_PAUSE) > 0;
          if (failingSince == null || worked) {
            failingSince = now;
            pause = FIRST_PAUSE;
          }
          if (isStopping()) {
            LOG.debug("Failure while stopping", e);
            return;
          }
          giveUpUnlessPassing(e, Duration.between(failingSince, now));
          LOG.warn("attempt failed, next in {} ms: {}", pause.toMillis(), summary(e));
          LOG.debug("The failure", e);
          await(pause);
          pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
        }
      }
    } finally {
      ended.countDown();
    }
  }

  private void giveUpUnlessPassing(RuntimeException e, Duration failing) {
    KappaException known = find(e);
    if (known != null && !TransientFailure.isTransient(e)) {
      throw known;
    }
    if (!TransientFailure.isTransient(e)) {
      throw new KappaException(
          "Capture cannot go on.",
          summary(e),
          "Start it again, it continues from where Kafka is; report it if it fails again.",
          e);
    }
    if (failing.compareTo(patience) > 0) {
      throw new KappaException(
          "Capture has failed for " + failing.toSeconds() + " seconds.",
          summary(e),
          "Bring the source and Kafka back, then start capture again: it continues from where"
              + " Kafka is.",
          e);
    }
  }

  private static @Nullable KappaException find(@Nullable Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof KappaException known) {
        return known;
      }
    }
    return null;
  }

  private static String summary(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String first = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    String last = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    return root == error ? first : first + ": " + last;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void await(Duration pause) {
    try {
      if (stopRequested.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("Stopping instead of a new attempt");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopRequested.countDown();
    }
  }

  private void ready() {
    polling = clock.instant();
    if (readySaid.compareAndSet(false, true)) {
      onReady.run();
    }
  }

  private boolean isStopping() {
    return stopRequested.getCount() == 0;
  }

  /**
   * Stops cleanly and returns when {@link #run} has ended, at the latest after {@code patience}.
   */
  public void stop(Duration stopPatience) {
    stopRequested.countDown();
    CaptureSession current = session;
    if (current != null) {
      current.stop();
    }
    try {
      if (!ended.await(stopPatience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("capture did not stop in {} s", stopPatience.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
