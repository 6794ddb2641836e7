package io.kappacdc.processor.sql;

import io.kappacdc.event.Lsn;
import java.time.Instant;

/**
 * A moment of the source that a store was complete at.
 *
 * @param lsn its LSN
 * @param sourceTime the source's time
 */
record Moment(long lsn, Instant sourceTime) {
  /** {@code 0/1A2B3C8, 2026-11-21 03:10:11.123456+00}. */
  @Override
  public String toString() {
    return Lsn.format(lsn) + ", " + AskedMoment.text(sourceTime);
  }
}
