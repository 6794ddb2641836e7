package io.kappacdc.capture;

import io.kappacdc.capture.source.TransactionSnapshot;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Transactions that are published and that a new reader may yet not see: a commit is in the log,
 * and so in the stream, before other sessions see it, long before if it waits for a synchronous
 * standby. Bounded. Not thread-safe.
 */
final class PassedTransactions {
  private final int countMax;
  private final Set<Long> since = new LinkedHashSet<>();
  private long begin = Long.MAX_VALUE;
  private boolean hasLost;

  PassedTransactions(int countMax) {
    this.countMax = countMax;
  }

  /**
   * Notes from here on; what was published before has a smaller id.
   *
   * @param nextId a transaction id that is greater than all before
   */
  void beginAt(long nextId) {
    since.clear();
    begin = nextId;
    hasLost = false;
  }

  /** Nothing needs to be noted any more. */
  void clear() {
    since.clear();
  }

  void add(long xid) {
    if (since.size() == countMax) {
      since.clear();
      hasLost = true;
    }
    since.add(xid);
  }

  /** Whether some are unknown, so that {@link #beginAt} is needed again. */
  boolean hasLost() {
    return hasLost;
  }

  /** Whether a reader sees all that are published. */
  boolean areAllSeenBy(TransactionSnapshot snapshot) {
    since.removeIf(snapshot::isOld);
    return snapshot.oldest() >= begin && since.stream().allMatch(snapshot::sees);
  }
}
