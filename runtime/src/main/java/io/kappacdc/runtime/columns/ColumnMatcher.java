package io.kappacdc.runtime.columns;

import io.kappacdc.runtime.config.ColumnConfig;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Tells which entry of {@code capture.columns} a column belongs to: the first that matches it. */
public final class ColumnMatcher {
  private final List<ColumnConfig> entries;
  private final List<Pattern> patterns;

  public ColumnMatcher(List<ColumnConfig> entries) {
    this.entries = List.copyOf(entries);
    this.patterns = this.entries.stream().map(ColumnConfig::pattern).toList();
  }

  /** The entries in their order. */
  public List<ColumnConfig> entries() {
    return entries;
  }

  /** The index of the column's entry; names as the source's catalog has them, unquoted. */
  public OptionalInt entry(String schema, String table, String column) {
    String name = schema + '.' + table + '.' + column;
    for (int i = 0; i < patterns.size(); i++) {
      if (patterns.get(i).matcher(name).matches()) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
