package io.kappacdc.processor.verify;

import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.columns.ColumnRule;
import io.kappacdc.runtime.columns.HashKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

  /** What becomes of a column's values before they enter Kafka; null if they stay. */
  @Nullable ColumnRule rule(ColumnPolicies policies, String column) {
    return policies.rule(name.schema(), name.table(), column);
  }

  /**
   * The table's rows, those of tables that inherit from it left out, as capture sees them: with
   * what policies leave of them, but for hashes, since the server must not learn the key.
   */
  JdbcDigestSource.Relation relation(List<String> columns, ColumnPolicies policies) {
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      String type = types.get(column);
      String text =
          type == null ? "NULL::text" : CanonicalSql.text(CanonicalSql.quote(column), type);
      sql.append(i == 0 ? "" : ", ").append(policed(text, rule(policies, column)));
      sql.append(" AS c").append(i);
    }
    sql.append(partitioned ? " FROM " : " FROM ONLY ").append(name.sql());
    if (rowFilter != null) {
      sql.append(" WHERE ").append(rowFilter);
    }
    return new JdbcDigestSource.Relation(sql.toString(), false);
  }

  private static String policed(String text, @Nullable ColumnRule rule) {
    if (rule instanceof ColumnRule.Mask mask) {
      return "CASE WHEN ("
          + text
          + ") IS NOT NULL THEN "
          + CanonicalSql.literal(mask.text())
          + " END";
    } else if (rule instanceof ColumnRule.Truncate truncate) {
      return "pg_catalog.left(" + text + ", " + truncate.length() + ")";
    }
    return text;
  }

  /** The hashed ones among these columns, by index. */
  Map<Integer, HashKey> hashed(List<String> columns, ColumnPolicies policies) {
    Map<Integer, HashKey> hashed = new TreeMap<>();
    for (int i = 0; i < columns.size(); i++) {
      if (rule(policies, columns.get(i)) instanceof ColumnRule.Hash hash) {
        hashed.put(i, hash.key());
      }
    }
    return hashed;
  }
}
