package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableForm.ColumnForm;
import io.kappacdc.capture.resume.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads what the source's catalog says of tables. */
final class TableForms {
  /** Catalog tables alone: a function that locks the table would wait behind an ALTER TABLE. */
  private static final String SQL =
      """
      WITH RECURSIVE wanted AS (
        SELECT c.oid, n.nspname, c.relname
        FROM unnest(?::text[], ?::text[]) AS named(nspname, relname)
        JOIN pg_namespace n ON n.nspname = named.nspname
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = named.relname),
      tree(root, oid) AS (
        SELECT oid, oid FROM wanted
        UNION ALL
        SELECT tree.root, i.inhrelid
        FROM tree
        JOIN pg_class parent ON parent.oid = tree.oid AND parent.relkind = 'p'
        JOIN pg_inherits i ON i.inhparent = tree.oid)
      SELECT w.nspname, w.relname, w.oid::bigint AS oid, files.list AS files,
             a.attnum, a.attname, a.atttypid::bigint AS atttypid, a.atttypmod, a.atthasmissing,
             a.xmin::text::bigint AS version
      FROM wanted w
      JOIN (
        SELECT tree.root, array_agg(f.relfilenode::bigint) AS list
        FROM tree JOIN pg_class f ON f.oid = tree.oid GROUP BY tree.root) files
        ON files.root = w.oid
      JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped
      """;

  private TableForms() {}

  /** The forms of these tables at this moment; those that are gone are left out. */
  static Map<TableName, TableForm> read(Connection connection, Collection<TableName> tables)
      throws SQLException {
    Map<TableName, Gathered> gathered = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setArray(1, names(connection, tables, TableName::schema));
      statement.setArray(2, names(connection, tables, TableName::table));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          TableName name = new TableName(row.getString("nspname"), row.getString("relname"));
          Gathered table = gathered.get(name);
          if (table == null) {
            table = new Gathered(row.getLong("oid"), files(row.getArray("files")), new TreeMap<>());
            gathered.put(name, table);
          }
          table.columns().put(row.getInt("attnum"), column(row));
        }
      }
    }
    Map<TableName, TableForm> forms = new HashMap<>();
    gathered.forEach((name, table) -> forms.put(name, table.form()));
    return forms;
  }

  private record Gathered(
      long relationId, Set<Long> files, SortedMap<Integer, ColumnForm> columns) {
    TableForm form() {
      return new TableForm(relationId, files, columns);
    }
  }

  private static Array names(
      Connection connection, Collection<TableName> tables, Function<TableName, String> part)
      throws SQLException {
    return connection.createArrayOf("text", tables.stream().map(part).toArray());
  }

  private static Set<Long> files(Array numbers) throws SQLException {
    return Set.copyOf(Arrays.asList((Long[]) numbers.getArray()));
  }

  private static ColumnForm column(ResultSet row) throws SQLException {
    return new ColumnForm(
        row.getString("attname"),
        row.getLong("atttypid"),
        row.getInt("atttypmod"),
        row.getBoolean("atthasmissing"),
        row.getLong("version"));
  }
}
