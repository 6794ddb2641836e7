package io.kappacdc.processor.stream;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When the next batch may begin. A batch has a fixed cost, so batches that follow each other at
 * once fill a core however few changes there are. After a small batch there is a pause of some
 * times what the batch took: a part of the cost for some latency, which is at most {@link
 * #PAUSE_MAX}. Batches that take longer, of many tables or with few cores, are followed by as long
 * a pause, up to {@link #PAUSE_MAX_AFTER_SLOW}: else the sinks' batches would only slow each other
 * down. After a batch that was not small, and for a change that comes when all is quiet, there is
 * none. Used by one thread.
 */
final class Pace {
  static final Duration PAUSE_MAX = Duration.ofMillis(400);
  static final Duration PAUSE_MAX_AFTER_SLOW = Duration.ofSeconds(1);

  private final Pacing pacing;
  private final LongSupplier nanos;
  private boolean isUnderWay;
  private boolean isSmall;
  private long begunNanos;
  private long pauseUntilNanos;

  /**
   * @param nanos the time, as {@link System#nanoTime()} has it
   */
  Pace(Pacing pacing, LongSupplier nanos) {
    this.pacing = pacing;
    this.nanos = nanos;
    this.pauseUntilNanos = nanos.getAsLong();
  }

  /** Notes that a batch begins now. */
  void begin(long changes) {
    isUnderWay = true;
    isSmall = changes < pacing.smallBelow();
    begunNanos = nanos.getAsLong();
  }

  /** How long to wait before the next batch; to be asked when the last one has ended. */
  Duration pause() {
    long now = nanos.getAsLong();
    if (isUnderWay) {
      isUnderWay = false;
      long took = now - begunNanos;
      pauseUntilNanos = isSmall ? now + Math.min(pacing.rest() * took, pauseMax(took)) : now;
    }
    return Duration.ofNanos(Math.max(0, pauseUntilNanos - now));
  }

  private static long pauseMax(long tookNanos) {
    return Math.min(Math.max(tookNanos, PAUSE_MAX.toNanos()), PAUSE_MAX_AFTER_SLOW.toNanos());
  }
}
