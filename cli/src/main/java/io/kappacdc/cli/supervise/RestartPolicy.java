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
  static final Duration WINDOW = Duration.ofMinutes(5);
  private static final Duration FIRST_DELAY = Duration.ofMillis(500);
  private static final int DOUBLINGS_MAX = 20; // far beyond any longest wait

  private final int failuresMax;
  private final Duration delayMax;
  private final Deque<Instant> failures = new ArrayDeque<>();

  /**
   * @param failuresMax after how many failures within {@link #WINDOW} it is still started again
   * @param delayMax the longest wait
   */
  RestartPolicy(int failuresMax, Duration delayMax) {
    this.failuresMax = failuresMax;
    this.delayMax = delayMax;
  }

  /** Notes a failure; returns how long to wait, or nothing when it is to be given up. */
  Optional<Duration> afterFailure(Instant now) {
    while (!failures.isEmpty() && failures.peek().isBefore(now.minus(WINDOW))) {
      failures.remove();
    }
    failures.add(now);
    if (failures.size() > failuresMax) {
      return Optional.empty();
    }
    int doublings = Math.min(2 * (failures.size() - 1), DOUBLINGS_MAX);
    Duration delay = FIRST_DELAY.multipliedBy(1L << doublings);
    return Optional.of(delay.compareTo(delayMax) < 0 ? delay : delayMax);
  }
}
