package io.kappacdc.event;

/**
 * The place of a change in the source, and so its identity and its rank: a total order over all
 * tables.
 *
 * @param lsn end LSN of the commit record of the change's transaction; for a row read by a
 *     snapshot, the snapshot's LSN
 * @param ordinal rank of the change among the captured changes of its transaction, from 1; for a
 *     row read by a snapshot, {@link #SNAPSHOT_ORDINAL_BASE} plus the row's rank in the snapshot,
 *     from 1, so that a read at the LSN of a commit ranks after that commit's own changes, which it
 *     has seen
 */
public record Position(long lsn, long ordinal) implements Comparable<Position> {
  /**
   * Ordinals from here on belong to rows read by a snapshot; the base itself to the snapshot's
   * restatement barrier.
   */
  public static final long SNAPSHOT_ORDINAL_BASE = 1L << 40;

  /** Before every change. */
  public static final Position ORIGIN = new Position(0, 0);

  public Position {
    if (ordinal < 0) {
      throw new IllegalArgumentException("ordinal must not be negative: " + ordinal);
    }
  }

  /** After every change whose transaction committed at or before {@code lsn}. */
  public static Position endOf(long lsn) {
    return new Position(lsn, Long.MAX_VALUE);
  }

  @Override
  public int compareTo(Position other) {
    int byLsn = Long.compareUnsigned(lsn, other.lsn);
    return byLsn != 0 ? byLsn : Long.compare(ordinal, other.ordinal);
  }

  /** Whether this position is strictly later than {@code other}. */
  public boolean isAfter(Position other) {
    return compareTo(other) > 0;
  }

  @Override
  public String toString() {
    return Lsn.format(lsn) + ':' + ordinal;
  }
}
