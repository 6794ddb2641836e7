package io.kappacdc.chaos.workload;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One session that makes transactions, one after the other, and notes in each what it did. Not
 * thread-safe.
 *
 * <p>The sequence of kinds and amounts follows from the seed; which accounts are hit depends on
 * what others hold locked.
 */
final class Teller {
  private static final String PICK_A =
      "SELECT id FROM account_a ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED";
  private static final String PICK_B =
      "SELECT branch, id FROM account_b ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED";
  private static final int ACCOUNTS_MIN = 60;
  private static final int ACCOUNTS_MAX = 160;
  private static final int AMOUNT_MAX = 50;
  private static final int SCRATCH_ROWS_MAX = 12;

  private final int number;
  private final Random random;
  private final BooleanSupplier mayTruncate;
  private final Tally changes = new Tally();
  private @Nullable Connection connection;

  Teller(int number, long seed, BooleanSupplier mayTruncate) {
    this.number = number;
    this.mayTruncate = mayTruncate;
    this.random = new Random(seed);
  }

  /** Goes to work on a new session. */
  void use(Connection session) throws SQLException {
    connection = session;
    session.setAutoCommit(false);
  }

  /** Makes one transaction; true if it was committed. */
  boolean work() throws SQLException {
    changes.clear();
    boolean worthwhile = act(random.nextInt(100));
    if (!worthwhile || random.nextInt(25) == 0) {
      connection.rollback();
      return false;
    }
    note();
    connection.commit();
    return true;
  }

  private boolean act(int dice) throws SQLException {
    if (dice < 45) {
      return transfer();
    } else if (dice < 53) {
      return withSavepoint();
    } else if (dice < 60) {
      return open();
    } else if (dice < 67) {
      return close();
    } else if (dice < 74) {
      return changeKey();
    } else if (dice < 86) {
      return file();
    } else {
      return scribble();
    }
  }

  /** Moves money from one account to another, in the same table or across. */
  private boolean transfer() throws SQLException {
    int amount = 1 + random.nextInt(AMOUNT_MAX);
    boolean moved = add(random.nextBoolean(), -amount) && add(random.nextBoolean(), amount);
    return moved && journal("transfer of " + amount);
  }

  private boolean add(boolean toA, int amount) throws SQLException {
    String sql =
        toA
            ? "UPDATE account_a SET balance = balance + ? WHERE id = (" + PICK_A + ")"
            : "UPDATE account_b SET balance = balance + ? WHERE (branch, id) = (" + PICK_B + ")";
    return did(new Kind(toA ? Bank.ACCOUNT_A : Bank.ACCOUNT_B, 'u'), update(sql, amount)) == 1;
  }

