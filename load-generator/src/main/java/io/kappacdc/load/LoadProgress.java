package io.kappacdc.load;

import java.time.Duration;

/**
 * What a load has done so far.
 *
 * @param elapsed since its start, at most its duration
 * @param due changes that were meant to have been made by now
 * @param committed changes that were committed
 * @param transactions how many committed them
 * @param failures transactions that failed and were not tried again
 * @param latency of transactions, from the time each was meant for to its commit
 */
public record LoadProgress(
    Duration elapsed,
    long due,
    ChangeCount committed,
    long transactions,
    long failures,
    Latency latency) {

  /** Milliseconds. */
  public record Latency(double p50Millis, double p99Millis, double maxMillis) {}

  /** Committed changes a second since the start. */
  public double rate() {
    return elapsed.isZero() ? 0 : committed.total() / (elapsed.toNanos() / 1e9);
  }

  /** The part of the due changes that was not made, 0 to 1. */
  public double shortfall() {
    return due == 0 ? 0 : Math.max(0, 1 - committed.total() / (double) due);
  }
}
