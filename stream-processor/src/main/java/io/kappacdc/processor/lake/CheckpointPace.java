package io.kappacdc.processor.lake;

import java.util.function.LongSupplier;

/**
 * When a table's log gets its next checkpoint. A checkpoint has a fixed cost that is far above a
 * commit's, so with many tables, or commits that follow each other quickly, it is time that counts
 * and not versions: the checkpoints of a sink take a twentieth of the time at most, unless a log
 * would become long. Thread-safe.
 */
final class CheckpointPace {
  /** Reading a table's state from so many single commits is still quick. */
  static final int VERSIONS_MIN = 50;

  /** Reading so many takes a second or two. */
  static final int VERSIONS_MAX = 500;

  /** Times what the last one took. */
  private static final int REST = 19;

  private final LongSupplier nanos;
  private boolean isUnderWay;
  private long restUntilNanos;

  /**
   * @param nanos the time, as {@link System#nanoTime()} has it
   */
  CheckpointPace(LongSupplier nanos) {
    this.nanos = nanos;
    this.restUntilNanos = nanos.getAsLong();
  }

  /**
   * Whether to write one now; if so, it counts as begun, and {@link #timed} must be run.
   *
   * @param versions of the table since its last checkpoint
   */
  synchronized boolean begin(long versions) {
    boolean isRested = !isUnderWay && nanos.getAsLong() - restUntilNanos >= 0;
    boolean isDue = versions >= VERSIONS_MAX || versions >= VERSIONS_MIN && isRested;
    isUnderWay |= isDue;
    return isDue;
  }

  /** The work, timed. */
  Runnable timed(Runnable checkpointing) {
    return () -> {
      long begun = nanos.getAsLong();
      try {
        checkpointing.run();
      } finally {
        end(begun);
      }
    };
  }

  private synchronized void end(long begunNanos) {
    long now = nanos.getAsLong();
    isUnderWay = false;
    restUntilNanos = now + REST * (now - begunNanos);
  }
}
