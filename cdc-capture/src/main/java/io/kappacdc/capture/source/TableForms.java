package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableForm.ColumnForm;
import io.kappacdc.capture.resume.TableForm.PartitionForm;
import io.kappacdc.capture.resume.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads what the source's catalog says of tables. */
final class TableForms {
  private static final String WANTED =
      """
      WITH RECURSIVE wanted AS (
        SELECT c.oid, c.relfilenode, c.relreplident, n.nspname, c.relname
        FROM unnest(?::text[], ?::text[]) AS named(nspname, relname)
        JOIN pg_namespace n ON n.nspname = named.nspname
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = named.relname),
      tree(root, oid, joined) AS (
        SELECT oid, oid, NULL::xid FROM wanted
        UNION ALL
        SELECT tree.root, i.inhrelid, i.xmin
        FROM tree
        JOIN pg_class parent ON parent.oid = tree.oid AND parent.relkind = 'p'
        JOIN pg_inherits i ON i.inhparent = tree.oid)
      """;

  /**
   * Catalog tables alone: a function that locks the table would wait behind an ALTER TABLE. A root
   * itself has no rows: it is its partitions whose rows have a new column's default.
   */
  private static final String COLUMNS_SQL =
      WANTED
          + """
          , filled AS (
            SELECT DISTINCT tree.root, a.attname
            FROM tree JOIN pg_attribute a ON a.attrelid = tree.oid AND a.atthasmissing),
          keys AS (
            SELECT w.oid, array_agg(a.attname::text ORDER BY k.rank) AS names
            FROM wanted w
            JOIN pg_index i ON i.indrelid = w.oid
              AND CASE w.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
            CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(attnum, rank)
            JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum = k.attnum
            WHERE k.rank <= i.indnkeyatts
            GROUP BY w.oid)
          SELECT w.nspname, w.relname, w.oid::bigint AS oid, w.relfilenode::bigint AS file,
                 coalesce(keys.names, '{}') AS key,
                 a.attnum, a.attname, a.atttypid::bigint AS atttypid, a.atttypmod,
                 f.root IS NOT NULL AS filled, a.xmin::text::bigint AS version
          FROM wanted w
          JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN keys ON keys.oid = w.oid
          LEFT JOIN filled f ON f.root = w.oid AND f.attname = a.attname
          """;

  /**
   * To attach a table changes the catalog's rows of all its columns, to create it as a partition
   * only those of columns with a default: others stay those of the command that created it, as do
   * the rows of system columns.
   */
  private static final String PARTITIONS_SQL =
      WANTED
          + """
          SELECT w.nspname, w.relname, tree.oid::bigint AS oid, c.relfilenode::bigint AS file,
                 tree.joined::text::bigint AS joined,
                 EXISTS (
                   SELECT FROM pg_attribute s
                   JOIN pg_attribute a ON a.attrelid = s.attrelid AND a.attnum > 0
                     AND a.xmin = s.xmin AND a.cmin = s.cmin
                   WHERE s.attrelid = tree.oid AND s.attnum = -1) AS made
          FROM tree
          JOIN wanted w ON w.oid = tree.root AND w.oid <> tree.oid
          JOIN pg_class c ON c.oid = tree.oid
          """;

  private TableForms() {}

  /** The forms of these tables at this moment; those that are gone are left out. */
  static Map<TableName, TableForm> read(Connection connection, Collection<TableName> tables)
      throws SQLException {
    Map<TableName, Gathered> gathered = new HashMap<>();
    try (PreparedStatement statement = prepare(connection, COLUMNS_SQL, tables);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        TableName name = name(row);
        Gathered table = gathered.get(name);
        if (table == null) {
          table =
              new Gathered(
                  row.getLong("oid"),
                  row.getLong("file"),
                  List.of((String[]) row.getArray("key").getArray()),
                  new TreeMap<>(),
                  new TreeMap<>());
          gathered.put(name, table);
        }
        table.columns().put(row.getInt("attnum"), column(row));
      }
    }
    try (PreparedStatement statement = prepare(connection, PARTITIONS_SQL, tables);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Gathered table = gathered.get(name(row));
        if (table != null) {
          table.partitions().put(row.getLong("oid"), partition(row));
        }
      }
    }
    Map<TableName, TableForm> forms = new HashMap<>();
    gathered.forEach((name, table) -> forms.put(name, table.form()));
    return forms;
  }

  private record Gathered(
      long relationId,
      long file,
      List<String> key,
      SortedMap<Integer, ColumnForm> columns,
      SortedMap<Long, PartitionForm> partitions) {
    TableForm form() {
      return new TableForm(relationId, file, key, columns, partitions);
    }
  }

  private static PreparedStatement prepare(
      Connection connection, String sql, Collection<TableName> tables) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setArray(1, names(connection, tables, TableName::schema));
    statement.setArray(2, names(connection, tables, TableName::table));
    return statement;
  }

  private static TableName name(ResultSet row) throws SQLException {
    return new TableName(row.getString("nspname"), row.getString("relname"));
  }

  private static Array names(
      Connection connection, Collection<TableName> tables, Function<TableName, String> part)
      throws SQLException {
    return connection.createArrayOf("text", tables.stream().map(part).toArray());
  }

  private static PartitionForm partition(ResultSet row) throws SQLException {
    return new PartitionForm(row.getLong("file"), row.getLong("joined"), row.getBoolean("made"));
  }

  private static ColumnForm column(ResultSet row) throws SQLException {
    return new ColumnForm(
        row.getString("attname"),
        row.getLong("atttypid"),
        row.getInt("atttypmod"),
        row.getBoolean("filled"),
        row.getLong("version"));
  }
}
