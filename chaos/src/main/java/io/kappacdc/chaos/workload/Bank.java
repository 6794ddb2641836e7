package io.kappacdc.chaos.workload;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tables. Money is in {@code account_a} (whole replica identity) and {@code account_b} (key of
 * two columns, default identity), and moves between them in transactions of both: their sum never
 * changes. {@code journal} has no key, {@code dossier} a wide value out of line, {@code scratch}
 * and {@code journal} are truncated at times, {@code chaos_ledger} has a row a teller, which
 * counts. All stay small.
 */
public final class Bank {
  public static final String ACCOUNT_A = "account_a";
  public static final String ACCOUNT_B = "account_b";
  public static final String LEDGER = "chaos_ledger";

  /** What the ledger counts, in the order of its columns. */
  static final List<Kind> COUNTED =
      List.of(
          new Kind(ACCOUNT_A, 'c'),
          new Kind(ACCOUNT_A, 'u'),
          new Kind(ACCOUNT_A, 'd'),
          new Kind(ACCOUNT_B, 'c'),
          new Kind(ACCOUNT_B, 'u'),
          new Kind(ACCOUNT_B, 'd'),
          new Kind("journal", 'c'),
          new Kind("journal", 't'),
          new Kind("journal", Kind.EMPTIED),
          new Kind("dossier", 'c'),
          new Kind("dossier", 'u'),
          new Kind("dossier", 'd'),
          new Kind("scratch", 'c'),
          new Kind("scratch", 'u'),
          new Kind("scratch", 'd'),
          new Kind("scratch", 't'),
          new Kind("scratch", Kind.EMPTIED));

  /** All tables, each of them captured. */
  public static final List<String> TABLES =
      List.of(ACCOUNT_A, ACCOUNT_B, "journal", "dossier", "scratch", LEDGER);

  private static final int ACCOUNTS = 80;
  private static final int OPENING_BALANCE = 1_000;

  private static final List<String> DDL =
      List.of(
          "CREATE SEQUENCE account_ids START 1000",
          "CREATE TABLE account_a (id int PRIMARY KEY, owner text NOT NULL, balance bigint NOT NULL)",
          "ALTER TABLE account_a REPLICA IDENTITY FULL",
          "CREATE TABLE account_b (branch smallint, id bigint, balance numeric(14,2) NOT NULL,"
              + " opened timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (branch, id))",
          "CREATE TABLE journal (at timestamptz NOT NULL DEFAULT clock_timestamp(), teller int,"
              + " entry text)",
          "CREATE TABLE dossier (id bigint PRIMARY KEY, seen int NOT NULL, scan text)",
          "ALTER TABLE dossier ALTER COLUMN scan SET STORAGE EXTERNAL",
          "CREATE TABLE scratch (id bigint PRIMARY KEY, note text)",
          "CREATE TABLE chaos_ledger (teller int PRIMARY KEY, number bigint NOT NULL DEFAULT 0, "
              + columns()
                  .map(column -> column + " bigint NOT NULL DEFAULT 0")
                  .collect(Collectors.joining(", "))
              + ")");

  private Bank() {}

  private static Stream<String> columns() {
    return COUNTED.stream().map(Bank::column);
  }

  static String column(Kind kind) {
    return kind.table() + "_" + kind.op();
  }

  /** The money in both tables together, from the first day on. */
  public static long sum() {
    return 2L * ACCOUNTS * OPENING_BALANCE;
  }

  /** Creates the tables with their first rows, which the pipeline will read by its snapshot. */
  public static Tally create(Connection source) throws SQLException {
    try (Statement statement = source.createStatement()) {
      for (String sql : DDL) {
        statement.execute(sql);
      }
      String numbers = " FROM generate_series(1, " + ACCOUNTS + ") i";
      statement.execute(
          "INSERT INTO account_a SELECT i, 'owner ' || i, " + OPENING_BALANCE + numbers);
      statement.execute("INSERT INTO account_b SELECT i % 3, i, " + OPENING_BALANCE + numbers);
      statement.execute(
          "INSERT INTO chaos_ledger SELECT i FROM generate_series(0, "
              + (Load.TELLERS - 1)
              + ") i");
    }
    Tally read = new Tally();
    TABLES.forEach(table -> read.add(new Kind(table, 'r'), rowsAtFirst(table)));
    return read;
  }

  /** How many rows a table begins with. */
  static long rowsAtFirst(String table) {
    return switch (table) {
      case ACCOUNT_A, ACCOUNT_B -> ACCOUNTS;
      case LEDGER -> Load.TELLERS;
      default -> 0;
    };
  }

  /** The money in the source as this session sees it. */
  public static long sum(Connection source) throws SQLException {
    try (Statement statement = source.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT sum(balance) FROM account_a) + (SELECT sum(balance) FROM account_b)")) {
      row.next();
      return row.getBigDecimal(1).longValueExact();
    }
  }
}
