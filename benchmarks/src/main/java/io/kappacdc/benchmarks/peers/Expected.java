package io.kappacdc.benchmarks.peers;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * What every store must come to show.
 *
 * @param commits all of the load's, warm-up included
 * @param deletes among their changes
 * @param rows the source's rows at the end: digest by key
 * @param fromMicros what was committed at or after this time is measured
 */
record Expected(CommitLog commits, long deletes, Map<Integer, String> rows, long fromMicros) {
  /** Reads the rows; the source must be quiet. */
  static Expected of(Connection source, CommitLog commits, long deletes, long fromMicros)
      throws SQLException {
    String query = "SELECT fund_id, " + FundMetadataWorkload.DIGEST + " FROM public.fund_metadata";
    return new Expected(commits, deletes, rows(source, query), fromMicros);
  }

  /** Digest by key, from a query of both. */
  static Map<Integer, String> rows(Connection connection, String query) throws SQLException {
    Map<Integer, String> rows = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(query)) {
      while (found.next()) {
        rows.put(found.getInt(1), found.getString(2));
      }
    }
    return rows;
  }

  long changes() {
    return commits.changes();
  }
}
