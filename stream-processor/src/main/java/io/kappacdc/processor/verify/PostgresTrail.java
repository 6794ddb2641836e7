package io.kappacdc.processor.verify;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The PostgreSQL trail: which tables it has, how far it is, and its relations. */
final class PostgresTrail {
  static final String STORE = "PostgreSQL trail";

  private static final String UNDEFINED_TABLE = "42P01";
  private static final String INVALID_SCHEMA = "3F000";

  private PostgresTrail() {}

  /**
   * A table's trail.
   *
   * @param topic the table's topic
   * @param schema the newest schema the trail has seen
   * @param types types of the trail's columns by name
   */
  record Trail(
      String topic,
      TableSchema schema,
      String trailSchema,
      String trailTable,
      Map<String, String> types) {
    /** The trail's columns that are the table's own. */
    List<String> columns() {
      return types.keySet().stream().filter(name -> !name.startsWith("_kappa_")).toList();
    }

    String sql() {
      return CanonicalSql.quote(trailSchema) + '.' + CanonicalSql.quote(trailTable);
    }

    /** The text of a column of the stream; NULL where the trail has none such. */
    String text(String alias, String column) {
      String type = types.get(column);
      return type == null
          ? "NULL::text"
          : CanonicalSql.text(alias + '.' + CanonicalSql.quote(column), type);
    }
  }

  /** All trails, by source table. */
  static Map<TableName, Trail> trails(Connection connection) throws SQLException {
    Map<TableName, Trail> trails = new HashMap<>();
    if (!exists(connection)) {
      return trails;
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT source_schema, source_table, topic, schema_json, trail_schema, trail_table"
                    + " FROM kappa.tables")) {
      while (rows.next()) {
        TableSchema schema = SchemaJson.read(rows.getString(4).getBytes(StandardCharsets.UTF_8));
        String trailSchema = rows.getString(5);
        String trailTable = rows.getString(6);
        Map<String, String> types = types(connection, trailSchema, trailTable);
        trails.put(
            new TableName(rows.getString(1), rows.getString(2)),
            new Trail(rows.getString(3), schema, trailSchema, trailTable, types));
      }
    }
    return trails;
  }

  private static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT to_regclass('kappa.tables') IS NOT NULL")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static Map<String, String> types(Connection connection, String schema, String table)
      throws SQLException {
    Map<String, String> types = new LinkedHashMap<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
                + " JOIN pg_class c ON c.oid = a.attrelid"
                + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped")) {
      query.setString(1, schema);
      query.setString(2, table);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          types.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    return types;
  }

  /** Next offsets by topic and partition; none while nothing has ever been written. */
  static Map<String, Map<Integer, Long>> nextOffsets(Connection connection) throws SQLException {
    Map<String, Map<Integer, Long>> offsets = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT topic, partition, next_offset FROM kappa.ledger")) {
      while (rows.next()) {
        offsets
            .computeIfAbsent(rows.getString(1), topic -> new HashMap<>())
            .put(rows.getInt(2), rows.getLong(3));
      }
    } catch (SQLException e) {
      if (!isMissing(e)) {
        throw e;
      }
    }
    return offsets;
  }

  /** Whether the trail has all that belongs before the cut, topics that stopped apart. */
  static boolean hasNoted(Connection connection, Cut cut) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT lsn::text, generation FROM kappa.progress WHERE store = 'postgres-trail'")) {
      return row.next()
          && row.getInt(2) >= cut.generation()
          && (row.getInt(2) > cut.generation()
              || Long.compareUnsigned(Lsn.parse(row.getString(1)), cut.lsn()) >= 0);
    } catch (SQLException e) {
      if (!isMissing(e)) {
        throw e;
      }
      return false;
    }
  }

  private static boolean isMissing(SQLException e) {
    return UNDEFINED_TABLE.equals(e.getSQLState()) || INVALID_SCHEMA.equals(e.getSQLState());
  }
}
