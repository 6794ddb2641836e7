package io.kappacdc.cli.console;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Changes from the trails with the row before and after. PostgreSQL seldom sends the row before; it
 * is the row's change before then, if that is near or an index finds it.
 */
final class Changes {
  static final int CHANGES_MAX = 100;

  /** Among so many changes the one before is looked for, without an index. */
  private static final int NEAR = 20_000;

  private static final int TABLES_MAX = 8;
  private static final long ALL_TABLES_NANOS_MAX = 2_000_000_000L;
  private static final Pattern PLACE = Pattern.compile("([0-9A-F]{1,8}/[0-9A-F]{1,8}),(\\d{1,18})");

  private static final String FIELDS =
      """
      SELECT f._kappa_op::text, f._kappa_lsn::text, f._kappa_ordinal, f._kappa_tx_id,
             (extract(epoch FROM f._kappa_ts) * 1000)::bigint,
             (extract(epoch FROM f._kappa_sink_ts) * 1000)::bigint,
             f._kappa_unchanged, ${after},
             CASE WHEN f._kappa_before IS NOT NULL THEN
               (SELECT array_agg(left(f._kappa_before ->> c.name, ${chars}) ORDER BY c.place)
                FROM unnest(?::text[]) WITH ORDINALITY c (name, place)) END,
             CASE WHEN f._kappa_before IS NOT NULL THEN
               (SELECT array_agg((f._kappa_before -> c.name) IS NOT NULL ORDER BY c.place)
                FROM unnest(?::text[]) WITH ORDINALITY c (name, place)) END,
             ${previous}
      """;

  private static final String NEWEST =
      """
      WITH shown AS MATERIALIZED (
        SELECT t.* FROM ${trail} t
        WHERE (t._kappa_lsn, t._kappa_ordinal) < (CAST(? AS pg_lsn), ?)
        ORDER BY t._kappa_lsn DESC, t._kappa_ordinal DESC LIMIT ?)
      ${fields}
      FROM shown f
      ${join}
      ORDER BY f._kappa_lsn DESC, f._kappa_ordinal DESC""";

  /** By the index, for one change after the other. */
  private static final String PREVIOUS_INDEXED =
      """
      LEFT JOIN LATERAL (
        SELECT q.* FROM ${trail} q
        WHERE f._kappa_op IN ('u', 'd') AND ${samekey}
          AND (q._kappa_lsn, q._kappa_ordinal) < (f._kappa_lsn, f._kappa_ordinal)
        ORDER BY q._kappa_lsn DESC, q._kappa_ordinal DESC LIMIT 1) p ON true
      """;

  /** In one pass over the changes that are near, for all of them. */
  private static final String PREVIOUS_NEAR =
      """
      LEFT JOIN (
        SELECT DISTINCT ON (f._kappa_lsn, f._kappa_ordinal)
               f._kappa_lsn AS _kappa_of_lsn, f._kappa_ordinal AS _kappa_of_ordinal, q.*
        FROM shown f
        JOIN (SELECT t.* FROM ${trail} t
              WHERE (t._kappa_lsn, t._kappa_ordinal) < (CAST(? AS pg_lsn), ?)
              ORDER BY t._kappa_lsn DESC, t._kappa_ordinal DESC LIMIT ${near}) q
          ON f._kappa_op IN ('u', 'd') AND ${samekey}
          AND (q._kappa_lsn, q._kappa_ordinal) < (f._kappa_lsn, f._kappa_ordinal)
        ORDER BY f._kappa_lsn, f._kappa_ordinal, q._kappa_lsn DESC, q._kappa_ordinal DESC) p
      ON p._kappa_of_lsn = f._kappa_lsn AND p._kappa_of_ordinal = f._kappa_ordinal
      """;

  private static final String OF_ROW =
      """
      ${fields}
      FROM ${trail} f WHERE ${key}
      ORDER BY f._kappa_lsn DESC, f._kappa_ordinal DESC LIMIT ?""";

  /**
   * A place in the order of all changes.
   *
   * @param lsn as PostgreSQL prints it
   */
  record Place(String lsn, long ordinal) {
    static final Place END = new Place("FFFFFFFF/FFFFFFFF", Long.MAX_VALUE);

    /**
     * Reads {@code 0/1A2B3C8,3}.
     *
     * @throws RequestException if it is something else
     */
    static Place parse(@Nullable String text) {
      if (text == null || text.isEmpty()) {
        return END;
      }
      Matcher matcher = PLACE.matcher(text);
      if (!matcher.matches()) {
        throw RequestException.badParameter("before", "a place as the feed has it, 0/1A2B3C8,3");
      }
      return new Place(matcher.group(1), Long.parseLong(matcher.group(2)));
    }
  }

