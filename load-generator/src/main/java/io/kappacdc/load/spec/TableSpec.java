package io.kappacdc.load.spec;

import java.util.List;
import java.util.Optional;

/**
 * A table of a workload.
 *
 * @param name {@code schema.table}
 * @param weight how often a transaction of mixed changes takes it
 * @param rows rows it has at least before the load begins
 * @param keep how many of its first rows are never deleted; the others' references go to them
 * @param keys which rows are updated
 * @param deletes which rows are deleted
 * @param primaryKey columns; empty if it has no key
 * @param updated columns that an update sets
 */
public record TableSpec(
    String name,
    int weight,
    long rows,
    int keep,
    KeyChoice keys,
    Deletes deletes,
    List<ColumnSpec> columns,
    List<String> primaryKey,
    List<String> updated) {

  /** Which rows are deleted. */
  public enum Deletes {
    ANY,
    OLDEST
  }

  public TableSpec {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
    updated = List.copyOf(updated);
  }

  /** The column that holds the row's number; without one rows are only inserted. */
  public Optional<ColumnSpec> key() {
    return columns.stream().filter(c -> c.value() instanceof ValueSpec.Key).findFirst();
  }

  /** The column of that name. */
  public Optional<ColumnSpec> column(String column) {
    return columns.stream().filter(c -> c.name().equals(column)).findFirst();
  }

  /** The name as SQL has it. */
  public String quotedName() {
    int dot = name.indexOf('.');
    return quoted(name.substring(0, dot)) + '.' + quoted(name.substring(dot + 1));
  }

  public String schema() {
    return name.substring(0, name.indexOf('.'));
  }

  /** An identifier as SQL has it. */
  public static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
