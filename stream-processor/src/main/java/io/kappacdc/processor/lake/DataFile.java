package io.kappacdc.processor.lake;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.ArrayList;

/**
 * A Parquet file that was written and not yet committed.
 *
 * @param path full path
 * @param name last part of the path
 * @param sizeBytes its length
 * @param modifiedMillis its modification time
 * @param rows number of rows
 * @param firstLsn least LSN of its rows
 * @param lastLsn greatest LSN of its rows
 * @param bounds of further columns
 */
record DataFile(
    String path,
    String name,
    long sizeBytes,
    long modifiedMillis,
    long rows,
    long firstLsn,
    long lastLsn,
    ArrayList<ColumnBounds.Found> bounds)
    implements Serializable {
  /**
   * Delta's statistics of the file; bounds let readers skip it.
   *
   * @param lsnColumn name of the column that holds the LSN
   */
  String statistics(String lsnColumn) {
    ObjectNode statistics = JsonNodeFactory.instance.objectNode().put("numRecords", rows);
    ObjectNode least = statistics.putObject("minValues").put(lsnColumn, firstLsn);
    ObjectNode greatest = statistics.putObject("maxValues").put(lsnColumn, lastLsn);
    ObjectNode nulls = statistics.putObject("nullCount").put(lsnColumn, 0);
    bounds.forEach(column -> column.addTo(least, greatest, nulls));
    return statistics.put("tightBounds", true).toString();
  }
}
