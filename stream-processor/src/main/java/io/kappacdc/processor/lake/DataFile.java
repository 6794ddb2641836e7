package io.kappacdc.processor.lake;

import java.io.Serializable;

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
 */
record DataFile(
    String path,
    String name,
    long sizeBytes,
    long modifiedMillis,
    long rows,
    long firstLsn,
    long lastLsn)
    implements Serializable {
  /**
   * Delta's statistics of the file; the LSNs' bounds let readers skip it.
   *
   * @param column name of the column that holds the LSN
   */
  String statistics(String column) {
    return """
        {"numRecords":%d,"minValues":{"%s":%d},"maxValues":{"%s":%d},"nullCount":{"%s":0},\
        "tightBounds":true}"""
        .formatted(rows, column, firstLsn, column, lastLsn, column);
  }
}
