package io.kappacdc.capture.source;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables on which PostgreSQL refuses UPDATE and DELETE, to everybody, as soon as a publication has
 * them: old rows could not be told apart.
 */
record RefusedChanges(List<String> tables) {
  private static final int NAMED_MAX = 20;

  private static final String SQL =
      """
      SELECT c.oid::regclass::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid >= 16384
        AND n.nspname <> 'information_schema'
        AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (
          SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
      ORDER BY 1
      """;

  RefusedChanges {
    tables = List.copyOf(tables);
  }

  static RefusedChanges read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SQL)) {
      List<String> tables = new ArrayList<>();
      while (row.next()) {
        tables.add(row.getString(1));
      }
      return new RefusedChanges(tables);
    }
  }

  /** The first of them, for people. */
  String named() {
    String names = String.join(", ", tables.subList(0, Math.min(NAMED_MAX, tables.size())));
    int more = tables.size() - NAMED_MAX;
    return more > 0 ? names + " and " + more + " more" : names;
  }
}
