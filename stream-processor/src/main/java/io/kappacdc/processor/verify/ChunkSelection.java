package io.kappacdc.processor.verify;

import java.util.SortedSet;

/**
 * Some of a table's chunks.
 *
 * @param chunks how many chunks the table is divided into
 * @param numbers those selected
 */
record ChunkSelection(int chunks, SortedSet<Integer> numbers) {
  /** Past so many, a filter costs more than it saves. */
  private static final int FILTER_MAX = 1000;

  boolean contains(Digest key) {
    return numbers.contains(key.chunk(chunks));
  }

  /** Whether an engine should filter by the selection rather than offer all rows. */
  boolean isSelective() {
    return numbers.size() <= FILTER_MAX && numbers.size() < chunks;
  }
}
