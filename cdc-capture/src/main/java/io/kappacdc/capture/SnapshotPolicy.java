package io.kappacdc.capture;

/**
 * Whether the tables are to be read anew although a position is known: once, at the user's word.
 */
final class SnapshotPolicy {
  private boolean due;

  private SnapshotPolicy(boolean due) {
    this.due = due;
  }

  static SnapshotPolicy asNeeded() {
    return new SnapshotPolicy(false);
  }

  static SnapshotPolicy anew() {
    return new SnapshotPolicy(true);
  }

  boolean resnapshotIsDue() {
    return due;
  }

  /** From here on Kafka itself says that the snapshot is to be completed. */
  void resnapshotHasBegun() {
    due = false;
  }
}
