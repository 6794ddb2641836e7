package io.kappacdc.processor.verify;

import io.kappacdc.event.Column;
import io.kappacdc.event.TableSchema;
import io.kappacdc.runtime.columns.ColumnRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table are compared with the source, and what they are called in a store.
 *
 * @param table what is compared, by the source's names
 * @param notes columns that are not compared, for people
 */
record TableColumns(ComparedTable table, List<String> notes) {

  /**
   * The columns to compare. A published column that a store does not have is compared, too, as
   * NULL, unless capture transforms rows and may have removed it on purpose, or excludes it.
   *
   * @param schema the newest schema a store has seen; null if no store knows the table
   */
  static TableColumns of(
      SourceTable source, @Nullable TableSchema schema, Pipeline.Source capture) {
    String name = source.name().toString();
    Map<String, String> names = schema == null ? Map.of() : bySourceName(schema);
    List<String> columns = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (String column : source.columns()) {
      if (source.rule(capture.policies(), column) instanceof ColumnRule.Exclude) {
        notes.add(
            "column "
                + column
                + " is excluded, not compared"
                + (names.containsKey(column)
                    ? "; the stores have it, from before it was excluded"
                    : ""));
      } else if (schema != null && capture.transformed() && !names.containsKey(column)) {
        notes.add("column " + column + " is not captured, not compared");
      } else {
        columns.add(column);
      }
    }
    if (schema == null) {
      return new TableColumns(
          ComparedTable.of(
              name,
              columns,
              columns.containsAll(source.primaryKey()) ? source.primaryKey() : List.of()),
          notes);
    }
    List<String> key = new ArrayList<>();
    for (String keyName : schema.key()) {
      String sourceName = sourceName(schema, keyName);
      if (sourceName == null || !columns.contains(sourceName)) {
        throw StoreException.of(
            SourceTable.STORE, name, "it has no published column for key column " + keyName);
      }
      key.add(sourceName);
    }
    return new TableColumns(ComparedTable.of(name, columns, key), List.copyOf(notes));
  }

  /** All columns of a schema, to be compared among stores. */
  static ComparedTable ofStream(TableSchema schema) {
    return ComparedTable.of(
        schema.qualifiedName(), schema.columns().stream().map(Column::name).toList(), schema.key());
  }

  /**
   * What a store calls the compared columns; a name that it has no column for where it knows none.
   */
  List<String> namesIn(TableSchema schema) {
    Map<String, String> names = bySourceName(schema);
    return table.columns().stream()
        .map(column -> names.getOrDefault(column, "\0" + column))
        .toList();
  }

  private static Map<String, String> bySourceName(TableSchema schema) {
    Map<String, String> names = new LinkedHashMap<>();
    for (Column column : schema.columns()) {
      if (column.sourceName() != null) {
        names.put(column.sourceName(), column.name());
      }
    }
    return names;
  }

  private static @Nullable String sourceName(TableSchema schema, String name) {
    return schema.columns().stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .map(Column::sourceName)
        .orElse(null);
  }
}
