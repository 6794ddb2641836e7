package io.kappacdc.capture.source;

import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import java.util.List;

/**
 * A table of the source as some of its changes see it.
 *
 * @param columns the published columns in the table's order, under their own names
 * @param key columns that tell rows apart: the index of the replica identity, else the primary key;
 *     empty without either
 * @param identity what an old row consists of, unless that was another when it was written
 */
public record SourceTable(
    String schema, String table, List<Column> columns, List<String> key, ReplicaIdentity identity) {
  public SourceTable {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }
}
