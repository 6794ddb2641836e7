package io.kappacdc.capture;

import org.jspecify.annotations.Nullable;

/**
 * Whether the tables are to be read anew although a position is known: at the user's word, or
 * because going on would leave a gap. Thread-safe.
 */
final class SnapshotPolicy {
  private @Nullable String because;

  private SnapshotPolicy(@Nullable String because) {
    this.because = because;
  }

  static SnapshotPolicy asNeeded() {
    return new SnapshotPolicy(null);
  }

  static SnapshotPolicy anew() {
    return new SnapshotPolicy("Asked for with --resnapshot.");
  }

  synchronized void resnapshot(String reason) {
    because = reason;
  }

  synchronized boolean resnapshotIsDue() {
    return because != null;
  }

  synchronized String reason() {
    return because == null ? "" : because;
  }

  /** From here on Kafka itself says that the snapshot is to be completed. */
  synchronized void resnapshotHasBegun() {
    because = null;
  }
}
