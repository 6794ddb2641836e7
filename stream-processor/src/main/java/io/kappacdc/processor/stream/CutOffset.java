package io.kappacdc.processor.stream;

import org.apache.spark.sql.connector.read.streaming.Offset;

/** Where a batch begins or ends, for Spark. */
final class CutOffset extends Offset {
  private final Offsets offsets;
  private final String json;

  CutOffset(Offsets offsets) {
    this.offsets = offsets;
    this.json = offsets.json();
  }

  Offsets offsets() {
    return offsets;
  }

  @Override
  public String json() {
    return json;
  }
}
