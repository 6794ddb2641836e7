package io.kappacdc.cli.fidelity;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Transactions at random over some tables: some are rolled back, some to a savepoint, and some
 * change a table's form between its rows. Not thread-safe.
 */
final class RandomTransactions {
  private static final int CHANGES_MAX = 8;

  private final Connection connection;
  private final Random random;
  private final List<RandomTable> open = new ArrayList<>();
  private final Map<String, Integer> refusals = new TreeMap<>();
  private int statements;
  private int refused;
  private int alterations;

  /**
   * @param connection to the source; its transactions are this object's
   */
  RandomTransactions(Connection connection, long seed) throws SQLException {
    this.connection = connection;
    this.random = new Random(seed);
    connection.setAutoCommit(false);
  }

  void create(Collection<RandomTable> tables) throws SQLException {
    for (RandomTable table : tables) {
      for (String sql : table.definition()) {
        execute(sql);
      }
      connection.commit();
    }
    open.addAll(tables);
  }

  /** So many transactions, or fewer if no table has changes left. */
  void play(int transactions) throws SQLException {
    for (int i = 0; i < transactions && !open.isEmpty(); i++) {
      if (random.nextInt(10) == 0) {
        change();
        connection.rollback();
      } else {
        change();
        if (random.nextInt(6) == 0) {
          alter();
          change();
        }
        connection.commit();
      }
    }
  }

  void playAll() throws SQLException {
    play(Integer.MAX_VALUE);
  }

  private void change() throws SQLException {
    for (int changes = 1 + random.nextInt(CHANGES_MAX); changes > 0; changes--) {
      if (open.isEmpty()) {
        return;
      }
      RandomTable table = open.get(random.nextInt(open.size()));
      Savepoint before = connection.setSavepoint();
      table.nextChange().forEach(this::attempt);
      if (random.nextInt(8) == 0) {
        connection.rollback(before);
      }
      if (table.isDone()) {
        open.remove(table);
      }
    }
  }

  private void alter() throws SQLException {
    List<RandomTable> some = open.stream().filter(RandomTable::isToBeAltered).toList();
    if (some.isEmpty()) {
      return;
    }
    RandomTable table = some.get(random.nextInt(some.size()));
    RandomTable.Alteration alteration = table.nextAlteration();
    if (attempt(alteration.sql())) {
      table.altered(alteration);
      alterations++;
    }
  }

  /** What PostgreSQL refuses, a key that exists or a value out of range, is undone alone. */
  private boolean attempt(String sql) {
    statements++;
    try {
      Savepoint savepoint = connection.setSavepoint();
      try {
        execute(sql);
        connection.releaseSavepoint(savepoint);
        return true;
      } catch (SQLException e) {
        connection.rollback(savepoint);
        refused++;
        refusals.merge(firstLine(e.getMessage()), 1, Integer::sum);
        return false;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("The source is not there", e);
    }
  }

  private static String firstLine(@Nullable String message) {
    String line = String.valueOf(message).lines().findFirst().orElse("");
    return line.substring(0, Math.min(90, line.length()));
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }

  int statements() {
    return statements;
  }

  int refused() {
    return refused;
  }

  int alterations() {
    return alterations;
  }

  /** How often PostgreSQL said what. */
  Map<String, Integer> refusals() {
    return Map.copyOf(refusals);
  }
}
