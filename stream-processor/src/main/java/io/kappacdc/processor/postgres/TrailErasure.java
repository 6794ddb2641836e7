package io.kappacdc.processor.postgres;

import io.kappacdc.event.Column;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.erase.KeyedChange;
import io.kappacdc.processor.erase.LifeSearch;
import io.kappacdc.processor.erase.Lives;
import io.kappacdc.processor.erase.QuarantinedBytes;
import io.kappacdc.processor.erase.RowKey;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds and removes the changes of one person's row in the trail of a table. */
public final class TrailErasure implements LifeSearch.Store {
  private static final int POSITIONS_AT_ONCE = 10_000;
  private static final Pattern MODIFIER = Pattern.compile("\\([0-9, -]+\\)");
  private static final String TRUNCATED = "22001";

  private final PostgresSettings settings;
  private final String trail;
  private final List<String> names = new ArrayList<>();
  private final List<String> types = new ArrayList<>();

  /**
   * @param schema of a table with a key
   */
  public TrailErasure(PostgresSettings settings, TableSchema schema) {
    this.settings = settings;
    this.trail = TrailTable.of(schema).sql();
    Map<String, Column> columns = new HashMap<>();
    schema.columns().forEach(column -> columns.put(column.name(), column));
    for (String name : schema.key()) {
      names.add(name);
      types.add(columns.get(name).builtInType());
    }
  }

