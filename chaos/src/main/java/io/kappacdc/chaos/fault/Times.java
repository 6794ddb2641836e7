package io.kappacdc.chaos.fault;

import java.time.Duration;
import java.util.Locale;
import java.util.Random;

/** How long things last. */
final class Times {
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private Times() {}

  /** From one second to {@code max}; short ones far more often. */
  static Duration between1sAnd(Duration max, Random random) {
    double share = Math.pow(random.nextDouble(), 4);
    return SHORTEST.plusMillis((long) (share * max.minus(SHORTEST).toMillis()));
  }

  /** From nothing to {@code max}; short ones far more often. */
  static Duration upTo(Duration max, Random random) {
    return Duration.ofMillis((long) (Math.pow(random.nextDouble(), 4) * max.toMillis()));
  }

  static void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }

  /** As {@code 1.2 s}. */
  static String text(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
  }
}
