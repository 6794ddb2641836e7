package io.kappacdc.processor.verify;

import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.lake.LakeSchema;
import io.kappacdc.processor.lake.LakeVersion;
import java.util.Map;

/**
 * One version of a trail or mirror in the lake.
 *
 * @param topic the table's topic
 * @param schema the newest schema that the table has seen
 * @param version the Delta version
 * @param columns the source's columns in the table, dropped ones included
 * @param nextOffsets how far this version is: the next offset of each partition it has seen
 */
record LakeSnapshot(
    String topic,
    TableSchema schema,
    LakeVersion version,
    LakeSchema columns,
    Map<Integer, Long> nextOffsets) {
  LakeSnapshot {
    nextOffsets = Map.copyOf(nextOffsets);
  }
}
