package io.kappacdc.processor.verify;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which tables and columns the source publishes. */
final class SourceCatalog {
  private static final int COLUMN_LISTS_SINCE = 15;
  private static final int GENERATED_COLUMNS_SINCE = 18;

  private SourceCatalog() {}

  /**
   * The captured tables of the publication: roots or leaves of partitioned ones, as the publication
   * says.
   *
   * @throws NotVerifiedException if there is no such publication
   */
  static SortedMap<TableName, SourceTable> read(PostgresSession source, Pipeline.Source captured) {
    String publication = captured.publication();
    Connection connection = source.connection();
    try {
      if (!exists(connection, "SELECT 1 FROM pg_publication WHERE pubname = ?", publication)) {
        throw NotVerifiedException.noPublication(publication);
      }
      int version = connection.getMetaData().getDatabaseMajorVersion();
      SortedMap<TableName, SourceTable> tables = new TreeMap<>();
      try (PreparedStatement query = connection.prepareStatement(tablesSql(version))) {
        query.setString(1, publication);
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            add(rows, tables);
          }
        }
      }
      tables.keySet().removeIf(name -> !captured.tables().admits(name.schema(), name.table()));
      return tables;
    } catch (SQLException e) {
      throw StoreException.reading(SourceTable.STORE, "the list of tables", e);
    }
  }

  /** Whether the source has the table, published or not. */
  static boolean hasTable(PostgresSession source, TableName table) {
    try {
      return exists(source.connection(), "SELECT 1 WHERE to_regclass(?) IS NOT NULL", table.sql());
    } catch (SQLException e) {
      throw StoreException.reading(SourceTable.STORE, table.toString(), e);
    }
  }

  private static boolean exists(Connection connection, String sql, String argument)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, argument);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next();
      }
    }
  }

  private static String tablesSql(int version) {
    boolean lists = version >= COLUMN_LISTS_SINCE;
    return "SELECT p.schemaname, p.tablename, c.relkind, "
        + (lists ? "p.rowfilter" : "NULL::text")
        + ", a.attname, format_type(a.atttypid, a.atttypmod),"
        + " a.attnum = ANY (i.indkey)"
        + " FROM pg_publication_tables p"
        + " JOIN pg_namespace s ON s.nspname = p.schemaname"
        + " JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = p.tablename"
        + " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        + (lists ? " AND a.attname = ANY (p.attnames)" : "")
        + (version < GENERATED_COLUMNS_SINCE ? " AND a.attgenerated = ''" : "")
        + " LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
        + " WHERE p.pubname = ? ORDER BY 1, 2, a.attnum";
  }

  private static void add(ResultSet row, SortedMap<TableName, SourceTable> tables)
      throws SQLException {
    TableName name = new TableName(row.getString(1), row.getString(2));
    SourceTable known = tables.get(name);
    Map<String, String> types = new LinkedHashMap<>(known == null ? Map.of() : known.types());
    @Nullable String column = row.getString(5);
    if (column != null) {
      types.put(column, row.getString(6));
    }
    List<String> primaryKey = new ArrayList<>(known == null ? List.of() : known.primaryKey());
    if (column != null && row.getBoolean(7)) {
      primaryKey.add(column);
    }
    tables.put(
        name,
        new SourceTable(name, "p".equals(row.getString(3)), types, primaryKey, row.getString(4)));
  }
}
