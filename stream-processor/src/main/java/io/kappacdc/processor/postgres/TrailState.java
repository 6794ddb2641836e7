package io.kappacdc.processor.postgres;

import io.kappacdc.event.Lsn;
import io.kappacdc.event.ReplicaIdentity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * SQL for the rows of a table at one moment, as the changes in its trail add up to them, and for
 * the changes themselves with all their values. The statements are those of {@code
 * sql/sink/state-*.sql} and {@code sql/sink/history.sql}.
 *
 * @param trail the trail, quoted
 * @param table the source table's name, for people
 * @param columns the columns to select; at least one
 * @param key names of the key's columns; none for a table without a key
 * @param identity the table's replica identity
 */
public record TrailState(
    String trail, String table, List<Column> columns, List<String> key, ReplicaIdentity identity) {
  private static final SqlTemplate CHANGES = SqlTemplate.read("state-changes.sql").bare();
  private static final SqlTemplate KEYED = SqlTemplate.read("state-keyed.sql").bare();
  private static final SqlTemplate FILLED = SqlTemplate.read("state-filled.sql").bare();
  private static final SqlTemplate LIVES = SqlTemplate.read("state-lives.sql").bare();
  private static final SqlTemplate HISTORY = SqlTemplate.read("history.sql").bare();
  private static final SqlTemplate INSERTS = SqlTemplate.read("state-inserts.sql").bare();
  private static final SqlTemplate BAG = SqlTemplate.read("state-bag.sql").bare();

  /** Aliases that the statements give to the trail where they look at its key. */
  private static final List<String> KEY_ALIASES = List.of("t", "p", "u", "b", "d", "l");

  /** Aliases of the trail of which the statements ask whether the change counts. */
  private static final List<String> CHANGE_ALIASES = List.of("t", "p", "u", "b");

  public TrailState {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /**
   * A column of the trail.
   *
   * @param type as PostgreSQL's {@code format_type} prints it
   * @param sent whether every change brings it; PostgreSQL may leave the others out of an update
   *     that does not change them
   */
  public record Column(String name, String type, Sent sent) {
    String quoted() {
      return TrailTable.quote(name);
    }
  }

  /** Whether changes bring a column's value. */
  public enum Sent {
    /** Every change does. */
    ALWAYS,
    /** An update that leaves it alone may not. */
    IF_CHANGED
  }

  /**
   * A condition for the changes of a trail that count at an LSN.
   *
   * @param trail the trail, quoted
   * @param alias what it is called in the query
   */
  public static String changesAt(String trail, String alias, long lsn) {
    return new Place(trail, upTo(lsnSql(lsn))).changes(alias);
  }

  private static UnaryOperator<String> upTo(String moment) {
    return alias -> alias + "._kappa_lsn <= " + moment;
  }

  /**
   * A place in a trail, as SQL.
   *
   * @param truncates where the trail's truncates are
   * @param upTo the condition that a change is up to the place, by the trail's alias
   */
  private record Place(String truncates, UnaryOperator<String> upTo) {
    String changes(String alias) {
      return CHANGES.with(
          Map.of(
              "alias",
              alias,
              "truncates",
              truncates,
              "upto",
              upTo.apply(alias),
              "uptox",
              upTo.apply("x")));
    }
  }

  private static String lsnSql(long lsn) {
    return literal(Lsn.format(lsn)) + "::pg_lsn";
  }

  /** The rows at an LSN. A value that no change up to then brought is null. */
  public String at(long lsn) {
    return sql(lsnSql(lsn), new Doubts("false", "true", column -> "NULL::" + column.type()));
  }

  /**
   * The rows at the moment that {@code kappa.moment()} gives, which is the session's choice. What
   * the trail cannot tell is an error as soon as it is selected.
   */
  String atSessionsMoment(String topic) {
    String at = "(t._kappa_lsn, " + literal(table) + ")";
    return sql(
        "(SELECT kappa.moment(" + literal(topic) + "))",
        new Doubts(
            "kappa.unexpected" + at,
            "NOT ("
                + key.stream()
                    .map(name -> "t." + TrailTable.quote(name) + " IS NULL")
                    .collect(Collectors.joining(" OR "))
                + ") OR kappa.unkeyed"
                + at,
            this::neverSent));
  }

  private String neverSent(Column column) {
    return "kappa.never_sent(t._kappa_lsn, %s, %s)::%s"
        .formatted(literal(table), literal(column.name()), column.type());
  }

  /**
   * All changes, with the trail's own columns, and the values that PostgreSQL left out of them.
   * What the trail never got is an error as soon as it is selected.
   */
  String history() {
    List<Column> left = leftOut();
    List<String> selected = new ArrayList<>(TrailTable.METADATA.size() + columns.size());
    TrailTable.METADATA.forEach(name -> selected.add("t." + name));
    for (Column column : columns) {
      int index = left.indexOf(column);
      selected.add(
          index < 0
              ? "t." + column.quoted()
              : filled(column, key.isEmpty() ? valueBefore(column) : historicValue(column, index)));
    }
    if (left.isEmpty() || key.isEmpty()) {
      return "SELECT " + String.join(", ", selected) + " FROM " + trail + " t";
    }
    Map<String, String> values =
        values(
            new Place(
                "truncates",
                alias ->
                    "(%1$s._kappa_lsn, %1$s._kappa_ordinal) <= (t._kappa_lsn, t._kappa_ordinal)"
                        .formatted(alias)));
    putKeys(values);
    putLives(values, "(%s) = (%s)".formatted(values.get("keyp"), values.get("keyt")), left);
    values.put("columns", String.join(", ", selected));
    values.put(
        "places",
        list(left, column -> "coalesce(" + place(left.indexOf(column)) + ", '{NULL,NULL}')"));
    return HISTORY.with(values);
  }

  private String historicValue(Column column, int index) {
    return valueAt(column, "t._kappa_places[" + (index + 1) + ']', neverSent(column));
  }

  /** The value before a change of a row without a key, which has all of that row if it has any. */
  private String valueBefore(Column column) {
    return "CASE WHEN t._kappa_before -> %s IS NULL THEN %s ELSE %s::%s END"
        .formatted(literal(column.name()), neverSent(column), before(column), column.type());
  }

  /**
   * What to do where the trail leaves a doubt, as SQL.
   *
   * @param unexpected a condition for changes that such a table cannot have
   * @param known a condition for changes, true if they name their row
   * @param unknown the value of a column that no change brought
   */
  private record Doubts(String unexpected, String known, Function<Column, String> unknown) {}

  private String sql(String moment, Doubts doubts) {
    Map<String, String> values = values(new Place(trail, upTo(moment)));
    if (!key.isEmpty()) {
      values.put("known", doubts.known());
      return keyed(values, doubts.unknown());
    } else if (identity == ReplicaIdentity.FULL) {
      return bag(values);
    }
    values.put("columns", list(columns, column -> "t." + column.quoted()));
    values.put("unexpected", doubts.unexpected());
    return INSERTS.with(values);
  }

  private Map<String, String> values(Place place) {
    Map<String, String> values = new HashMap<>();
    values.put("trail", trail);
    for (String alias : CHANGE_ALIASES) {
      values.put("changes" + alias, place.changes(alias));
    }
    return values;
  }

  private void putKeys(Map<String, String> values) {
    for (String alias : KEY_ALIASES) {
      values.put("key" + alias, list(key, name -> alias + '.' + TrailTable.quote(name)));
    }
    List<Integer> roots = IntStream.range(0, key.size()).boxed().toList();
    values.put(
        "keyroots", list(roots, i -> "p." + TrailTable.quote(key.get(i)) + " AS _kappa_root" + i));
    values.put("rootsl", list(roots, i -> "l._kappa_root" + i));
    values.put("rootsn", list(roots, i -> "n._kappa_root" + i));
  }

  /** Adds where the left-out values are of the keys that a condition for changes p asks for. */
  private static void putLives(Map<String, String> values, String asked, List<Column> left) {
    values.put("asked", asked);
    values.put("newest", list(left, column -> newest(column, left.indexOf(column))));
    values.put("lives", LIVES.with(values));
  }

  /** Columns of whose values PostgreSQL may leave some out. */
  private List<Column> leftOut() {
    return columns.stream()
        .filter(column -> column.sent() == Sent.IF_CHANGED && !key.contains(column.name()))
        .toList();
  }

  private String keyed(Map<String, String> values, Function<Column, String> unknown) {
    putKeys(values);
    List<Column> left = leftOut();
    if (left.isEmpty()) {
      values.put("columns", list(columns, column -> "t." + column.quoted()));
      return KEYED.with(values);
    }
    putLives(
        values,
        "(%s) IN (SELECT %s FROM %s u WHERE %s AND u._kappa_unchanged IS NOT NULL)"
            .formatted(values.get("keyp"), values.get("keyu"), trail, values.get("changesu")),
        left);
    values.put(
        "columns",
        list(
            columns,
            column ->
                left.contains(column)
                    ? filled(
                        column, valueAt(column, place(left.indexOf(column)), unknown.apply(column)))
                    : "t." + column.quoted()));
    return FILLED.with(values);
  }

  /** The place of the newest change that brought a column's value. */
  private static String newest(Column column, int index) {
    return "max(ARRAY[p._kappa_lsn - pg_lsn '0/0', p._kappa_ordinal]) FILTER (WHERE NOT coalesce("
        + isLeftOut("p", column)
        + ", false)) AS _kappa_at"
        + index;
  }

  /** A column of the change t, with its value where PostgreSQL left it out. */
  private static String filled(Column column, String value) {
    return "CASE WHEN %s THEN %s ELSE t.%s END AS %s"
        .formatted(isLeftOut("t", column), value, column.quoted(), column.quoted());
  }

  /** The place of the newest change that brought a column's value, as n has it. */
  private static String place(int index) {
    return "n._kappa_at" + index;
  }

  private String valueAt(Column column, String place, String unknown) {
    return """
        CASE WHEN %1$s[1] IS NULL THEN %2$s ELSE (
          SELECT p.%3$s FROM %4$s p WHERE p._kappa_lsn = pg_lsn '0/0' + %1$s[1]
            AND p._kappa_ordinal = %1$s[2]::bigint) END"""
        .formatted(place, unknown, column.quoted(), trail);
  }

  private static String isLeftOut(String alias, Column column) {
    return literal(column.name()) + " = ANY (" + alias + "._kappa_unchanged)";
  }

  private String bag(Map<String, String> values) {
    List<Integer> indexes = IntStream.range(0, columns.size()).boxed().toList();
    values.put(
        "columns",
        list(
            indexes,
            i ->
                "s.v[%d]::%s AS %s"
                    .formatted(i + 1, columns.get(i).type(), columns.get(i).quoted())));
    values.put("before", list(columns, TrailState::textBefore));
    values.put(
        "after",
        list(
            columns,
            column ->
                "CASE WHEN %s THEN %s ELSE t.%s::text END"
                    .formatted(isLeftOut("t", column), textBefore(column), column.quoted())));
    values.put("name", literal(table));
    return BAG.with(values);
  }

  /** The text that PostgreSQL would print for the value before the change. */
  private static String textBefore(Column column) {
    return before(column) + "::" + column.type() + "::text";
  }

  private static String before(Column column) {
    return "(t._kappa_before ->> %s)".formatted(literal(column.name()));
  }

  private static <T> String list(Collection<T> items, Function<T, String> sql) {
    return items.stream().map(sql).collect(Collectors.joining(", "));
  }

  private static String literal(String text) {
    return TrailTable.literal(text);
  }
}
