package io.kappacdc.processor.verify;

import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.processor.postgres.TrailState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The state that a PostgreSQL trail's changes add up to at the fence, as {@link TrailState} has.
 */
final class PostgresFold {
  private final ComparedTable table;
  private final PostgresTrail.Trail trail;
  private final List<String> names;
  private final long fence;

  private PostgresFold(
      ComparedTable table, PostgresTrail.Trail trail, List<String> names, long fence) {
    this.table = table;
    this.trail = trail;
    this.names = names;
    this.fence = fence;
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
    PostgresFold fold = new PostgresFold(table, trail, names, fence);
    try (Statement statement = sink.connection().createStatement()) {
      if (!table.keyed()) {
        fold.refuseChanges(statement);
      }
      return new JdbcDigestSource.Relation(fold.texts(fold.state(statement)), false);
    } catch (SQLException e) {
      throw StoreException.reading(PostgresTrail.STORE, table.name(), e);
    }
  }

  private void refuseChanges(Statement statement) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT 1 FROM "
                + trail.sql()
                + " t WHERE t._kappa_op IN ('u', 'd') AND "
                + TrailState.changesAt(trail.sql(), "t", fence)
                + " LIMIT 1")) {
      if (rows.next()) {
        throw StoreException.keylessChange(PostgresTrail.STORE, table.name());
      }
    }
  }

  private TrailState state(Statement statement) throws SQLException {
    Set<String> unsent = unsent(statement);
    List<TrailState.Column> columns = new ArrayList<>();
    for (String name : trail.columns()) {
      columns.add(
          new TrailState.Column(
              name,
              trail.types().get(name),
              unsent.contains(name) ? TrailState.Sent.IF_CHANGED : TrailState.Sent.ALWAYS));
    }
    return new TrailState(
        trail.sql(),
        table.name(),
        columns,
        table.keyed() ? table.keyIndexes().stream().map(names::get).toList() : List.of(),
        ReplicaIdentity.DEFAULT);
  }

  /** Columns that some change did not bring. */
  private Set<String> unsent(Statement statement) throws SQLException {
    Set<String> found = new HashSet<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT DISTINCT unnest(t._kappa_unchanged) FROM "
                + trail.sql()
                + " t WHERE t._kappa_unchanged IS NOT NULL")) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    found.retainAll(names);
    return found;
  }

  private String texts(TrailState state) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      texts.add(trail.text("s", names.get(i)) + " AS c" + i);
    }
    return "SELECT " + String.join(", ", texts) + " FROM (" + state.at(fence) + ") s";
  }
}
