package io.kappacdc.capture.resume;

/** A table of the source by its names in the catalog. */
public record TableName(String schema, String table) {
  @Override
  public String toString() {
    return schema + '.' + table;
  }
}
