package io.kappacdc.processor.verify;

import java.time.Duration;

/** The moment until which is waited. Waiting is polling: every store is asked, none tells. */
public final class Deadline {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Duration timeout;
  private final long endNanos;

  private Deadline(Duration timeout) {
    this.timeout = timeout;
    this.endNanos = System.nanoTime() + timeout.toNanos();
  }

  public static Deadline in(Duration timeout) {
    return new Deadline(timeout);
  }

  /** The whole time that was allowed. */
  Duration timeout() {
    return timeout;
  }

  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
  }

  public boolean passed() {
    return remaining().isZero();
  }

  /** Waits a moment before the next question. */
  void pause() {
    try {
      Thread.sleep(Math.min(POLL.toMillis(), Math.max(1, remaining().toMillis())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw NotVerifiedException.failed(e);
    }
  }
}
