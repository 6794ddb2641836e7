package io.kappacdc.chaos.check;

import io.kappacdc.chaos.stack.PostgresServer;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Kind;
import io.kappacdc.chaos.workload.Tally;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The trail in PostgreSQL, read past the proxy.
 *
 * <p>What is accounted for is counted once; {@link #recount()} looks at everything again.
 */
final class PostgresTrailView implements ChangeView {
  private static final BigDecimal CENTS = BigDecimal.valueOf(100);

  private final PostgresServer sink;
  private final Tally settled = new Tally();
  private final Money money = new Money();
  private final Map<String, Map<Integer, Long>> nextOffsets = new HashMap<>();
  private long settledLsn;
  private @Nullable Connection connection;

  PostgresTrailView(PostgresServer sink) {
    this.sink = sink;
  }

  @Override
  public String name() {
    return "PostgreSQL trail";
  }

  private Connection connection() throws SQLException {
    Connection current = connection;
    if (current == null || !current.isValid(1)) {
      close();
      current = sink.connect();
      connection = current;
    }
    return current;
  }

  @Override
  public boolean holds(Cut cut) throws SQLException {
    nextOffsets.clear();
    try (Statement statement = connection().createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT topic, partition, next_offset FROM kappa.ledger")) {
      while (rows.next()) {
        nextOffsets
            .computeIfAbsent(rows.getString(1), any -> new TreeMap<>())
            .put(rows.getInt(2), rows.getLong(3));
      }
    }
    return Offsets.reached(cut, nextOffsets);
  }

  /** The trails by the name of their source table. */
  private Map<String, String> trails() throws SQLException {
    Map<String, String> trails = new TreeMap<>();
    try (Statement statement = connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT source_table, format('%I.%I', trail_schema, trail_table)"
                    + " FROM kappa.tables WHERE source_schema = 'public'")) {
      while (rows.next()) {
        trails.put(rows.getString(1), rows.getString(2));
      }
    }
    return trails;
  }

  @Override
  public Tally upTo(long lsn) throws SQLException {
    Tally more = new Tally();
    for (Map.Entry<String, String> trail : trails().entrySet()) {
      more.addAll(count(trail.getKey(), trail.getValue(), settledLsn, lsn));
    }
    foldAccounts(lsn);
    settled.addAll(more);
    settledLsn = lsn;
    return Tally.copyOf(settled);
  }

  private Tally count(String table, String trail, long after, long upTo) throws SQLException {
    Tally tally = new Tally();
    try (PreparedStatement counts =
        connection()
            .prepareStatement(
                "SELECT _kappa_op::text, count(*) FROM "
                    + trail
                    + " WHERE _kappa_lsn > ?::pg_lsn AND _kappa_lsn <= ?::pg_lsn GROUP BY 1")) {
      counts.setString(1, Lsn.format(after));
      counts.setString(2, Lsn.format(upTo));
      try (ResultSet rows = counts.executeQuery()) {
        while (rows.next()) {
          tally.add(new Kind(table, rows.getString(1).charAt(0)), rows.getLong(2));
        }
      }
    }
    return tally;
  }

  private void foldAccounts(long lsn) throws SQLException {
    for (String table : new String[] {Bank.ACCOUNT_A, Bank.ACCOUNT_B}) {
      String trail = trails().get(table);
      if (trail == null) {
        continue;
      }
      String key = table.equals(Bank.ACCOUNT_A) ? "id::text" : "branch || ':' || id";
      try (PreparedStatement changes =
          connection()
              .prepareStatement(
                  "SELECT _kappa_lsn::text, _kappa_ordinal, _kappa_op::text, "
                      + key
                      + ", balance FROM "
                      + trail
                      + " WHERE _kappa_lsn > ?::pg_lsn AND _kappa_lsn <= ?::pg_lsn")) {
        changes.setString(1, Lsn.format(settledLsn));
        changes.setString(2, Lsn.format(lsn));
        try (ResultSet rows = changes.executeQuery()) {
          while (rows.next()) {
            money.add(entry(table, rows));
          }
        }
      }
    }
    money.advance(lsn);
  }

  private static Money.Entry entry(String table, ResultSet row) throws SQLException {
    BigDecimal balance = row.getBigDecimal(5);
    return new Money.Entry(
        new Position(Lsn.parse(row.getString(1)), row.getLong(2)),
        row.getString(3).charAt(0),
        table,
        String.valueOf(row.getString(4)),
        balance == null ? 0 : balance.multiply(CENTS).longValueExact());
  }

  Money money() {
    return money;
  }

  /** Counts all rows at or before the last LSN once more, late comers and losses included. */
  Tally recount() throws SQLException {
    Tally all = new Tally();
    for (Map.Entry<String, String> trail : trails().entrySet()) {
      all.addAll(count(trail.getKey(), trail.getValue(), 0, settledLsn));
    }
    settled.clear();
    settled.addAll(all);
    return all;
  }

  @Override
  public String progress() {
    return Offsets.text(nextOffsets);
  }

  @Override
  public void close() {
    Connection current = connection;
    connection = null;
    if (current != null) {
      try {
        current.close();
      } catch (SQLException e) {
        // It was read only; there is nothing to lose.
        return;
      }
    }
  }
}
