package io.kappacdc.load;

import java.time.Duration;

/**
 * When transactions arrive: evenly spaced, whatever the source does with them. Times are
 * nanoseconds since the load's start.
 */
record ArrivalSchedule(double perSecond, Duration duration) {
  private static final double NANOS = 1e9;

  /** The time that arrival {@code index}, from 0, is meant for. */
  long nanosOf(long index) {
    return (long) (index * (NANOS / perSecond));
  }

  /** Arrivals that were meant to have happened by then. */
  long dueBy(long nanos) {
    if (nanos < 0) {
      return 0;
    }
    long within = Math.min(nanos, duration.toNanos() - 1);
    return (long) (within / (NANOS / perSecond)) + 1;
  }

  /** All arrivals of the load. */
  long total() {
    return dueBy(Long.MAX_VALUE);
  }
}
