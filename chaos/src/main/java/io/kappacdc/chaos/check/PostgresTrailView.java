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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The trail in PostgreSQL, read past the proxy. Thread-safe.
 *
 * <p>It is taken at its word: as soon as it says that it is complete up to an LSN, what it has up
 * to there is counted, and nothing that comes later below that LSN; {@link #recount()} looks at
 * everything again.
 */
final class PostgresTrailView implements ChangeView {
  private static final BigDecimal CENTS = BigDecimal.valueOf(100);

  private final PostgresServer sink;
  private final Pending changes = new Pending();
  private final Money money = new Money();
  private long complete;
  private long cuts;
  private List<String> stopped = List.of();
  private @Nullable Connection connection;

  PostgresTrailView(PostgresServer sink) {
    this.sink = sink;
  }

  @Override
  public String name() {
    return "PostgreSQL trail";
  }

  /** Takes in what has become complete since the last look. */
  synchronized void look() throws SQLException {
    Connection session = session();
    try (Statement statement = session.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT lsn::text, array_to_string(stopped_topics, ' ') FROM kappa.progress"
                    + " WHERE store = 'postgres-trail'")) {
      if (row.next()) {
        String topics = row.getString(2);
        stopped = topics.isEmpty() ? List.of() : List.of(topics.split(" "));
        takeUpTo(session, Lsn.parse(row.getString(1)));
      }
    } finally {
      session.rollback(); // only read
    }
  }

  private Connection session() throws SQLException {
    Connection current = connection;
    if (current == null || current.isClosed() || !current.isValid(1)) {
      close();
      current = sink.connect();
      current.setAutoCommit(false);
      current.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection = current;
    }
    return current;
  }

  private void takeUpTo(Connection session, long lsn) throws SQLException {
    if (lsn <= complete) {
      return;
    }
    Map<String, String> trails = trails(session);
    List<Counted> counted = counted(session, trails, complete, lsn);
    List<Money.Entry> entries = new ArrayList<>();
    for (String table : List.of(Bank.ACCOUNT_A, Bank.ACCOUNT_B)) {
      if (trails.containsKey(table)) {
        entries.addAll(entries(session, table, trails.get(table), lsn));
      }
    }
    counted.forEach(each -> changes.add(each.lsn(), each.kind(), each.count()));
    entries.forEach(money::add);
    money.advance(lsn);
    complete = lsn;
    cuts++;
  }

  /** The trails by the name of their source table. */
  private static Map<String, String> trails(Connection session) throws SQLException {
    Map<String, String> trails = new TreeMap<>();
    try (Statement statement = session.createStatement();
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

  private record Counted(long lsn, Kind kind, long count) {}

  private static List<Counted> counted(
      Connection session, Map<String, String> trails, long after, long upTo) throws SQLException {
    List<Counted> counted = new ArrayList<>();
    for (Map.Entry<String, String> trail : trails.entrySet()) {
      try (PreparedStatement counts =
          session.prepareStatement(
              "SELECT _kappa_lsn::text, _kappa_op::text, count(*) FROM "
                  + trail.getValue()
                  + " WHERE _kappa_lsn > ?::pg_lsn AND _kappa_lsn <= ?::pg_lsn GROUP BY 1, 2")) {
        counts.setString(1, Lsn.format(after));
        counts.setString(2, Lsn.format(upTo));
        try (ResultSet rows = counts.executeQuery()) {
          while (rows.next()) {
            counted.add(
                new Counted(
                    Lsn.parse(rows.getString(1)),
                    new Kind(trail.getKey(), rows.getString(2).charAt(0)),
                    rows.getLong(3)));
          }
        }
      }
    }
    return counted;
  }

  private List<Money.Entry> entries(Connection session, String table, String trail, long upTo)
      throws SQLException {
    List<Money.Entry> entries = new ArrayList<>();
    String key = table.equals(Bank.ACCOUNT_A) ? "id::text" : "branch || ':' || id";
    try (PreparedStatement select =
        session.prepareStatement(
            "SELECT _kappa_lsn::text, _kappa_ordinal, _kappa_op::text, "
                + key
                + ", balance FROM "
                + trail
                + " WHERE _kappa_lsn > ?::pg_lsn AND _kappa_lsn <= ?::pg_lsn")) {
      select.setString(1, Lsn.format(complete));
      select.setString(2, Lsn.format(upTo));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          entries.add(entry(table, rows));
        }
      }
    }
    return entries;
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

  @Override
  public void catchUp() throws SQLException {
    look();
  }

  @Override
  public synchronized boolean holds(Cut cut) throws SQLException {
    look();
    return complete >= cut.lsn();
  }

  @Override
  public synchronized Tally upTo(long lsn) {
    return changes.upTo(lsn);
  }

  /** Counts all rows at or before the LSN, late comers and losses included. */
  synchronized Tally recount(long lsn) throws SQLException {
    Tally all = new Tally();
    Connection session = session();
    try {
      counted(session, trails(session), 0, lsn).forEach(each -> all.add(each.kind(), each.count()));
      return all;
    } finally {
      session.rollback();
    }
  }

  /** What contradicts the source, apart from counts. */
  synchronized List<String> contradictions() {
    List<String> notes = new ArrayList<>(money.violations());
    stopped.forEach(topic -> notes.add(topic + " has stopped"));
    return notes;
  }

  /** Moments at which it said it was complete, and was looked at. */
  synchronized long cuts() {
    return cuts;
  }

  @Override
  public synchronized String progress() {
    return Lsn.format(complete) + (stopped.isEmpty() ? "" : ", stopped: " + stopped);
  }

  @Override
  public synchronized void close() {
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
