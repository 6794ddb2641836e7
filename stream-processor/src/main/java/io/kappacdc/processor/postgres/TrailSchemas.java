package io.kappacdc.processor.postgres;

import io.kappacdc.event.Column;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.TopicNames;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Creates trails and lets them follow their tables: new columns are added, widened ones widened,
 * dropped ones stay. One instance a JVM and database. Thread-safe: DDL runs under an advisory lock
 * in a transaction of its own.
 */
final class TrailSchemas {
  private static final Map<PostgresSettings, TrailSchemas> SHARED = new ConcurrentHashMap<>();

  /** Guards DDL among all processors of a database: "kappaddl" as a number. */
  static final String LOCK = "SELECT pg_advisory_xact_lock(" + 0x6B61_7070_6164_646CL + ")";

  /** What PostgreSQL says where something that others need is to go. */
  static final String DEPENDENT_OBJECTS = "2BP01";

  /**
   * What a server says of one table and will say again: too many columns, too wide a row, no right,
   * something else of that name, no such type.
   */
  private static final Set<String> ONE_TABLES_ERRORS =
      Set.of("54011", "54000", "42501", "42809", "42704", "42710", "42P07", "42P16");

  private static final String WIDEN = "ALTER COLUMN ";

  private final Set<String> appliedSchemaIds = ConcurrentHashMap.newKeySet();

  /** By table, the newest that was recorded here. */
  private final Map<String, Newest> newest = new ConcurrentHashMap<>();

  /** A schema and the first change known to have it. */
  private record Newest(String schemaId, Position since) {
    boolean isFollowedBy(TableSchema schema, Position position) {
      return !schemaId.equals(schema.id()) && position.isAfter(since);
    }
  }

  private TrailSchemas() {}

  static TrailSchemas shared(PostgresSettings settings) {
    return SHARED.computeIfAbsent(settings, ignored -> new TrailSchemas());
  }

  /** Forgets what has been applied, as after a rebuild. */
  static void forget(PostgresSettings settings) {
    SHARED.remove(settings);
  }

  /**
   * Whether the trail can hold rows of {@code schema}, and the table's newest one is on record.
   *
   * @param position of a change of that schema
   */
  boolean isApplied(TableSchema schema, Position position) {
    Newest known = newest.get(schema.qualifiedName());
    return appliedSchemaIds.contains(schema.id())
        && known != null
        && !known.isFollowedBy(schema, position);
  }

  /**
   * Makes the trail able to hold rows of {@code schema}. The connection must have no transaction
   * open.
   *
   * @param position of a change of that schema: partitions come to a schema one after the other
   * @throws TrailSchemaException if the trail has a column that cannot become what the schema says
   */
  void apply(Connection connection, TopicNames topics, TableSchema schema, Position position)
      throws SQLException, TrailSchemaException {
    for (Column column : schema.columns()) {
      if (column.name().startsWith(TrailTable.METADATA_PREFIX)) {
        throw new TrailSchemaException(
            "column '"
                + column.name()
                + "' begins with "
                + TrailTable.METADATA_PREFIX
                + ", which names the trail's own columns; rename it at the source");
      }
    }
    TrailTable trail = TrailTable.of(schema);
    TrailViews views = new TrailViews(connection, topics);
    try (Statement statement = connection.createStatement()) {
      statement.execute(LOCK);
      statement.execute(trail.createSql(schema));
      Map<String, String> present = columnTypes(connection, trail);
      List<String> alterations = alterations(schema, present);
      boolean isWidened = alterations.stream().anyMatch(change -> change.startsWith(WIDEN));
      if (isWidened) {
        views.giveWay(schema);
      }
      if (!alterations.isEmpty()) {
        alter(statement, trail, alterations);
      }
      record(connection, topics, schema, position, trail);
      if (isWidened) {
        views.createInTransaction(schema);
      }
      connection.commit();
      newest.merge(
          schema.qualifiedName(),
          new Newest(schema.id(), position),
          (known, next) -> known.isFollowedBy(schema, position) ? next : known);
      appliedSchemaIds.add(schema.id());
    } catch (SQLException e) {
      connection.rollback();
      String state = String.valueOf(e.getSQLState());
      if (ONE_TABLES_ERRORS.contains(state)) {
        throw new TrailSchemaException(
            trail.sql()
                + " cannot hold the table as it is now: "
                + ServerMessage.message(e)
                + " (SQLSTATE "
                + state
                + "); cure that and restart the processor");
      }
      throw e;
    } catch (TrailSchemaException e) {
      connection.rollback();
      throw e;
    }
    // Not before: a reader locks first the view and then the trail.
    views.create(schema);
  }

