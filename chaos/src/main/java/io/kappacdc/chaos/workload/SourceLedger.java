package io.kappacdc.chaos.workload;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Adds up what the ledger's rows say, each row once. Not thread-safe.
 *
 * <p>A teller's rows are numbered in the order of its commits, so all rows up to the greatest
 * number seen of a teller have been seen.
 */
public final class SourceLedger {
  private static final String SUMS =
      Bank.columns()
          .map(column -> "coalesce(sum(" + column + "), 0)")
          .collect(Collectors.joining(", "));

  private final Map<Integer, Long> seen = new HashMap<>();
  private final int tellers;
  private Tally total = new Tally();

  /**
   * @param tellers how many there are; they are numbered from 0
   */
  public SourceLedger(int tellers) {
    this.tellers = tellers;
  }

  /** All that the transactions made whose ledger rows this session sees. */
  public Tally read(Connection source) throws SQLException {
    for (int teller = 0; teller < tellers; teller++) {
      try (PreparedStatement sums =
          source.prepareStatement(
              "SELECT count(*), max(number), "
                  + SUMS
                  + " FROM chaos_ledger WHERE teller = ? AND number > ?")) {
        sums.setInt(1, teller);
        sums.setLong(2, seen.getOrDefault(teller, 0L));
        try (ResultSet row = sums.executeQuery()) {
          row.next();
          add(teller, row);
        }
      }
    }
    return Tally.copyOf(total);
  }

  private void add(int teller, ResultSet row) throws SQLException {
    long rows = row.getLong(1);
    if (rows == 0) {
      return;
    }
    seen.put(teller, row.getLong(2));
    total.add(new Kind(Bank.LEDGER, 'c'), rows);
    for (int i = 0; i < Bank.COUNTED.size(); i++) {
      total.add(Bank.COUNTED.get(i), row.getLong(i + 3));
    }
  }

  /** Begins anew, for a source that has gone back in time. */
  public void forget() {
    seen.clear();
    total = new Tally();
  }
}
