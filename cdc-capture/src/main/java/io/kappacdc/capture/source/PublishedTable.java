package io.kappacdc.capture.source;

import io.debezium.relational.TableId;
import io.kappacdc.capture.resume.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table as the publication sends it: partitions under their root, without the columns that are
 * not sent, with the publication's row filter.
 *
 * @param only whether tables that inherit from it are to be left out of a query, since they are
 *     published under their own names
 * @param unsent names of the columns that are not sent
 * @param rowFilter the publication's WHERE condition, if it has one
 */
record PublishedTable(
    String schema,
    String table,
    boolean only,
    List<PublishedColumn> columns,
    List<String> unsent,
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

  /**
   * Catalog tables alone: {@code pg_publication_tables} locks each table that it describes, and so
   * would wait behind an ALTER TABLE that itself waits for the snapshot to let go of its locks.
   *
   * <p>Parameters are the conditions that differ between versions: whether a table is published by
   * its schema, the row filter, whether a column is sent.
   */
  private static final String SQL =
      """
      WITH listed(pubid, relid) AS (
        SELECT prpubid, prrelid FROM pg_publication_rel
        %s)
      SELECT n.nspname, c.relname, c.relkind, %s AS rowfilter, a.attname,
             t.typname, t.oid::bigint < 10000 AS builtin, %s AS sent
      FROM pg_publication p
      JOIN pg_class c ON c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND c.oid >= 16384
      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname <> 'information_schema'
      LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      CROSS JOIN LATERAL (
        WITH RECURSIVE up AS (
          SELECT oid, typname, typtype, typbasetype FROM pg_type WHERE oid = a.atttypid
          UNION ALL
          SELECT b.oid, b.typname, b.typtype, b.typbasetype
          FROM up JOIN pg_type b ON b.oid = up.typbasetype WHERE up.typtype = 'd')
        SELECT oid, typname FROM up WHERE typtype <> 'd') t
      WHERE p.pubname = ? AND (?::text IS NULL OR n.nspname = ? AND c.relname = ?)
        AND CASE WHEN p.puballtables THEN NOT c.relispartition
            ELSE EXISTS (SELECT FROM listed l WHERE l.pubid = p.oid AND l.relid = c.oid)
              AND NOT EXISTS (
                SELECT FROM pg_partition_ancestors(c.oid) up
                JOIN listed l ON l.pubid = p.oid AND l.relid = up.relid AND up.relid <> c.oid)
            END
      ORDER BY n.nspname, c.relname, a.attnum
      """;

  /** All tables of the publication, by schema and name. */
  static List<PublishedTable> read(Connection connection, String publication) throws SQLException {
    return read(connection, publication, null, null);
  }

  /** One table of the publication; empty if the publication does not have it. */
  static Optional<PublishedTable> read(Connection connection, String publication, TableId table)
      throws SQLException {
    return read(connection, publication, table.schema(), table.table()).stream().findFirst();
  }

  private static List<PublishedTable> read(
      Connection connection, String publication, @Nullable String schema, @Nullable String table)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql(connection))) {
      statement.setString(1, publication);
      statement.setString(2, schema);
      statement.setString(3, schema);
      statement.setString(4, table);
      Map<TableName, PublishedTable> tables = new LinkedHashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          PublishedTable found = table(rows);
          tables
              .computeIfAbsent(new TableName(found.schema(), found.table()), name -> found)
              .addColumn(rows);
        }
      }
      return tables.values().stream().filter(found -> !found.columns().isEmpty()).toList();
    }
  }

  private void addColumn(ResultSet row) throws SQLException {
    String name = row.getString("attname");
    if (row.getBoolean("sent")) {
      columns.add(new PublishedColumn(name, row.getString("typname"), row.getBoolean("builtin")));
    } else {
      unsent.add(name);
    }
  }

  private static PublishedTable table(ResultSet row) throws SQLException {
    return new PublishedTable(
        row.getString("nspname"),
        row.getString("relname"),
        "r".equals(row.getString("relkind")),
        new ArrayList<>(),
        new ArrayList<>(),
        row.getString("rowfilter"));
  }

  private static String sql(Connection connection) throws SQLException {
    int version = serverVersion(connection);
    String ungenerated =
        version >= VERSION_18
            ? "(a.attgenerated = '' OR a.attgenerated = 's' AND p.pubgencols = 's')"
            : "a.attgenerated = ''";
    if (version < VERSION_15) {
      return SQL.formatted("", "NULL::text", ungenerated);
    }
    return SQL.formatted(
        "UNION SELECT pn.pnpubid, pc.oid FROM pg_publication_namespace pn"
            + " JOIN pg_class pc ON pc.relnamespace = pn.pnnspid",
        "CASE WHEN r.prqual IS NOT NULL THEN pg_get_expr(r.prqual, r.prrelid) END",
        "CASE WHEN r.prattrs IS NULL THEN "
            + ungenerated
            + " ELSE a.attnum = ANY (r.prattrs::int2[]) END");
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

  /**
   * A query for all rows, each value as its output function prints it. Columns that are not sent
   * are null: Debezium knows them from the catalog and fails on a result that ends before them.
   */
  String select() {
    String values =
        Stream.concat(
                columns.stream().map(column -> column.asText() + " AS " + quote(column.name())),
                unsent.stream().map(name -> "NULL::text AS " + quote(name)))
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