  private static void alter(Statement statement, TrailTable trail, List<String> alterations)
      throws SQLException, TrailSchemaException {
    String alter = "ALTER TABLE " + trail.sql() + ' ' + String.join(", ", alterations);
    // The pool takes PostgreSQL's own code for this error, 0A000, for a broken connection.
    String block =
        """
        DECLARE
          what text;
          which text;
        BEGIN
          EXECUTE %s;
        EXCEPTION WHEN feature_not_supported THEN
          GET STACKED DIAGNOSTICS what = MESSAGE_TEXT, which = PG_EXCEPTION_DETAIL;
          RAISE EXCEPTION '%%', what USING ERRCODE = '%s', DETAIL = which;
        END"""
            .formatted(TrailTable.literal(alter), DEPENDENT_OBJECTS);
    try {
      statement.execute("DO " + TrailTable.literal(block));
    } catch (SQLException e) {
      if (DEPENDENT_OBJECTS.equals(e.getSQLState())) {
        throw new TrailSchemaException(
            "a column of "
                + trail.sql()
                + " cannot be widened: "
                + ServerMessage.message(e)
                + "; drop what depends on it, restart the processor and create it again");
      }
      throw e;
    }
  }

  private static List<String> alterations(TableSchema schema, Map<String, String> present)
      throws TrailSchemaException {
    List<String> alterations = new ArrayList<>();
    for (Column column : schema.columns()) {
      String existing = present.get(column.name());
      String quoted = TrailTable.quote(column.name());
      if (existing == null) {
        alterations.add("ADD COLUMN " + quoted + ' ' + column.builtInType());
      } else if (!TypeWidening.holds(existing, column.builtInType())) {
        if (!TypeWidening.holds(column.builtInType(), existing)) {
          throw new TrailSchemaException(
              "column '"
                  + column.name()
                  + "' of "
                  + schema.qualifiedName()
                  + " changed from "
                  + existing
                  + " to "
                  + column.builtInType()
                  + ", which does not hold the values the trail has; rename the trail's column"
                  + " (ALTER TABLE "
                  + TrailTable.of(schema).sql()
                  + " RENAME COLUMN "
                  + quoted
                  + " TO ...) and restart the processor");
        }
        alterations.add(
            WIDEN + quoted + " TYPE " + column.builtInType() + asPrinted(quoted, existing, column));
      }
    }
    return alterations;
  }

  /** PostgreSQL's own casts to text print some values otherwise: trailing blanks, inet, boolean. */
  private static String asPrinted(String quoted, String existing, Column column) {
    return !column.builtInType().equals("text") || existing.startsWith("character varying")
        ? ""
        : " USING CASE WHEN num_nulls(%1$s) = 0 THEN format('%%s', %1$s) END".formatted(quoted);
  }

  private static Map<String, String> columnTypes(Connection connection, TrailTable trail)
      throws SQLException {
    Map<String, String> types = new HashMap<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                + " WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped")) {
      query.setString(1, trail.sql());
      try (ResultSet columns = query.executeQuery()) {
        while (columns.next()) {
          types.put(columns.getString(1), columns.getString(2));
        }
      }
    }
    return types;
  }

  private static void record(
      Connection connection,
      TopicNames topics,
      TableSchema schema,
      Position position,
      TrailTable trail)
      throws SQLException {
    String topic = topics.table(schema.schema(), schema.table());
    String json = new String(SchemaJson.write(schema), StandardCharsets.UTF_8);
    String lsn = Lsn.format(position.lsn());
    try (PreparedStatement former =
        connection.prepareStatement(
            "INSERT INTO kappa.rekeyed (topic, former_key)"
                + " SELECT topic, CASE WHEN (schema_lsn, schema_ordinal) < (?::pg_lsn, ?)"
                + " THEN schema_json::json ELSE ?::json END ->> 'key'"
                + " FROM kappa.tables WHERE topic = ?"
                + " AND schema_json::jsonb -> 'key' IS DISTINCT FROM ?::jsonb -> 'key'"
                + " ON CONFLICT (topic) DO NOTHING")) {
      former.setString(1, lsn);
      former.setLong(2, position.ordinal());
      former.setString(3, json);
      former.setString(4, topic);
      former.setString(5, json);
      former.executeUpdate();
    }
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "INSERT INTO kappa.tables AS known (topic, source_schema, source_table, trail_schema,"
                + " trail_table, schema_json, schema_lsn, schema_ordinal, updated_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?::pg_lsn, ?, clock_timestamp())"
                + " ON CONFLICT (topic) DO UPDATE SET schema_json = excluded.schema_json,"
                + " schema_lsn = excluded.schema_lsn, schema_ordinal = excluded.schema_ordinal,"
                + " updated_at = excluded.updated_at"
                + " WHERE (known.schema_lsn, known.schema_ordinal)"
                + " < (excluded.schema_lsn, excluded.schema_ordinal)")) {
      upsert.setString(1, topic);
      upsert.setString(2, schema.schema());
      upsert.setString(3, schema.table());
      upsert.setString(4, trail.schema());
      upsert.setString(5, trail.table());
      upsert.setString(6, json);
      upsert.setString(7, lsn);
      upsert.setLong(8, position.ordinal());
      upsert.executeUpdate();
    }
  }
}
