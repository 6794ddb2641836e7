package io.kappacdc.capture.source;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the slot costs the source at a moment.
 *
 * @param walStatus the server's word: reserved, extended, unreserved or lost
 * @param heldBytes log that the server keeps for it
 * @param unconfirmedBytes log that capture has not confirmed; much less than {@code heldBytes} when
 *     a long transaction of the source is what keeps the rest
 * @param growthBytesPerSecond how fast {@code heldBytes} grows; negative while it shrinks
 * @param leftBytes log that may still be written before the server gives the slot up or the
 *     configured limit is reached; null if there is no limit
 * @param failover whether standbys that synchronize slots have it too
 */
public record SlotMeasurement(
    Instant at,
    String walStatus,
    long heldBytes,
    long unconfirmedBytes,
    double growthBytesPerSecond,
    @Nullable Long leftBytes,
    boolean failover) {
  /** When the limit is reached at this growth; null if it is not. */
  public @Nullable Long leftSeconds() {
    Long left = leftBytes;
    if (left == null || growthBytesPerSecond <= 0) {
      return null;
    }
    return (long) (Math.max(0, left) / growthBytesPerSecond);
  }

  /** Whether it is the source that keeps the log, by a transaction that does not end. */
  public boolean isHeldByAnOpenTransaction() {
    return unconfirmedBytes < heldBytes / 2;
  }
}
