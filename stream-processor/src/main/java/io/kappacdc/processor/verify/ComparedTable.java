package io.kappacdc.processor.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is compared of a table, in every store alike.
 *
 * @param name for people, {@code schema.table}
 * @param columns names of the columns, as the source has them
 * @param keyIndexes indexes of the key's columns; all columns where the table has no key
 * @param keyed whether the table has a key
 */
record ComparedTable(String name, List<String> columns, List<Integer> keyIndexes, boolean keyed) {
  private static final int KEY_TEXT_MAX = 160;

  ComparedTable {
    columns = List.copyOf(columns);
    keyIndexes = List.copyOf(keyIndexes);
  }

  static ComparedTable of(String name, List<String> columns, List<String> key) {
    List<Integer> indexes =
        key.isEmpty()
            ? IntStream.range(0, columns.size()).boxed().toList()
            : key.stream().map(columns::indexOf).toList();
    if (indexes.contains(-1)) {
      throw new IllegalArgumentException("A key column of " + name + " is not compared: " + key);
    }
    return new ComparedTable(name, columns, indexes, !key.isEmpty());
  }

  /** The key's columns and values for people, bounded in length. */
  String keyText(TextRow row) {
    List<String> parts = new ArrayList<>(keyIndexes.size());
    for (int index : keyIndexes) {
      parts.add(columns.get(index) + '=' + row.values().get(index));
    }
    String text = String.join(", ", parts);
    return text.length() <= KEY_TEXT_MAX ? text : text.substring(0, KEY_TEXT_MAX) + "…";
  }
}
