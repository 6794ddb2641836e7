package io.kappacdc.processor.lake;

import io.kappacdc.processor.stream.SinkPosition;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;

/**
 * What a slice must know of its table's state.
 *
 * @param columns the table's columns; none for a table that does not exist yet
 * @param positions how far the table is, by partition
 * @param stopped partitions that take no more records
 */
record TablePlan(LakeSchema columns, Map<Integer, SinkPosition> positions, Set<Integer> stopped)
    implements Serializable {
  /** A table that does not exist yet. */
  static final TablePlan NEW = new TablePlan(LakeSchema.EMPTY, Map.of(), Set.of());
}
