package io.kappacdc.capture.source;

import io.debezium.relational.TableId;
import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableName;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.event.Column;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.runtime.config.SourceConfig;
import io.kappacdc.runtime.config.TableFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Asks the source's catalog what the tables are. The catalog shows the present, which can be ahead
 * of the stream: column types are corrected by what the stream says. Not thread-safe.
 */
public final class SourceCatalog implements AutoCloseable {
  private static final String TABLE_SQL =
      """
      SELECT c.oid::bigint AS oid, c.relreplident
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  private static final String COLUMNS_SQL =
      """
      WITH RECURSIVE base(attnum, oid) AS (
        SELECT attnum, atttypid FROM pg_attribute
        WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT base.attnum, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.oid
        WHERE t.typtype = 'd')
      SELECT a.attname, a.atttypid::bigint AS typeid, a.atttypmod, a.attnotnull, t.typname,
             r.oid::bigint AS rootid
      FROM base b
      JOIN pg_type r ON r.oid = b.oid AND r.typtype <> 'd'
      JOIN pg_attribute a ON a.attrelid = ?::oid AND a.attnum = b.attnum
      JOIN pg_type t ON t.oid = a.atttypid
      ORDER BY a.attnum
      """;

  private static final String INDEX_SQL =
      """
      SELECT i.indisprimary, i.indisreplident, a.attname
      FROM pg_index i
      CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(attnum, rank)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = ?::oid AND (i.indisprimary OR i.indisreplident)
        AND k.rank <= i.indnkeyatts
      ORDER BY k.rank
      """;

  private static final String TYPE_SQL =
      """
      WITH RECURSIVE base(oid, typmod) AS (
        SELECT ?::oid, ?::int
        UNION ALL
        SELECT t.typbasetype, t.typtypmod FROM base JOIN pg_type t ON t.oid = base.oid
        WHERE t.typtype = 'd')
      SELECT format_type(?::oid, ?::int) AS type, format_type(b.oid, b.typmod) AS basetype,
             t.oid::bigint < 10000 AND t.typtype IN ('b', 'r', 'm')
               AND t.typname !~ '^_?(reg|aclitem$|money$|xml$|pg_(node|ndis|dep|mcv|brin))' AS portable
      FROM base b JOIN pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
      """;

  private static final String TYPE_ID_SQL =
      "SELECT oid::bigint FROM pg_type WHERE typname = ? ORDER BY oid LIMIT 1";

  private record CatalogColumn(
      String name, long typeId, int modifier, boolean nullable, String typeName, long rootId) {}

  private record TypeId(long oid, int modifier) {}

  private record TypeText(String type, String builtInType) {}

  private record CatalogTable(long oid, ReplicaIdentity identity) {}

  private final SourceDatabase database;
  private final String publication;
  private final TableFilter tables;
  private final Map<TypeId, TypeText> types = new HashMap<>();
  private final Map<TableName, List<String>> lastKeys = new HashMap<>();
  private @Nullable Connection connection;

  public SourceCatalog(SourceDatabase database, SourceConfig source) {
    this.database = database;
    this.publication = source.publication();
    this.tables = source.tables();
  }

  /** A query on a connection; failures of the connection are worth a new attempt. */
  private interface Query<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T ask(Query<T> query) {
    try {
      Connection open = connection;
      if (open == null || open.isClosed()) {
        open = database.connect();
        connection = open;
      }
      return query.on(open);
    } catch (SQLException e) {
      throw new TransientFailure("Cannot ask the source's catalog", e);
    }
  }

  /** The tables of the publication that are captured, as they are now. */
  public List<SourceTable> capturedTables() {
    return ask(
        open -> {
          List<SourceTable> captured = new ArrayList<>();
          for (PublishedTable published : PublishedTable.read(open, publication)) {
            if (tables.admits(published.schema(), published.table())) {
              captured.add(table(open, published.schema(), published.table(), null));
            }
          }
          return captured;
        });
  }

  /** Writes a sign of life into the log and returns where it ends; it arrives in the stream. */
  public long mark() {
    return Lsn.parse(ask(open -> text(open, DebeziumSettings.HEARTBEAT_SQL)));
  }

  /**
   * Writes a message for capture into the log, and returns where it ends. The transaction id beside
   * it makes the server flush it at once.
   *
   * @param prefix one that begins with capture's own
   */
  public long tell(String prefix, String text) {
    String sql = "SELECT pg_logical_emit_message(false, ?, ?)::text, pg_current_xact_id()";
    return Lsn.parse(
        ask(
            open -> {
              try (PreparedStatement statement = open.prepareStatement(sql)) {
                statement.setString(1, prefix);
                statement.setString(2, text);
                try (ResultSet row = statement.executeQuery()) {
                  row.next();
                  return row.getString(1);
                }
              }
            }));
  }

  /** A transaction id that is greater than all before it. */
  public long newTransactionId() {
    return Long.parseLong(ask(open -> text(open, "SELECT pg_current_xact_id()::text")));
  }

  private static String text(Connection open, String sql) throws SQLException {
    try (Statement statement = open.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** The tables that the source has now. */
  public PublishedNow publishedNow() {
    return ask(open -> PublishedNow.read(open, publication));
  }

  /**
   * The table as rows with {@code row} as their schema see it.
   *
   * @param row the schema of a streamed row; null for a row that a snapshot reads, which the
   *     catalog describes as it is
   */
  public SourceTable table(String schema, String table, @Nullable Schema row) {
    return ask(open -> table(open, schema, table, row));
  }

  /**
   * Takes what tables were when they were last looked at: their keys are those of changes that are
   * still on their way, should the tables be gone.
   */
  public void remember(Map<TableName, TableForm> forms) {
    forms.forEach((name, form) -> lastKeys.put(name, form.key()));
  }

  /** What the catalog says of these tables now; those that are gone are left out. */
  public Map<TableName, TableForm> forms(Collection<TableName> tables) {
    return ask(open -> TableForms.read(open, tables));
  }

  /** Where the slot stands, which before the first flush is where its snapshot was taken. */
  public long slotLsn(String slot) {
    return ask(
        open -> {
          String sql =
              "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = ?";
          try (PreparedStatement statement = open.prepareStatement(sql)) {
            statement.setString(1, slot);
            try (ResultSet found = statement.executeQuery()) {
              if (!found.next()) {
                throw new SQLException("Slot " + slot + " does not exist");
              }
              return Lsn.parse(found.getString(1));
            }
          }
        });
  }

  private SourceTable table(Connection open, String schema, String table, @Nullable Schema row)
      throws SQLException {
    CatalogTable found = find(open, schema, table);
    Map<String, CatalogColumn> known = found == null ? Map.of() : columns(open, found.oid());
    List<Column> columns = new ArrayList<>();
    if (row != null) {
      for (Field field : row.fields()) {
        columns.add(column(open, field, known.get(field.name())));
      }
    } else {
      Set<String> sent = sentColumns(open, schema, table);
      for (CatalogColumn column : known.values()) {
        if (sent.contains(column.name())) {
          columns.add(column(open, column, new TypeId(column.typeId(), column.modifier())));
        }
      }
    }
    return withKey(open, schema, table, found, columns);
  }

  private SourceTable withKey(
      Connection open,
      String schema,
      String table,
      @Nullable CatalogTable found,
      List<Column> columns)
      throws SQLException {
    TableName name = new TableName(schema, table);
    ReplicaIdentity identity = found == null ? ReplicaIdentity.DEFAULT : found.identity();
    Set<String> names = new HashSet<>();
    columns.forEach(column -> names.add(column.name()));
    List<String> key = found == null ? lastKeys.getOrDefault(name, List.of()) : key(open, found);
    if (!names.containsAll(key)) {
      // The key's columns come from the future, or are not published: rows cannot be told apart.
      key = List.of();
    }
    lastKeys.put(name, key);
    return new SourceTable(schema, table, columns, key, identity);
  }

  private static @Nullable CatalogTable find(Connection open, String schema, String table)
      throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(TABLE_SQL)) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return null;
        }
        ReplicaIdentity identity =
            switch (row.getString("relreplident")) {
              case "f" -> ReplicaIdentity.FULL;
              case "i" -> ReplicaIdentity.INDEX;
              case "n" -> ReplicaIdentity.NOTHING;
              default -> ReplicaIdentity.DEFAULT;
            };
        return new CatalogTable(row.getLong("oid"), identity);
      }
    }
  }

  private static Map<String, CatalogColumn> columns(Connection open, long tableOid)
      throws SQLException {
    Map<String, CatalogColumn> columns = new LinkedHashMap<>();
    try (PreparedStatement statement = open.prepareStatement(COLUMNS_SQL)) {
      statement.setLong(1, tableOid);
      statement.setLong(2, tableOid);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          CatalogColumn column =
              new CatalogColumn(
                  row.getString("attname"),
                  row.getLong("typeid"),
                  row.getInt("atttypmod"),
                  !row.getBoolean("attnotnull"),
                  row.getString("typname"),
                  row.getLong("rootid"));
          columns.put(column.name(), column);
        }
      }
    }
    return columns;
  }

  private Set<String> sentColumns(Connection open, String schema, String table)
      throws SQLException {
    Set<String> names = new HashSet<>();
    PublishedTable.read(open, publication, new TableId(null, schema, table))
        .ifPresent(found -> found.columns().forEach(column -> names.add(column.name())));
    return names;
  }

  private List<String> key(Connection open, CatalogTable table) throws SQLException {
    List<String> primary = new ArrayList<>();
    List<String> replica = new ArrayList<>();
    try (PreparedStatement statement = open.prepareStatement(INDEX_SQL)) {
      statement.setLong(1, table.oid());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (row.getBoolean("indisprimary")) {
            primary.add(row.getString("attname"));
          }
          if (row.getBoolean("indisreplident")) {
            replica.add(row.getString("attname"));
          }
        }
      }
    }
    return table.identity() == ReplicaIdentity.INDEX ? replica : primary;
  }

  private Column column(Connection open, Field field, @Nullable CatalogColumn known)
      throws SQLException {
    StreamedType streamed = StreamedType.readFrom(field.schema());
    if (streamed == null) {
      throw new IllegalArgumentException("Field '" + field.name() + "' has no streamed type");
    }
    boolean same =
        known != null
            && known.typeName().equals(streamed.typeName())
            && known.rootId() == streamed.rootOid();
    TypeId type;
    if (same && known.typeId() != known.rootId()) {
      type = new TypeId(known.typeId(), known.modifier()); // a domain: its modifier is its own
    } else if (same) {
      type = new TypeId(known.typeId(), streamed.modifierOr(known.modifier()));
    } else {
      type = new TypeId(typeId(open, streamed), streamed.modifierOr(-1));
    }
    CatalogColumn described =
        known != null
            ? known
            : new CatalogColumn(field.name(), type.oid(), type.modifier(), true, "", 0);
    return column(open, described, type);
  }

  private static long typeId(Connection open, StreamedType streamed) throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(TYPE_ID_SQL)) {
      statement.setString(1, streamed.typeName());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : Integer.toUnsignedLong(streamed.rootOid());
      }
    }
  }

  private Column column(Connection open, CatalogColumn column, TypeId type) throws SQLException {
    TypeText text = types.get(type);
    if (text == null) {
      text = typeText(open, type);
      types.put(type, text);
    }
    return new Column(
        column.name(), text.type(), text.builtInType(), column.nullable(), column.name());
  }

  private static TypeText typeText(Connection open, TypeId type) throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(TYPE_SQL)) {
      for (int parameter : new int[] {1, 3}) {
        statement.setLong(parameter, type.oid());
        statement.setInt(parameter + 1, type.modifier());
      }
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return new TypeText("text", "text"); // the type is gone, its values are text
        }
        return new TypeText(
            row.getString("type"), row.getBoolean("portable") ? row.getString("basetype") : "text");
      }
    }
  }

  @Override
  public void close() {
    Connection open = connection;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // Nothing was written on it.
      }
    }
  }
}
