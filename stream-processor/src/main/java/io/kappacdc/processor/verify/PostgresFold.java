package io.kappacdc.processor.verify;

import io.kappacdc.event.Lsn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * SQL for the state that a PostgreSQL trail's changes add up to at the fence; the rules are {@link
 * DeltaFold}'s.
 */
final class PostgresFold {
  private final ComparedTable table;
  private final PostgresTrail.Trail trail;
  private final List<String> names;
  private final String live;

  private PostgresFold(
      ComparedTable table, PostgresTrail.Trail trail, List<String> names, String live) {
    this.table = table;
    this.trail = trail;
    this.names = names;
    this.live = live;
  }

  /**
   * The rows of the trail at the fence.
   *
   * @param names the trail's column for each compared column
   */
  static JdbcDigestSource.Relation relation(
      PostgresSession sink,
      ComparedTable table,
      PostgresTrail.Trail trail,
      List<String> names,
      long fence) {
    String upToFence = "_kappa_lsn <= " + CanonicalSql.literal(Lsn.format(fence)) + "::pg_lsn";
    try (Statement statement = sink.connection().createStatement()) {
      String live =
          upToFence + afterLastTruncate(statement, trail, upToFence) + " AND _kappa_op <> 't'";
      PostgresFold fold = new PostgresFold(table, trail, names, live);
      if (!table.keyed()) {
        fold.refuseChanges(statement);
        return new JdbcDigestSource.Relation(fold.inserts(), false);
      }
      return new JdbcDigestSource.Relation(fold.lastChanges(fold.unsent(statement)), false);
    } catch (SQLException e) {
      throw StoreException.reading(PostgresTrail.STORE, table.name(), e);
    }
  }

  private static String afterLastTruncate(
      Statement statement, PostgresTrail.Trail trail, String upToFence) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT _kappa_lsn::text, _kappa_ordinal FROM "
                + trail.sql()
                + " t WHERE _kappa_op = 't' AND "
                + upToFence
                + " ORDER BY t._kappa_lsn DESC, t._kappa_ordinal DESC LIMIT 1")) {
      return rows.next()
          ? " AND (_kappa_lsn, _kappa_ordinal) > ("
              + CanonicalSql.literal(rows.getString(1))
              + "::pg_lsn, "
              + rows.getLong(2)
              + ")"
          : "";
    }
  }

  private void refuseChanges(Statement statement) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT 1 FROM "
                + trail.sql()
                + " WHERE "
                + live
                + " AND _kappa_op IN ('u', 'd') LIMIT 1")) {
      if (rows.next()) {
        throw StoreException.keylessChange(PostgresTrail.STORE, table.name());
      }
    }
  }

  private String inserts() {
    return "SELECT " + texts("t") + " FROM " + trail.sql() + " t WHERE " + live;
  }

  private String texts(String alias) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      texts.add(trail.text(alias, names.get(i)) + " AS c" + i);
    }
    return String.join(", ", texts);
  }

  /** Columns that some change did not bring. */
  private Set<String> unsent(Statement statement) throws SQLException {
    Set<String> found = new HashSet<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT DISTINCT unnest(_kappa_unchanged) FROM "
                + trail.sql()
                + " WHERE _kappa_unchanged IS NOT NULL AND "
                + live)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    found.retainAll(names);
    return found;
  }

  private String lastChanges(Set<String> unsent) {
    String key =
        String.join(
            ", ", table.keyIndexes().stream().map(names::get).map(CanonicalSql::quote).toList());
    String last =
        "SELECT DISTINCT ON ("
            + key
            + ") * FROM "
            + trail.sql()
            + " WHERE "
            + live
            + " ORDER BY "
            + key
            + ", _kappa_lsn DESC, _kappa_ordinal DESC";
    return unsent.isEmpty()
        ? "SELECT " + texts("t") + " FROM (" + last + ") t WHERE t._kappa_op <> 'd'"
        : filled(last, key, unsent);
  }

  /** The last changes, with what they did not bring from the last change of their key that did. */
  private String filled(String last, String key, Set<String> unsent) {
    List<String> values = new ArrayList<>();
    StringBuilder fills = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String own = trail.text("l", name);
      if (unsent.contains(name)) {
        String absent = CanonicalSql.literal(name) + " = ANY (%s._kappa_unchanged)";
        fills
            .append(", (array_agg(")
            .append(trail.text("p", name))
            .append(
                " ORDER BY p._kappa_lsn DESC, p._kappa_ordinal DESC) FILTER (WHERE p._kappa_op <> 'd'")
            .append(" AND NOT coalesce(")
            .append(absent.formatted("p"))
            .append(", false)))[1] AS f")
            .append(i);
        own = "CASE WHEN " + absent.formatted("l") + " THEN f.f" + i + " ELSE " + own + " END";
      }
      values.add(own + " AS c" + i);
    }
    return "WITH l AS ("
        + last
        + "), f AS (SELECT "
        + key
        + fills
        + " FROM "
        + trail.sql()
        + " p WHERE "
        + live
        + " AND ("
        + key
        + ") IN (SELECT "
        + key
        + " FROM l WHERE _kappa_unchanged IS NOT NULL) GROUP BY "
        + key
        + ") SELECT "
        + String.join(", ", values)
        + " FROM l LEFT JOIN f USING ("
        + key
        + ") WHERE l._kappa_op <> 'd'";
  }
}