  /**
   * A change.
   *
   * @param before null if it is not known
   * @param beforeFrom {@code sent}, {@code trail} or empty
   */
  private record Change(
      TrailTable table,
      String op,
      Place place,
      long transaction,
      long atMillis,
      long writtenMillis,
      List<@Nullable Object> after,
      @Nullable List<@Nullable Object> before,
      String beforeFrom) {
    Map<String, @Nullable Object> json() {
      return Json.object(
          "topic", table.topic(),
          "table", table.name(),
          "op", op,
          "lsn", place.lsn(),
          "ordinal", place.ordinal(),
          "tx", transaction,
          "at", atMillis,
          "written", writtenMillis,
          "after", after,
          "before", before,
          "beforeFrom", beforeFrom);
    }
  }

  private static final Comparator<Change> NEWEST_FIRST =
      Comparator.<Change>comparingLong(change -> number(change.place().lsn()))
          .thenComparingLong(change -> change.place().ordinal())
          .reversed();

  private Changes() {}

  private static long number(String lsn) {
    int slash = lsn.indexOf('/');
    return (Long.parseLong(lsn.substring(0, slash), 16) << 32)
        + Long.parseLong(lsn.substring(slash + 1), 16);
  }

  /** The newest changes of a table before a place. */
  static Map<String, @Nullable Object> ofTable(
      Connection connection, String topic, Place before, int limit) throws SQLException {
    TrailTable table = TrailTable.find(connection, topic);
    return json(newest(connection, table, before, limit), List.of(table), List.of());
  }

  /** The newest changes before a place, of the tables that changed last. */
  static Map<String, @Nullable Object> ofAll(Connection connection, Place before, int limit)
      throws SQLException {
    List<Change> changes = new ArrayList<>();
    List<TrailTable> tables = new ArrayList<>();
    List<String> left = new ArrayList<>();
    long deadline = System.nanoTime() + ALL_TABLES_NANOS_MAX;
    List<String> topics = changedLast(connection);
    for (String topic : topics.subList(0, Math.min(topics.size(), TABLES_MAX))) {
      if (System.nanoTime() - deadline > 0) {
        left.add(topic);
        continue;
      }
      TrailTable table = TrailTable.find(connection, topic);
      tables.add(table);
      changes.addAll(newest(connection, table, before, limit));
    }
    left.addAll(topics.subList(Math.min(topics.size(), TABLES_MAX), topics.size()));
    changes.sort(NEWEST_FIRST);
    return json(changes.subList(0, Math.min(limit, changes.size())), tables, left);
  }

