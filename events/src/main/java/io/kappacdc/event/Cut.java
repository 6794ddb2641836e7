package io.kappacdc.event;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A moment of the source on the stream: every change committed at or before {@code lsn} lies before
 * these offsets.
 *
 * @param lsn the LSN reached
 * @param commitMicros the source's time at that LSN, microseconds since 1970-01-01T00:00:00Z
 * @param endOffsets for each topic, the end offset (exclusive) of each of its partitions
 */
public record Cut(long lsn, long commitMicros, SortedMap<String, long[]> endOffsets) {
  public Cut {
    TreeMap<String, long[]> copy = new TreeMap<>();
    endOffsets.forEach((topic, ends) -> copy.put(topic, ends.clone()));
    endOffsets = Collections.unmodifiableSortedMap(copy);
  }
}
