package io.kappacdc.cli.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The trail of a table, as the catalogs have it.
 *
 * @param name the source's {@code schema.table}
 * @param trail quoted
 * @param view with the rows at a moment, quoted; null if there is none
 * @param columns of the source's table, those dropped meanwhile included
 * @param key columns of the primary key; empty if there is none
 * @param keyIndexed whether an index of the trail begins with the key
 */
record TrailTable(
    String topic,
    String name,
    String trail,
    @Nullable String view,
    List<String> columns,
    List<String> key,
    boolean keyIndexed) {
  private static final int COLUMNS_MAX = 200;

  private static final String FIND =
      """
      SELECT t.source_schema || '.' || t.source_table,
             format('%I.%I', t.trail_schema, t.trail_table), t.schema_json, c.oid,
             (SELECT format('%I.%I', t.source_schema, v.relname) FROM pg_class v
              WHERE v.relnamespace = n.oid AND v.relkind = 'v'
                AND starts_with(obj_description(v.oid, 'pg_class'),
                      'The rows of ' || t.source_schema || '.' || t.source_table
                        || ' at one moment of the source (kappa-cdc')
              LIMIT 1)
      FROM kappa.tables t
      JOIN pg_namespace n ON n.nspname = t.trail_schema
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.trail_table
      WHERE t.topic = ?""";

  private static final String COLUMNS =
      """
      SELECT a.attname FROM pg_attribute a
      WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
        AND NOT starts_with(a.attname, '_kappa_')
      ORDER BY a.attnum LIMIT\s"""
          + COLUMNS_MAX;

  /** Whether some index begins with these columns, in any order. */
  private static final String INDEXED =
      """
      SELECT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = ? AND i.indisvalid AND i.indpred IS NULL
          AND (SELECT count(*) FROM pg_attribute a
               WHERE a.attrelid = i.indrelid AND a.attname = ANY (?)
                 AND a.attnum = ANY ((i.indkey::int2[])[0:?])) = ?)""";

  /**
   * Finds it.
   *
   * @throws RequestException if there is none
   */
  static TrailTable find(Connection connection, String topic) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(FIND)) {
      query.setString(1, topic);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new RequestException(
              404,
              "There is no such table",
              "no trail is fed from a topic of that name",
              "Take one of those that the page lists.");
        }
        long oid = row.getLong(4);
        List<String> key = key(row.getString(3));
        return new TrailTable(
            topic,
            row.getString(1),
            row.getString(2),
            row.getString(5),
            columns(connection, oid),
            key,
            !key.isEmpty() && indexed(connection, oid, key));
      }
    }
  }

  private static List<String> columns(Connection connection, long oid) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      query.setLong(1, oid);
      List<String> columns = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          columns.add(rows.getString(1));
        }
      }
      return columns;
    }
  }

  private static boolean indexed(Connection connection, long oid, List<String> key)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(INDEXED)) {
      query.setLong(1, oid);
      query.setArray(2, connection.createArrayOf("text", key.toArray()));
      query.setInt(3, key.size() - 1);
      query.setInt(4, key.size());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** The columns of the key in a schema as the schemas topic has it. */
  static List<String> key(String schemaJson) {
    try {
      return Json.readObject(schemaJson.getBytes(StandardCharsets.UTF_8)).get("key")
              instanceof List<?> key
          ? key.stream().map(String::valueOf).toList()
          : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** All columns of a row {@code alias} as an array of texts, long ones cut. */
  String texts(String alias) {
    return columns.stream()
        .map(column -> "left(%s.%s::text, %d)".formatted(alias, quote(column), Cells.CHARS_MAX + 1))
        .collect(Collectors.joining(", ", "ARRAY[", "]::text[]"));
  }

  /** That two rows have the same key. */
  String sameKey(String one, String other) {
    return key.stream()
        .map(column -> "%1$s.%3$s = %2$s.%3$s".formatted(one, other, quote(column)))
        .collect(Collectors.joining(" AND "));
  }

  /** That a row has the key that is bound. */
  String boundKey(String alias) {
    return key.stream()
        .map(column -> alias + '.' + quote(column) + " = ?")
        .collect(Collectors.joining(" AND "));
  }

  /** Where the columns of the key are among the columns. */
  int[] keyPlaces() {
    return IntStream.range(0, key.size())
        .map(i -> columns.indexOf(key.get(i)))
        .filter(place -> place >= 0)
        .toArray();
  }

  /** The index that finds the changes of one row. */
  String indexThatHelps() {
    return "CREATE INDEX ON %s (%s, _kappa_lsn DESC, _kappa_ordinal DESC);"
        .formatted(trail, key.stream().map(TrailTable::quote).collect(Collectors.joining(", ")));
  }

  String[] columnArray() {
    return Arrays.copyOf(columns.toArray(), columns.size(), String[].class);
  }
}
