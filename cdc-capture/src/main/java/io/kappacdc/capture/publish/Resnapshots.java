package io.kappacdc.capture.publish;

import org.jspecify.annotations.Nullable;

/**
 * How often all tables were read anew, and why last: what was published before has a gap then, and
 * who reads the topics may want to verify behind it.
 *
 * @param count 0 if it never happened
 * @param reason what had happened; null if it never did
 * @param beganMicros when, microseconds since 1970-01-01T00:00:00Z
 * @param wholeFromLsn from where on the topics have everything again; 0 until that snapshot is
 *     complete
 */
public record Resnapshots(int count, @Nullable String reason, long beganMicros, long wholeFromLsn) {
  public static final Resnapshots NONE = new Resnapshots(0, null, 0, 0);

  Resnapshots another(String because, long micros) {
    return new Resnapshots(count + 1, because, micros, 0);
  }

  /** The same, once a snapshot is complete. */
  Resnapshots whole(long lsn) {
    return count > 0 && wholeFromLsn == 0 ? new Resnapshots(count, reason, beganMicros, lsn) : this;
  }
}
