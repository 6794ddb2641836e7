package io.kappacdc.chaos.workload;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;

/** What the ledger says. */
public final class SourceLedger {
  private static final String SUMS =
      Bank.columns().map(column -> "sum(" + column + ")").collect(Collectors.joining(", "));

  private SourceLedger() {}

  /** All changes of the transactions that this session sees. */
  public static Tally read(Connection source) throws SQLException {
    Tally made = new Tally();
    try (Statement statement = source.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT sum(number), " + SUMS + " FROM chaos_ledger")) {
      row.next();
      made.add(new Kind(Bank.LEDGER, 'u'), row.getLong(1));
      for (int i = 0; i < Bank.COUNTED.size(); i++) {
        made.add(Bank.COUNTED.get(i), row.getLong(i + 2));
      }
    }
    return made;
  }
}
