package io.kappacdc.event;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A place on the stream, after a Kafka transaction of capture's.
 *
 * @param state whether the place is a moment of the source
 * @param lsn the LSN reached
 * @param commitMicros the source's time at that LSN, microseconds since 1970-01-01T00:00:00Z
 * @param generation counts, from 1, how often the topics were begun anew because Kafka had lost
 *     events: cuts of an older generation speak of offsets that are no more
 * @param endOffsets for each topic, the end offset (exclusive) of each of its partitions
 * @param unread topics of tables whose rows are not, or not all, those of the source: capture is
 *     reading them, or is to, since the log has no changes of them
 */
public record Cut(
    State state,
    long lsn,
    long commitMicros,
    int generation,
    SortedMap<String, long[]> endOffsets,
    SortedSet<String> unread) {
  /** Whether what lies before the end offsets is a moment of the source. */
  public enum State {
    /** All changes committed at or before {@code lsn} lie before the end offsets, and no other. */
    COMPLETE,
    /** In the midst of a snapshot, or of a transaction that takes several Kafka transactions. */
    PARTIAL
  }

  public Cut {
    Objects.requireNonNull(state, "state");
    TreeMap<String, long[]> copy = new TreeMap<>();
    endOffsets.forEach((topic, ends) -> copy.put(topic, ends.clone()));
    endOffsets = Collections.unmodifiableSortedMap(copy);
    unread = Collections.unmodifiableSortedSet(new TreeSet<>(unread));
  }

  /** A cut at which no table is being read. */
  public Cut(
      State state,
      long lsn,
      long commitMicros,
      int generation,
      SortedMap<String, long[]> endOffsets) {
    this(state, lsn, commitMicros, generation, endOffsets, Collections.emptySortedSet());
  }

  public boolean isComplete() {
    return state == State.COMPLETE;
  }
}
