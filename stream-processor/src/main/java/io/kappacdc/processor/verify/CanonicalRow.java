package io.kappacdc.processor.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one text that stands for a row, and that only equal rows share: values as PostgreSQL's {@code
 * quote_literal} writes them, {@code NULL} bare, each followed by a comma. PostgreSQL builds it in
 * {@link CanonicalSql}, Spark here.
 */
final class CanonicalRow {
  private CanonicalRow() {}

  static void append(StringBuilder row, @Nullable String value) {
    if (value == null) {
      row.append("NULL,");
      return;
    }
    if (value.indexOf('\\') >= 0) {
      row.append('E');
    }
    row.append('\'');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\'' || c == '\\') {
        row.append(c);
      }
      row.append(c);
    }
    row.append("',");
  }

  static String of(List<@Nullable String> values) {
    StringBuilder row = new StringBuilder(values.size() * 16);
    values.forEach(value -> append(row, value));
    return row.toString();
  }

  static String of(List<@Nullable String> values, List<Integer> indexes) {
    StringBuilder row = new StringBuilder(indexes.size() * 16);
    indexes.forEach(index -> append(row, values.get(index)));
    return row.toString();
  }
}
