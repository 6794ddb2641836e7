package io.kappacdc.processor.postgres;

import io.kappacdc.event.Lsn;
import io.kappacdc.event.ReplicaIdentity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * SQL for the rows of a table at one moment, as the changes in its trail add up to them. The
 * statements are those of {@code sql/sink/state-*.sql}.
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
    return CHANGES.with(Map.of("trail", trail, "alias", alias, "moment", lsnSql(lsn)));
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
            column ->
                "kappa.never_sent(t._kappa_lsn, %s, %s)::%s"
                    .formatted(literal(table), literal(column.name()), column.type())));
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
    Map<String, String> values = new HashMap<>();
    values.put("trail", trail);
    for (String alias : CHANGE_ALIASES) {
      values.put(
          "changes" + alias,
          CHANGES.with(Map.of("trail", trail, "alias", alias, "moment", moment)));
    }
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

  private String keyed(Map<String, String> values, Function<Column, String> unknown) {
    for (String alias : KEY_ALIASES) {
      values.put("key" + alias, list(key, name -> alias + '.' + TrailTable.quote(name)));
    }
    List<Column> left = new ArrayList<>();
    for (Column column : columns) {
      if (column.sent() == Sent.IF_CHANGED && !key.contains(column.name())) {
        left.add(column);
      }
    }
    if (left.isEmpty()) {
      values.put("columns", list(columns, column -> "t." + column.quoted()));
      return KEYED.with(values);
    }
    List<Integer> roots = IntStream.range(0, key.size()).boxed().toList();
    values.put(
        "keyroots", list(roots, i -> "p." + TrailTable.quote(key.get(i)) + " AS _kappa_root" + i));
    values.put("rootsl", list(roots, i -> "l._kappa_root" + i));
    values.put("rootsn", list(roots, i -> "n._kappa_root" + i));
    values.put("newest", list(left, column -> newest(column, left.indexOf(column))));
    values.put(
        "columns",
        list(
            columns,
            column ->
                left.contains(column)
                    ? filled(column, left.indexOf(column), unknown.apply(column))
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

  private String filled(Column column, int index, String unknown) {
    return """
        CASE WHEN %s THEN CASE WHEN n._kappa_at%d IS NULL THEN %s ELSE (
          SELECT p.%s FROM %s p WHERE p._kappa_lsn = pg_lsn '0/0' + n._kappa_at%d[1]
            AND p._kappa_ordinal = n._kappa_at%d[2]::bigint) END ELSE t.%s END AS %s"""
        .formatted(
            isLeftOut("t", column),
            index,
            unknown,
            column.quoted(),
            trail,
            index,
            index,
            column.quoted(),
            column.quoted());
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
    return "(t._kappa_before ->> %s)::%s::text".formatted(literal(column.name()), column.type());
  }

  private static <T> String list(Collection<T> items, Function<T, String> sql) {
    return items.stream().map(sql).collect(Collectors.joining(", "));
  }

  private static String literal(String text) {
    return TrailTable.literal(text);
  }
}
