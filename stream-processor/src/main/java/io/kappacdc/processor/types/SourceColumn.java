package io.kappacdc.processor.types;

import io.kappacdc.runtime.config.SourceConfig;
import io.kappacdc.runtime.config.TableFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A column that capture sends.
 *
 * @param type as {@code format_type()} prints it
 * @param builtInType the built-in type that holds its text, by the rule that capture goes by
 */
record SourceColumn(String schema, String table, String column, String type, String builtInType) {
  private static final int GENERATED_COLUMNS_SINCE = 18;

  /** Tables of the publication; all that one for all tables would have while there is none. */
  private static final String SQL =
      """
      SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
             CASE WHEN b.portable THEN b.basetype ELSE 'text' END
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      CROSS JOIN LATERAL (
        WITH RECURSIVE up(oid, typmod) AS (
          SELECT a.atttypid, a.atttypmod
          UNION ALL
          SELECT t.typbasetype, t.typtypmod FROM up JOIN pg_type t ON t.oid = up.oid
          WHERE t.typtype = 'd')
        SELECT format_type(up.oid, up.typmod) AS basetype,
               t.oid::bigint < 10000 AND t.typtype IN ('b', 'r', 'm')
                 AND t.typname !~ '^_?(reg|aclitem$|money$|xml$|pg_(node|ndis|dep|mcv|brin))'
                 AS portable
        FROM up JOIN pg_type t ON t.oid = up.oid AND t.typtype <> 'd') b
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND c.oid >= 16384
        AND n.nspname <> 'information_schema'
        AND (a.attgenerated = '' OR a.attgenerated = 's' AND ?)
        AND CASE WHEN EXISTS (SELECT FROM pg_publication WHERE pubname = ?)
          THEN EXISTS (SELECT FROM pg_publication_tables p WHERE p.pubname = ?
            AND p.schemaname = n.nspname AND p.tablename = c.relname)
          ELSE NOT c.relispartition END
      ORDER BY n.nspname, c.relname, a.attnum
      """;

  /** All columns of captured tables, by table and place. */
  static List<SourceColumn> read(Connection source, SourceConfig config) throws SQLException {
    String publication = config.publication();
    TableFilter tables = config.tables();
    List<SourceColumn> columns = new ArrayList<>();
    try (PreparedStatement query = source.prepareStatement(SQL)) {
      query.setBoolean(
          1, source.getMetaData().getDatabaseMajorVersion() >= GENERATED_COLUMNS_SINCE);
      query.setString(2, publication);
      query.setString(3, publication);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          String schema = rows.getString(1);
          String table = rows.getString(2);
          if (tables.admits(schema, table)) {
            columns.add(
                new SourceColumn(
                    schema, table, rows.getString(3), rows.getString(4), rows.getString(5)));
          }
        }
      }
    }
    return columns;
  }

  /** {@code schema.table}. */
  String qualifiedTable() {
    return schema + '.' + table;
  }
}
