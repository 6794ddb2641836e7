package io.kappacdc.processor.verify;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a store differs from what was expected of it.
 *
 * @param missing rows expected that the store does not have
 * @param extra rows of the store that were not expected
 * @param different rows there with other values
 * @param rows some of them, named
 */
public record Differences(long missing, long extra, long different, List<Row> rows) {
  public static final Differences NONE = new Differences(0, 0, 0, List.of());

  public Differences {
    rows = List.copyOf(rows);
  }

  /** All rows that differ. */
  public long total() {
    return missing + extra + different;
  }

  /** How a row differs. */
  public enum Kind {
    MISSING,
    EXTRA,
    DIFFERENT
  }

  /**
   * A row that differs.
   *
   * @param key columns and values of the key, for people
   * @param columns the columns with other values; empty unless the kind is {@link Kind#DIFFERENT}
   */
  public record Row(Kind kind, String key, List<Value> columns) {
    public Row {
      columns = List.copyOf(columns);
    }

    /** Names only. */
    public List<String> columnNames() {
      List<String> names = new ArrayList<>(columns.size());
      columns.forEach(column -> names.add(column.column()));
      return Collections.unmodifiableList(names);
    }
  }

  /**
   * A value that differs, as PostgreSQL's text; null is SQL NULL.
   *
   * @param expected the value expected
   * @param actual the value in the store
   */
  public record Value(String column, @Nullable String expected, @Nullable String actual) {}
}
