package io.kappacdc.capture.transform;

import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.event.Column;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.columns.ColumnRule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as the policies let it be seen: without what they exclude, as text what they change.
 *
 * @param rules how a column's values change, by the column's index; null where they do not, and
 *     empty if none of the table's does
 */
record PolicedTable(SourceTable table, List<ColumnRule.@Nullable Change> rules) {
  private static final String TEXT = "text";

  PolicedTable {
    rules = Collections.unmodifiableList(new ArrayList<>(rules));
  }

  /**
   * The table under the policies.
   *
   * @throws KappaException if they make rows with different keys alike
   */
  static PolicedTable of(SourceTable table, ColumnPolicies policies) {
    if (policies.isEmpty()) {
      return new PolicedTable(table, List.of());
    }
    List<Column> columns = new ArrayList<>();
    List<ColumnRule.@Nullable Change> rules = new ArrayList<>();
    for (Column column : table.columns()) {
      ColumnRule rule = policies.rule(table.schema(), table.table(), column.name());
      if (rule != null && !rule.keepsRowsApart() && table.key().contains(column.name())) {
        throw keyIsLost(table, column.name(), policies);
      }
      if (rule instanceof ColumnRule.Change change) {
        columns.add(new Column(column.name(), TEXT, TEXT, column.nullable(), column.name()));
        rules.add(change);
      } else if (rule == null) {
        columns.add(column);
        rules.add(null);
      }
    }
    boolean changes = rules.stream().anyMatch(rule -> rule != null);
    return new PolicedTable(
        new SourceTable(table.schema(), table.table(), columns, table.key(), table.identity()),
        changes ? rules : List.of());
  }

  private static KappaException keyIsLost(
      SourceTable table, String column, ColumnPolicies policies) {
    int entry = policies.matcher().entry(table.schema(), table.table(), column).orElseThrow();
    String name = table.schema() + '.' + table.table();
    return new KappaException(
        "A column policy takes the key from " + name + ".",
        "Column '"
            + column
            + "' is part of its key, and "
            + PolicyCheck.name(policies.matcher(), entry)
            + " would make different rows one.",
        "Give it the policy hash, which keeps rows apart, in an entry before that one; or leave the"
            + " table out of the publication.");
  }
}
