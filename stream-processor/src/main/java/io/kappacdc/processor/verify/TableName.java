package io.kappacdc.processor.verify;

import io.kappacdc.event.TableSchema;

/** A table of the source, unquoted. */
record TableName(String schema, String table) implements Comparable<TableName> {
  static TableName of(TableSchema schema) {
    return new TableName(schema.schema(), schema.table());
  }

  /** What a user means by {@code schema.table}; without a dot, a table of {@code public}. */
  static TableName parse(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? new TableName("public", text)
        : new TableName(text.substring(0, dot), text.substring(dot + 1));
  }

  String sql() {
    return CanonicalSql.quote(schema) + '.' + CanonicalSql.quote(table);
  }

  @Override
  public int compareTo(TableName other) {
    int bySchema = schema.compareTo(other.schema);
    return bySchema != 0 ? bySchema : table.compareTo(other.table);
  }

  @Override
  public String toString() {
    return schema + '.' + table;
  }
}
