package io.kappacdc.processor.verify;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A published table of the source.
 *
 * @param partitioned whether its rows are those of its partitions
 * @param types the published columns in order, each with its type as {@code format_type} prints it
 * @param primaryKey columns of the primary key, in the table's order; empty without one
 * @param rowFilter the publication's condition on rows, as SQL; null when all are published
 */
record SourceTable(
    TableName name,
    boolean partitioned,
    Map<String, String> types,
    List<String> primaryKey,
    @Nullable String rowFilter) {
  static final String STORE = "source";

  /** Published columns in the table's order. */
  List<String> columns() {
    return List.copyOf(types.keySet());
  }

  /** The table's rows, those of tables that inherit from it left out, as capture sees them. */
  JdbcDigestSource.Relation relation(List<String> columns) {
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      String type = types.get(column);
      String text =
          type == null ? "NULL::text" : CanonicalSql.text(CanonicalSql.quote(column), type);
      sql.append(i == 0 ? "" : ", ").append(text).append(" AS c").append(i);
    }
    sql.append(partitioned ? " FROM " : " FROM ONLY ").append(name.sql());
    if (rowFilter != null) {
      sql.append(" WHERE ").append(rowFilter);
    }
    return new JdbcDigestSource.Relation(sql.toString(), false);
  }
}
