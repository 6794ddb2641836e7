package io.kappacdc.chaos.workload;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What the ledger says. */
public final class SourceLedger {
  private SourceLedger() {}

  /** Everything that the transactions counted which this session sees. */
  public static Ledger read(Connection source) throws SQLException {
    List<Ledger> tellers = new ArrayList<>();
    try (Statement statement = source.createStatement();
        ResultSet row = statement.executeQuery("SELECT * FROM chaos_ledger")) {
      while (row.next()) {
        tellers.add(Ledger.of(column -> value(row, column)));
      }
    }
    return Ledger.sum(tellers);
  }

  private static long value(ResultSet row, String column) {
    try {
      return row.getLong(column);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
