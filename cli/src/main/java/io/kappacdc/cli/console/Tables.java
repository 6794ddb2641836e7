package io.kappacdc.cli.console;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables that have a trail. Counts are the servers' estimates: nothing is counted. */
final class Tables {
  private static final int TABLES_MAX = 500;

  private static final String IN_SINK =
      """
      SELECT t.topic, t.source_schema, t.source_table,
             greatest(c.reltuples::bigint, s.n_live_tup),
             pg_total_relation_size(c.oid), l.lsn::text,
             (extract(epoch FROM l.updated_at) * 1000)::bigint, t.schema_lsn::text,
             (extract(epoch FROM t.updated_at) * 1000)::bigint,
             EXISTS (SELECT FROM kappa.progress p WHERE t.topic = ANY (p.stopped_topics))
      FROM kappa.tables t
      LEFT JOIN pg_namespace n ON n.nspname = t.trail_schema
      LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.trail_table
      LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
      LEFT JOIN (SELECT topic, max(lsn) AS lsn, max(updated_at) AS updated_at
                 FROM kappa.ledger GROUP BY topic) l ON l.topic = t.topic
      ORDER BY l.lsn DESC NULLS LAST, t.topic LIMIT\s"""
          + TABLES_MAX;

  /** Partitions count with their root. */
  private static final String AT_SOURCE =
      """
      SELECT n.nspname, c.relname,
             CASE WHEN c.relkind = 'p' THEN
               (SELECT sum(greatest(p.reltuples, s.n_live_tup, 0))::bigint
                FROM pg_partition_tree(c.oid) r JOIN pg_class p ON p.oid = r.relid
                LEFT JOIN pg_stat_all_tables s ON s.relid = p.oid WHERE r.isleaf)
             ELSE greatest(c.reltuples, s.n_live_tup, 0)::bigint END
      FROM unnest(?::text[], ?::text[]) AS asked (nspname, relname)
      JOIN pg_namespace n ON n.nspname = asked.nspname
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = asked.relname
      LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid""";

  private Tables() {}

  /**
   * All tables, that which changed last first.
   *
   * @param source may not answer: its figures are left out then
   */
  static Map<String, @Nullable Object> list(
      ReadOnlyDatabase sink, ReadOnlyDatabase source, Sampler sampler) {
    List<Map<String, @Nullable Object>> tables = sink.read(Tables::inSink);
    @Nullable String problem = null;
    try {
      Map<String, Long> rows = source.read(connection -> atSource(connection, tables));
      tables.forEach(table -> table.put("sourceRows", rows.get(name(table))));
    } catch (RequestException e) {
      problem = e.problem() + ": " + e.reason();
    }
    for (Map<String, @Nullable Object> table : tables) {
      double[] rates = sampler.rates(name(table));
      double[] counts = sampler.counts(name(table));
      table.put("captureRate", rates == null ? null : rates[0]);
      table.put("trailRate", rates == null ? null : rates[1]);
      table.put("sinceStart", counts == null ? null : (long) counts[1]);
    }
    return Json.object("tables", tables, "max", TABLES_MAX, "sourceProblem", problem);
  }

  private static String name(Map<String, @Nullable Object> table) {
    return table.get("schema") + "." + table.get("table");
  }

  private static List<Map<String, @Nullable Object>> inSink(Connection connection)
      throws SQLException {
    List<Map<String, @Nullable Object>> tables = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(IN_SINK);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        tables.add(
            Json.object(
                "topic", row.getString(1),
                "schema", row.getString(2),
                "table", row.getString(3),
                "trailRows", count(row, 4),
                "trailBytes", count(row, 5),
                "lsn", row.getString(6),
                "changed", count(row, 7),
                "schemaLsn", row.getString(8),
                "schemaChanged", count(row, 9),
                "stopped", row.getBoolean(10)));
      }
    }
    return tables;
  }

  private static @Nullable Long count(ResultSet row, int column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() || number < 0 ? null : number;
  }

  private static Map<String, Long> atSource(
      Connection connection, List<Map<String, @Nullable Object>> tables) throws SQLException {
    Map<String, Long> rows = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(AT_SOURCE)) {
      query.setArray(1, column(connection, tables, "schema"));
      query.setArray(2, column(connection, tables, "table"));
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          rows.put(row.getString(1) + '.' + row.getString(2), row.getLong(3));
        }
      }
    }
    return rows;
  }

  private static Array column(
      Connection connection, List<Map<String, @Nullable Object>> tables, String name)
      throws SQLException {
    return connection.createArrayOf("text", tables.stream().map(t -> t.get(name)).toArray());
  }
}
