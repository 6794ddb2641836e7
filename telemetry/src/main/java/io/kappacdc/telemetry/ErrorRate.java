package io.kappacdc.telemetry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many errors there were in the last minute. Remembers {@value #ERRORS_MAX} at most.
 * Thread-safe.
 */
public final class ErrorRate {
  static final int ERRORS_MAX = 10_000;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final Clock clock;
  private final Deque<Instant> errors = new ArrayDeque<>();

  public ErrorRate(Clock clock) {
    this.clock = clock;
  }

  public synchronized void failed() {
    forgetOld();
    if (errors.size() < ERRORS_MAX) {
      errors.addLast(clock.instant());
    }
  }

  /** Errors in the last minute. */
  public synchronized long perMinute() {
    forgetOld();
    return errors.size();
  }

  private void forgetOld() {
    Instant oldest = clock.instant().minus(WINDOW);
    while (!errors.isEmpty() && errors.peekFirst().isBefore(oldest)) {
      errors.removeFirst();
    }
  }
}
