package io.kappacdc.capture.source;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a number of bytes grows over the last measurements. Not thread-safe. */
final class SlotGrowth {
  /** The server moves a slot's restart point about every 15 seconds; this evens that out. */
  static final int MEASUREMENTS_MAX = 12;

  private record Measured(Instant at, long bytes) {}

  private final Deque<Measured> window = new ArrayDeque<>();

  void add(Instant at, long bytes) {
    window.addLast(new Measured(at, bytes));
    if (window.size() > MEASUREMENTS_MAX) {
      window.removeFirst();
    }
  }

  /** From here on it is another slot. */
  void forget() {
    window.clear();
  }

  /** Whether it has been at or above this for the whole window, without shrinking. */
  boolean staysAbove(long bytes) {
    return window.size() == MEASUREMENTS_MAX
        && bytesPerSecond() >= 0
        && window.stream().allMatch(measured -> measured.bytes() >= bytes);
  }

  /** Over the window; 0 before the second measurement. */
  double bytesPerSecond() {
    Measured first = window.peekFirst();
    Measured last = window.peekLast();
    if (first == null || last == null) {
      return 0;
    }
    double seconds = Duration.between(first.at(), last.at()).toNanos() / 1e9;
    return seconds <= 0 ? 0 : (last.bytes() - first.bytes()) / seconds;
  }
}
