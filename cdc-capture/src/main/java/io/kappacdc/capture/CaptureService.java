package io.kappacdc.capture;

import io.kappacdc.capture.resume.GapException;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.capture.source.SlotCheck;
import io.kappacdc.capture.source.SlotGuardian;
import io.kappacdc.capture.source.SlotMeasurement;
import io.kappacdc.capture.source.SourceDatabase;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.CaptureConfig.OnGap;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.telemetry.Contact;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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

  /** New snapshots that a gap may ask for before one of them is complete. */
  private static final int RESNAPSHOTS_MAX = 3;

  private final KappaConfig config;
  private final SnapshotPolicy policy;
  private final Duration patience;
  private final CaptureStatus status;
  private final Runnable onReady;
  private final Clock clock;
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean readySaid = new AtomicBoolean();
  private final AtomicReference<KappaException> verdict = new AtomicReference<>();
  private volatile @Nullable Instant polling;
  private volatile @Nullable CaptureSession session;
  private @Nullable Instant failingSince;
  private Duration pause = FIRST_PAUSE;
  private volatile boolean slotIsGivenUp;
  private boolean lastWasUnknown;
  private int resnapshots;

  /**
   * @param patience how long failures that pass may go on before they are reported
   * @param status told of all that happens
   * @param onReady called once, when changes are first being captured
   */
  CaptureService(
      KappaConfig config,
      SnapshotPolicy policy,
      Duration patience,
      CaptureStatus status,
      Runnable onReady) {
    this.config = config;
    this.policy = policy;
    this.patience = patience;
    this.status = status;
    this.onReady = onReady;
    this.clock = status.clock();
  }

  /**
   * Captures until {@link #stop}.
   *
   * @throws KappaException when a person has to act, or failures did not pass in time
   */
  public void run() {
    Throwable error = null;
    try (SlotGuardian guardian =
        SlotGuardian.start(config.source(), status::streaming, new Judge(), clock)) {
      while (!isStopping()) {
        RuntimeException failure = attempt();
        KappaException judged = verdict.getAndSet(null);
        if (isStopping()) {
          LOG.debug("Failure while stopping", failure);
        } else if (judged != null || failure != null) {
          goOnAfter(judged != null ? judged : failure);
        }
      }
    } catch (RuntimeException e) {
      error = e;
      throw e;
    } finally {
      status.ended(error);
      ended.countDown();
    }
  }

  /** One session; null if it ended without a failure. */
  private @Nullable RuntimeException attempt() {
    polling = null;
    status.attemptBegins();
    CaptureSession attempt = new CaptureSession(config, policy, new Judge(), status, clock);
    session = attempt;
    try {
      if (slotIsGivenUp) {
        new SlotCheck(new SourceDatabase(config.source()), config.source().slot()).giveUp();
        slotIsGivenUp = false;
      }
      if (!isStopping() && verdict.get() == null) {
        attempt.run();
      }
      return null;
    } catch (RuntimeException e) {
      return e;
    } finally {
      session = null;
    }
  }

  /**
   * Waits for the next attempt, in which tables may have to be read anew.
   *
   * @throws KappaException if there is to be none
   */
  private void goOnAfter(RuntimeException e) {
    Instant now = clock.instant();
    boolean worked = polling != null && Duration.between(polling, now).compareTo(LONGEST_PAUSE) > 0;
    if (failingSince == null || worked) {
      failingSince = now;
      pause = FIRST_PAUSE;
      lastWasUnknown = false;
    }
    if (status.streaming() != null) {
      resnapshots = 0;
    }
    status.attemptFailed(summary(e), e);
    if (find(e) instanceof GapException gap && mayResnapshot()) {
      resnapshot(gap);
    } else {
      giveUpUnlessPassing(e, Duration.between(failingSince, now));
      LOG.warn("attempt failed, next in {} ms: {}", pause.toMillis(), summary(e));
    }
    LOG.debug("The failure", e);
    await(pause);
    pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
  }

  private boolean mayResnapshot() {
    return policy.resnapshotIsDue() || config.capture().onGap() == OnGap.RESNAPSHOT;
  }

  private void resnapshot(GapException gap) {
    if (++resnapshots > RESNAPSHOTS_MAX) {
      throw new KappaException(
          "Capture had to begin anew " + RESNAPSHOTS_MAX + " times and has not got through.",
          gap.problem() + " " + gap.reason(),
          "Cure that, then start capture again: it begins with a new snapshot.",
          gap);
    }
    LOG.warn(
        "slot={} reading all tables anew: {} {}",
        config.source().slot(),
        gap.problem(),
        gap.reason());
    policy.resnapshot(gap.problem() + " " + gap.reason());
  }

  /** Ends sessions for reasons that they do not see themselves. */
  private final class Judge implements SlotGuardian.Listener, CaptureSession.Listener {
    @Override
    public void ready() {
      polling = clock.instant();
      if (readySaid.compareAndSet(false, true)) {
        onReady.run();
      }
    }

    @Override
    public void lost(GapException why) {
      mustStop(why);
    }

    @Override
    public void answered() {
      status.source().answered();
    }

    @Override
    public void isSilent(SQLException why) {
      status.source().failed(Contact.kind(why));
    }

    @Override
    public void measured(SlotMeasurement measurement, @Nullable String warning) {
      status.measured(new CaptureStatus.Slot(config.source().slot(), measurement, warning));
    }

    @Override
    public void mustStop(KappaException why) {
      if (verdict.compareAndSet(null, why)) {
        LOG.warn(
            "slot={} the session ends: {} {}", config.source().slot(), why.problem(), why.reason());
        CaptureSession current = session;
        if (current != null) {
          new Thread(current::abort, "abort").start();
        }
      }
    }

    @Override
    public void mustGiveUpSlot(GapException why) {
      slotIsGivenUp = true;
      policy.resnapshot(why.problem() + " " + why.reason());
      mustStop(why);
    }
  }

  private void giveUpUnlessPassing(RuntimeException e, Duration failing) {
    KappaException known = find(e);
    if (known != null && !TransientFailure.isTransient(e)) {
      throw known;
    }
    if (!TransientFailure.isTransient(e)) {
      if (!lastWasUnknown) {
        lastWasUnknown = true; // what was wrong the checks of the next attempt may tell
        return;
      }
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
