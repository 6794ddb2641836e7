package io.kappacdc.cli.console;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values of a row for the page: a text, null for NULL, {@code {"cut": text}} for the beginning of a
 * long one, {@code {"unsent": true}} for one that PostgreSQL did not send.
 */
final class Cells {
  static final int CHARS_MAX = 400;
  static final Object UNSENT = Json.object("unsent", true);

  private Cells() {}

  /** A column of the result that is an array of texts; null if it is NULL. */
  static String @Nullable [] texts(ResultSet row, int column) throws SQLException {
    Array array = row.getArray(column);
    return array == null ? null : (String[]) array.getArray();
  }

  static @Nullable Object cell(@Nullable String text) {
    return text == null || text.codePointCount(0, text.length()) <= CHARS_MAX
        ? text
        : Json.object("cut", text.substring(0, text.offsetByCodePoints(0, CHARS_MAX)));
  }

  /** A row's cells. */
  static List<@Nullable Object> row(String[] texts, List<String> columns, Set<String> unsent) {
    List<@Nullable Object> cells = new ArrayList<>(texts.length);
    for (int i = 0; i < texts.length; i++) {
      cells.add(texts[i] == null && unsent.contains(columns.get(i)) ? UNSENT : cell(texts[i]));
    }
    return cells;
  }
}
