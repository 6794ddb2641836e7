package io.kappacdc.cli.supervise;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * When a failed process is started again: the more failures there were lately the later, and not at
 * all beyond a number. Not thread-safe.
 */
final class RestartPolicy {
  static final int FAILURES_MAX = 5;
  static final Duration WINDOW = Duration.ofMinutes(5);
  private static final Duration FIRST_DELAY = Duration.ofMillis(500);
  private static final Duration DELAY_MAX = Duration.ofSeconds(15);

  private final Deque<Instant> failures = new ArrayDeque<>();

  /** Notes a failure; returns how long to wait, or nothing when it is to be given up. */
  Optional<Duration> afterFailure(Instant now) {
    while (!failures.isEmpty() && failures.peek().isBefore(now.minus(WINDOW))) {
      failures.remove();
    }
    failures.add(now);
    if (failures.size() > FAILURES_MAX) {
      return Optional.empty();
    }
    Duration delay = FIRST_DELAY.multipliedBy(1L << (2 * (failures.size() - 1)));
    return Optional.of(delay.compareTo(DELAY_MAX) < 0 ? delay : DELAY_MAX);
  }
}