  /** The newest schema of a topic's table that the trail knows. */
  public static Optional<TableSchema> schema(PostgresSettings settings, String topic)
      throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      Ledger.create(connection);
      try (PreparedStatement query =
          connection.prepareStatement("SELECT schema_json FROM kappa.tables WHERE topic = ?")) {
        query.setString(1, topic);
        try (ResultSet row = query.executeQuery()) {
          Optional<TableSchema> schema =
              row.next()
                  ? Optional.of(SchemaJson.read(row.getString(1).getBytes(StandardCharsets.UTF_8)))
                  : Optional.empty();
          connection.commit();
          return schema;
        }
      }
    }
  }

  /** Whether the table has had another primary key since its trail began. */
  public static boolean isRekeyed(PostgresSettings settings, String topic) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement query =
            connection.prepareStatement("SELECT FROM kappa.rekeyed WHERE topic = ?")) {
      query.setString(1, topic);
      try (ResultSet row = query.executeQuery()) {
        boolean isRekeyed = row.next();
        connection.commit();
        return isRekeyed;
      }
    }
  }

  /** The next offset of each of a topic's partitions. */
  public static Map<Integer, Long> nextOffsets(PostgresSettings settings, String topic)
      throws SQLException {
    Map<Integer, Long> offsets = new HashMap<>();
    try (Connection connection = PostgresPool.connect(settings)) {
      Ledger.read(connection)
          .forEach(
              (partition, position) -> {
                if (partition.topic().equals(topic)) {
                  offsets.put(partition.partition(), position.nextOffset());
                }
              });
    }
    return offsets;
  }

  /**
   * A key as PostgreSQL prints it, and every other text that an equal one has in the trail.
   *
   * @throws SQLException with state 22… if a text is no value of its column's type
   */
  public Set<RowKey> texts(RowKey asked) throws SQLException {
    requireOfTypes(asked);
    Set<RowKey> texts = new LinkedHashSet<>();
    String printed =
        types.stream()
            .map(type -> "format('%s', CAST(? AS " + type + "))")
            .collect(Collectors.joining(", "));
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement query = connection.prepareStatement("SELECT " + printed)) {
      set(query, 1, asked);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        texts.add(key(row, 1));
      }
      connection.commit();
    }
    changesOf(asked).forEach(change -> texts.add(change.key()));
    texts.removeIf(key -> !texts.iterator().next().equals(key) && !isEqual(key, asked));
    return texts;
  }

  /** A cast to varchar(5) cuts off, one to numeric(10,2) rounds: to the key of another row. */
  private void requireOfTypes(RowKey asked) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      for (int i = 0; i < types.size(); i++) {
        String type = types.get(i);
        String wide = withoutModifier(type);
        if (!wide.equals(type)) {
          requireEqual(
              connection,
              "CAST(CAST(? AS " + type + ") AS " + wide + ")",
              "CAST(? AS " + wide + ")",
              asked.texts().get(i));
        }
      }
      connection.commit();
    }
  }

  private static void requireEqual(Connection connection, String one, String other, String text)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("SELECT " + one + " = " + other)) {
      query.setString(1, text);
      query.setString(2, text);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        if (!row.getBoolean(1)) {
          throw new SQLException("The cast to the column's type changes a value", TRUNCATED);
        }
      }
    }
  }

  /** The type with values of any length, precision and scale. */
  private static String withoutModifier(String type) {
    if (type.startsWith("interval")) {
      return type.endsWith("[]") ? "interval[]" : "interval";
    }
    return MODIFIER
        .matcher(type)
        .replaceAll("")
        .replaceFirst("^character(?! varying)", "bpchar")
        .replaceFirst("^bit(?! varying)", "bit varying");
  }

  /** Whether two texts are equal values for the columns' types. */
  private boolean isEqual(RowKey key, RowKey other) {
    String equal =
        types.stream()
            .map(type -> "CAST(? AS " + type + ") = CAST(? AS " + type + ")")
            .collect(Collectors.joining(" AND "));
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement query = connection.prepareStatement("SELECT " + equal)) {
      for (int i = 0; i < types.size(); i++) {
        query.setString(2 * i + 1, key.texts().get(i));
        query.setString(2 * i + 2, other.texts().get(i));
      }
      try (ResultSet row = query.executeQuery()) {
        row.next();
        boolean isEqual = row.getBoolean(1);
        connection.commit();
        return isEqual;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot compare keys of " + trail, e);
    }
  }

  @Override
  public List<KeyedChange> changesOf(Set<RowKey> keys) {
    List<KeyedChange> changes = new ArrayList<>();
    try {
      for (RowKey key : keys) {
        changes.addAll(changesOf(key));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read " + trail, e);
    }
    return changes;
  }

  private List<KeyedChange> changesOf(RowKey key) throws SQLException {
    List<String> own = new ArrayList<>();
    List<String> former = new ArrayList<>();
    List<String> isOwn = new ArrayList<>();
    List<String> isFormer = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String column = "t." + TrailTable.quote(names.get(i));
      String before =
          "CAST(t._kappa_before ->> "
              + TrailTable.literal(names.get(i))
              + " AS "
              + types.get(i)
              + ')';
      String value = "CAST(? AS " + types.get(i) + ')';
      own.add("format('%s', " + column + ")");
      former.add("format('%s', " + before + ")");
      isOwn.add(column + " = " + value);
      isFormer.add(before + " = " + value);
    }
    String goesOn = "t._kappa_op = 'c' AND t._kappa_before IS NOT NULL";
    String sql =
        "SELECT t._kappa_op, t._kappa_lsn::text, t._kappa_ordinal, "
            + goesOn
            + ", "
            + String.join(", ", own)
            + ", "
            + String.join(", ", former)
            + " FROM "
            + trail
            + " t WHERE "
            + String.join(" AND ", isOwn)
            + " OR CASE WHEN "
            + goesOn
            + " THEN "
            + String.join(" AND ", isFormer)
            + " END";
    List<KeyedChange> changes = new ArrayList<>();
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement query = connection.prepareStatement(sql)) {
      set(query, 1, key);
      set(query, 1 + names.size(), key);
      query.setFetchSize(1000);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          changes.add(
              new KeyedChange(
                  key(row, 5),
                  row.getString(1),
                  Lsn.parse(row.getString(2)),
                  row.getLong(3),
                  row.getBoolean(4) ? key(row, 5 + names.size()) : null));
        }
      }
      connection.commit();
    }
    return changes;
  }

  private static void set(PreparedStatement query, int first, RowKey key) throws SQLException {
    for (int i = 0; i < key.texts().size(); i++) {
      query.setString(first + i, key.texts().get(i));
    }
  }

  private RowKey key(ResultSet row, int first) throws SQLException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      texts.add(row.getString(first + i));
    }
    return new RowKey(texts);
  }

  /** The changes that show the person. */
  public List<KeyedChange> changesIn(Lives lives) {
    return changesOf(lives.keys()).stream().filter(lives::have).distinct().toList();
  }

  /** Removes them in one transaction, then lets go of their room; returns how many there were. */
  public long erase(Lives lives) throws SQLException {
    List<KeyedChange> changes = changesIn(lives);
    long deleted = 0;
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement delete =
            connection.prepareStatement(
                "DELETE FROM "
                    + trail
                    + " t USING unnest(?::pg_lsn[], ?::bigint[]) AS gone (lsn, ordinal)"
                    + " WHERE t._kappa_lsn = gone.lsn AND t._kappa_ordinal = gone.ordinal")) {
      for (int from = 0; from < changes.size(); from += POSITIONS_AT_ONCE) {
        List<KeyedChange> some =
            changes.subList(from, Math.min(changes.size(), from + POSITIONS_AT_ONCE));
        delete.setString(
            1,
            some.stream()
                .map(change -> Lsn.format(change.lsn()))
                .collect(Collectors.joining(",", "{", "}")));
        delete.setString(
            2,
            some.stream()
                .map(change -> Long.toString(change.ordinal()))
                .collect(Collectors.joining(",", "{", "}")));
        deleted += delete.executeUpdate();
      }
      connection.commit();
    }
    // Even if there was none: an attempt before this one may not have come to it.
    ErasureRequests.vacuum(settings, trail);
    return deleted;
  }

  /** The topic's records that the trail could not read. */
  public static List<QuarantinedBytes> quarantined(PostgresSettings settings, String topic)
      throws SQLException {
    List<QuarantinedBytes> records = new ArrayList<>();
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT partition, record_offset, key, value FROM kappa.quarantine"
                    + " WHERE topic = ?")) {
      query.setString(1, topic);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          records.add(
              new QuarantinedBytes(
                  row.getInt(1), row.getLong(2), row.getBytes(3), row.getBytes(4)));
        }
      }
      connection.commit();
    }
    return records;
  }

  /** Removes records from the quarantine; returns how many there were. */
  public static long eraseQuarantined(
      PostgresSettings settings, String topic, List<QuarantinedBytes> records) throws SQLException {
    long deleted = 0;
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement delete =
            connection.prepareStatement(
                "DELETE FROM kappa.quarantine WHERE topic = ? AND partition = ?"
                    + " AND record_offset = ? AND value IS NOT DISTINCT FROM ?::bytea")) {
      for (QuarantinedBytes record : records) {
        delete.setString(1, topic);
        delete.setInt(2, record.partition());
        delete.setLong(3, record.offset());
        delete.setBytes(4, record.value());
        deleted += delete.executeUpdate();
      }
      connection.commit();
    }
    ErasureRequests.vacuum(settings, "kappa.quarantine");
    return deleted;
  }
}
