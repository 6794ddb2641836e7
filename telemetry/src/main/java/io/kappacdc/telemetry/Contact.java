package io.kappacdc.telemetry;

import io.kappacdc.telemetry.Health.Dependency;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Whether a server answers, as those say who speak to it anyway. Thread-safe. */
public final class Contact {
  private final Clock clock;
  private final Duration silenceMax;
  private @Nullable Instant answered;
  private @Nullable String failure;

  /**
   * @param silenceMax how long an answer counts; much longer than the time between two questions
   */
  public Contact(Clock clock, Duration silenceMax) {
    this.clock = clock;
    this.silenceMax = silenceMax;
  }

  public synchronized void answered() {
    answered = clock.instant();
    failure = null;
  }

  /**
   * It did not answer, or refused to.
   *
   * @param why no message of a server; a class of error, an SQLSTATE
   */
  public synchronized void failed(String why) {
    failure = why;
  }

  public boolean isUp() {
    return dependency().state() == Health.State.UP;
  }

  public synchronized Dependency dependency() {
    if (failure != null) {
      return Dependency.down("it does not answer: " + failure);
    }
    if (answered == null) {
      return Dependency.degraded("it has not been asked yet");
    }
    Duration silence = Duration.between(answered, clock.instant());
    return silence.compareTo(silenceMax) > 0
        ? Dependency.down("it has not answered for " + silence.toSeconds() + " s")
        : Dependency.up();
  }

  /** The kind of an error: never its message, which may quote values of rows. */
  public static String kind(Throwable error) {
    Throwable root = error;
    String state = null;
    while (root.getCause() != null && root.getCause() != root) {
      state = sqlState(root, state);
      root = root.getCause();
    }
    state = sqlState(root, state);
    return root.getClass().getSimpleName() + (state == null ? "" : ", SQLSTATE " + state);
  }

  private static @Nullable String sqlState(Throwable error, @Nullable String known) {
    return error instanceof java.sql.SQLException sql && sql.getSQLState() != null
        ? sql.getSQLState()
        : known;
  }
}
