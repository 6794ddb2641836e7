package io.kappacdc.capture.source;

import io.debezium.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as the publication sends it: partitions under their root, without the columns that are
 * not sent, with the publication's row filter.
 *
 * @param only whether tables that inherit from it are to be left out of a query, since they are
 *     published under their own names
 * @param rowFilter the publication's WHERE condition, if it has one
 */
record PublishedTable(
    String schema,
    String table,
    boolean only,
    List<PublishedColumn> columns,
    @Nullable String rowFilter) {
  /**
   * @param baseType {@code typname} of the type, or of a domain's base type
   * @param builtIn whether that type belongs to PostgreSQL itself
   */
  record PublishedColumn(String name, String baseType, boolean builtIn) {
    /** Types whose cast to text prints what their output function prints. */
    private static final Set<String> CAST_IS_OUTPUT =
        Set.of(
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "numeric",
            "text",
            "varchar",
            "date",
            "time",
            "timetz",
            "timestamp",
            "timestamptz",
            "interval",
            "uuid",
            "json",
            "jsonb");

    /** An expression for the value as its output function prints it. */
    String asText() {
      String quoted = quote(name);
      return builtIn && CAST_IS_OUTPUT.contains(baseType)
          ? quoted + "::text"
          : "CASE WHEN num_nulls(" + quoted + ") = 0 THEN format('%s', " + quoted + ") END";
    }
  }

  private static final int VERSION_15 = 150_000;
  private static final int VERSION_18 = 180_000;

  private static final String SQL =
      """
      WITH RECURSIVE base(typeid, oid) AS (
        SELECT oid, oid FROM pg_type
        UNION ALL
        SELECT base.typeid, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.oid
        WHERE t.typtype = 'd')
      SELECT p.schemaname, p.tablename, c.relkind, %s AS rowfilter, a.attname,
             t.typname, t.oid::bigint < 10000 AS builtin
      FROM pg_publication_tables p
      JOIN pg_namespace n ON n.nspname = p.schemaname
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN base b ON b.typeid = a.atttypid
      JOIN pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
      WHERE p.pubname = ? AND %s
      ORDER BY p.schemaname, p.tablename, a.attnum
      """;

  /** All tables of the publication, by schema and name. */
  static List<PublishedTable> read(Connection connection, String publication) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql(connection))) {
      statement.setString(1, publication);
      Map<TableId, PublishedTable> tables = new LinkedHashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          PublishedTable table = table(rows);
          tables
              .computeIfAbsent(table.id(), id -> table)
              .columns()
              .add(
                  new PublishedColumn(
                      rows.getString("attname"),
                      rows.getString("typname"),
                      rows.getBoolean("builtin")));
        }
      }
      return List.copyOf(tables.values());
    }
  }

  private static PublishedTable table(ResultSet row) throws SQLException {
    return new PublishedTable(
        row.getString("schemaname"),
        row.getString("tablename"),
        "r".equals(row.getString("relkind")),
        new ArrayList<>(),
        row.getString("rowfilter"));
  }

  private static String sql(Connection connection) throws SQLException {
    int version = serverVersion(connection);
    String sent =
        version >= VERSION_18
            ? "a.attname = ANY (p.attnames)"
            : version >= VERSION_15
                ? "a.attname = ANY (p.attnames) AND a.attgenerated = ''"
                : "a.attgenerated = ''";
    return SQL.formatted(version >= VERSION_15 ? "p.rowfilter" : "NULL::text", sent);
  }

  static int serverVersion(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW server_version_num")) {
      row.next();
      return row.getInt(1);
    }
  }

  TableId id() {
    return new TableId(null, schema, table);
  }

  /** A query for all rows, each value as its output function prints it. */
  String select() {
    String values =
        columns.stream()
            .map(column -> column.asText() + " AS " + quote(column.name()))
            .collect(Collectors.joining(", "));
    return "SELECT "
        + values
        + " FROM "
        + (only ? "ONLY " : "")
        + quote(schema)
        + '.'
        + quote(table)
        + (rowFilter == null ? "" : " WHERE " + rowFilter);
  }

  static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