  private static List<String> changedLast(Connection connection) throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT l.topic FROM kappa.ledger l JOIN kappa.tables t USING (topic)"
                    + " GROUP BY l.topic ORDER BY max(l.lsn) DESC, l.topic LIMIT 500");
        ResultSet rows = query.executeQuery()) {
      List<String> topics = new ArrayList<>();
      while (rows.next()) {
        topics.add(rows.getString(1));
      }
      return topics;
    }
  }

  private static Map<String, @Nullable Object> json(
      List<Change> changes, List<TrailTable> tables, List<String> left) {
    Map<String, @Nullable Object> described = Json.object();
    for (TrailTable table : tables) {
      described.put(table.topic(), describe(table));
    }
    return Json.object(
        "changes",
        changes.stream().map(Change::json).toList(),
        "tables",
        described,
        "notAsked",
        left);
  }

  static Map<String, @Nullable Object> describe(TrailTable table) {
    return Json.object(
        "name", table.name(),
        "columns", table.columns(),
        "key", table.key(),
        "keyIndexed", table.keyIndexed(),
        "index", table.key().isEmpty() ? null : table.indexThatHelps());
  }

  private static List<Change> newest(
      Connection connection, TrailTable table, Place before, int limit) throws SQLException {
    boolean withPrevious = !table.key().isEmpty() && table.keyPlaces().length == table.key().size();
    boolean isNear = withPrevious && !table.keyIndexed();
    String ours =
        Placeholders.fill(
            NEWEST,
            Map.of(
                "fields",
                FIELDS,
                "join",
                !withPrevious ? "" : isNear ? PREVIOUS_NEAR : PREVIOUS_INDEXED,
                "trail",
                "${trail}"));
    String sql = Placeholders.fill(ours, values(table, withPrevious));
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      Array columns = connection.createArrayOf("text", table.columnArray());
      query.setString(1, before.lsn());
      query.setLong(2, before.ordinal());
      query.setInt(3, limit);
      query.setArray(4, columns);
      query.setArray(5, columns);
      if (isNear) {
        query.setString(6, before.lsn());
        query.setLong(7, before.ordinal());
      }
      return changes(query, table);
    }
  }

  private static Map<String, String> values(TrailTable table, boolean withPrevious) {
    return Map.of(
        "after", table.texts("f"),
        "chars", Integer.toString(Cells.CHARS_MAX + 1),
        "previous",
            withPrevious
                ? "p._kappa_op::text, p._kappa_unchanged, " + table.texts("p")
                : "NULL::text, NULL::text[], NULL::text[]",
        "samekey", table.sameKey("q", "f"),
        "key", table.boundKey("f"),
        "near", Integer.toString(NEAR),
        "trail", table.trail());
  }

  private static List<Change> changes(PreparedStatement query, TrailTable table)
      throws SQLException {
    List<Change> changes = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        changes.add(change(rows, table));
      }
    }
    return changes;
  }

  private static Change change(ResultSet row, TrailTable table) throws SQLException {
    String[] unchanged = Cells.texts(row, 7);
    String[] sent = Cells.texts(row, 9);
    String previousOp = row.getString(11);
    List<@Nullable Object> before = null;
    String beforeFrom = "";
    if (sent != null) {
      before = sent(sent, (Boolean[]) row.getArray(10).getArray());
      beforeFrom = "sent";
    }
    boolean sentAll = before != null && !before.contains(Cells.UNSENT);
    if (!sentAll && previousOp != null && Set.of("c", "u", "r").contains(previousOp)) {
      before = Cells.row(Cells.texts(row, 13), table.columns(), set(Cells.texts(row, 12)));
      beforeFrom = "trail";
    }
    return new Change(
        table,
        row.getString(1),
        new Place(row.getString(2), row.getLong(3)),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        Cells.row(Cells.texts(row, 8), table.columns(), set(unchanged)),
        before,
        beforeFrom);
  }

  private static Set<String> set(String @Nullable [] names) {
    return names == null ? Set.of() : Set.copyOf(Arrays.asList(names));
  }

  private static List<@Nullable Object> sent(String[] texts, Boolean[] present) {
    List<@Nullable Object> cells = new ArrayList<>(texts.length);
    for (int i = 0; i < texts.length; i++) {
      cells.add(present[i] ? Cells.cell(texts[i]) : Cells.UNSENT);
    }
    return cells;
  }

  /**
   * The changes of one row, oldest first; the newest of them if there are more than the limit.
   *
   * @param key a value for each column of the table's key
   * @throws RequestException if the table has no such key, or it takes too long to find them
   */
  static Map<String, @Nullable Object> ofRow(
      Connection connection, String topic, List<String> key, int limit) throws SQLException {
    TrailTable table = TrailTable.find(connection, topic);
    if (table.key().isEmpty()) {
      throw new RequestException(
          409,
          "The table has no key",
          table.name() + " has no primary key that a row could be known by",
          "Look at the table's changes instead.");
    }
    if (key.size() != table.key().size()) {
      throw RequestException.badParameter(
          "key", "a value for each of " + String.join(", ", table.key()));
    }
    String ours =
        Placeholders.fill(OF_ROW, Map.of("fields", FIELDS, "trail", "${trail}", "key", "${key}"));
    String sql = Placeholders.fill(ours, values(table, false));
    List<Change> changes;
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      Array columns = connection.createArrayOf("text", table.columnArray());
      query.setArray(1, columns);
      query.setArray(2, columns);
      int parameter = 3;
      for (String value : key) {
        query.setObject(parameter++, value, Types.OTHER); // of the column's type
      }
      query.setInt(parameter, limit + 1);
      changes = changes(query, table);
    } catch (SQLException e) {
      throw tooLong(e, table);
    }
    boolean isWhole = changes.size() <= limit;
    List<Change> life = inOrder(changes.subList(0, Math.min(limit, changes.size())));
    Map<String, @Nullable Object> json = json(life, List.of(table), List.of());
    json.put("whole", isWhole);
    return json;
  }

  static SQLException tooLong(SQLException e, TrailTable table) {
    if ("57014".equals(e.getSQLState()) && !table.key().isEmpty() && !table.keyIndexed()) {
      throw new RequestException(
          504,
          "The row was not found in time",
          "no index of "
              + table.trail()
              + " begins with the key, and to read all of it takes longer"
              + " than "
              + ReadOnlyDatabase.STATEMENT_SECONDS_MAX
              + " s",
          table.indexThatHelps());
    }
    return e;
  }

  /** Oldest first, each with the row after the one before it where PostgreSQL sent none. */
  private static List<Change> inOrder(List<Change> newestFirst) {
    List<Change> life = new ArrayList<>();
    Change previous = null;
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      Change change = newestFirst.get(i);
      boolean lacks = change.before() == null || change.before().contains(Cells.UNSENT);
      boolean follows =
          previous != null
              && Set.of("c", "u", "r").contains(previous.op())
              && Set.of("u", "d").contains(change.op());
      life.add(
          lacks && follows
              ? new Change(
                  change.table(),
                  change.op(),
                  change.place(),
                  change.transaction(),
                  change.atMillis(),
                  change.writtenMillis(),
                  change.after(),
                  previous.after(),
                  "trail")
              : change);
      previous = change;
    }
    return life;
  }
}