  private boolean journal(String entry) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO journal (teller, entry) VALUES (?, ?)")) {
      insert.setInt(1, number);
      insert.setString(2, entry);
      return did(new Kind("journal", 'c'), insert.executeUpdate()) == 1;
    }
  }

  /** A transfer that is taken back to a savepoint, and then another one. */
  private boolean withSavepoint() throws SQLException {
    Tally before = Tally.copyOf(changes);
    Savepoint savepoint = connection.setSavepoint();
    transfer();
    connection.rollback(savepoint);
    changes.addAll(before.minus(changes));
    return transfer();
  }

  /** Opens an account with money from another one. */
  private boolean open() throws SQLException {
    boolean inA = random.nextBoolean();
    int amount = 1 + random.nextInt(AMOUNT_MAX);
    String sql =
        inA
            ? "INSERT INTO account_a SELECT nextval('account_ids'), 'late', ?"
                + " WHERE (SELECT count(*) FROM account_a) < "
                + ACCOUNTS_MAX
            : "INSERT INTO account_b (branch, id, balance)"
                + " SELECT 7, nextval('account_ids'), ?"
                + " WHERE (SELECT count(*) FROM account_b) < "
                + ACCOUNTS_MAX;
    return did(new Kind(inA ? Bank.ACCOUNT_A : Bank.ACCOUNT_B, 'c'), update(sql, amount)) == 1
        && add(random.nextBoolean(), -amount);
  }

  /** Closes an account, whose money goes to another one. */
  private boolean close() throws SQLException {
    boolean inA = random.nextBoolean();
    String sql =
        inA
            ? "DELETE FROM account_a WHERE id = ("
                + PICK_A
                + ") AND (SELECT count(*) FROM account_a) > "
                + ACCOUNTS_MIN
                + " RETURNING balance"
            : "DELETE FROM account_b WHERE (branch, id) = ("
                + PICK_B
                + ") AND (SELECT count(*) FROM account_b) > "
                + ACCOUNTS_MIN
                + " RETURNING balance";
    int balance;
    try (Statement delete = connection.createStatement();
        ResultSet row = delete.executeQuery(sql)) {
      if (!row.next()) {
        return false;
      }
      balance = row.getBigDecimal(1).intValueExact();
    }
    did(new Kind(inA ? Bank.ACCOUNT_A : Bank.ACCOUNT_B, 'd'), 1);
    return add(!inA, balance);
  }

  /** Gives an account another key, which travels as a delete and a create. */
  private boolean changeKey() throws SQLException {
    int rows =
        update(
            "UPDATE account_b SET branch = ?, id = nextval('account_ids') WHERE (branch, id) = ("
                + PICK_B
                + ")",
            random.nextInt(5));
    did(new Kind(Bank.ACCOUNT_B, 'd'), rows);
    return did(new Kind(Bank.ACCOUNT_B, 'c'), rows) == 1;
  }

  /** Works on values so wide that the server keeps them, and leaves them unsent, out of line. */
  private boolean file() throws SQLException {
    long id = random.nextInt(40);
    String scan = "repeat('" + (char) ('a' + random.nextInt(26)) + random.nextInt(100) + "', 1500)";
    int seen = update("UPDATE dossier SET seen = seen + 1 WHERE id = " + id);
    did(new Kind("dossier", 'u'), seen);
    if (seen == 0) {
      return insert("dossier", "SELECT " + id + ", 0, " + scan);
    }
    return switch (random.nextInt(4)) {
      case 0 ->
          did(
                  new Kind("dossier", 'u'),
                  update("UPDATE dossier SET scan = " + scan + " WHERE id = " + id))
              > 0;
      case 1 -> did(new Kind("dossier", 'd'), update("DELETE FROM dossier WHERE id = " + id)) > 0;
      default -> true;
    };
  }

  /** Many rows at once, in tables that are emptied now and then. */
  private boolean scribble() throws SQLException {
    int what = random.nextInt(100);
    if (what < 5 && mayTruncate.getAsBoolean()) {
      String table = what < 3 ? "scratch" : "journal";
      update("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
      did(new Kind(table, Kind.EMPTIED), rowsOf(table));
      update("TRUNCATE " + table);
      return did(new Kind(table, 't'), 1) == 1;
    } else if (what < 60) {
      return insert(
          "scratch",
          "SELECT nextval('account_ids'), 'note' FROM generate_series(1, "
              + (1 + random.nextInt(SCRATCH_ROWS_MAX))
              + ")");
    } else if (what < 80) {
      return did(
              new Kind("scratch", 'u'),
              update(
                  "UPDATE scratch SET note = note || '.' WHERE id IN (SELECT id FROM scratch"
                      + " WHERE id % 7 = ? LIMIT 9 FOR UPDATE SKIP LOCKED)",
                  random.nextInt(7)))
          > 0;
    } else {
      return did(
              new Kind("scratch", 'd'),
              update(
                  "DELETE FROM scratch WHERE id IN (SELECT id FROM scratch"
                      + " WHERE id % 5 = ? LIMIT 30 FOR UPDATE SKIP LOCKED)",
                  random.nextInt(5)))
          > 0;
    }
  }

  private int rowsOf(String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*)::int FROM " + table)) {
      row.next();
      return row.getInt(1);
    }
  }

  private boolean insert(String table, String select) throws SQLException {
    return did(
            new Kind(table, 'c'),
            update("INSERT INTO " + table + " " + select + " ON CONFLICT DO NOTHING"))
        > 0;
  }

  private int update(String sql, int... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setInt(i + 1, parameters[i]);
      }
      return statement.executeUpdate();
    }
  }

  private int did(Kind kind, int rows) {
    changes.add(kind, rows);
    return rows;
  }

  /** Counts in the ledger, in the transaction that it counts. */
  private void note() throws SQLException {
    StringBuilder update = new StringBuilder("UPDATE chaos_ledger SET number = number + 1");
    for (Kind kind : Bank.COUNTED) {
      long count = changes.count(kind);
      if (count > 0) {
        String column = Bank.column(kind);
        update.append(", ").append(column).append(" = ").append(column).append(" + ").append(count);
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(update.append(" WHERE teller = ").append(number).toString());
    }
  }
}
