package io.kappacdc.cli.console;

import io.kappacdc.cli.config.Database;
import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A database that is read in read-only transactions: {@value #CONNECTIONS_MAX} at a time, each
 * statement for {@value #STATEMENT_SECONDS_MAX} seconds at most, each on a connection of its own
 * that keeps nothing of what was set. Thread-safe.
 */
final class ReadOnlyDatabase {
  static final int CONNECTIONS_MAX = 2;
  static final int STATEMENT_SECONDS_MAX = 2;

  private static final int WAIT_SECONDS_MAX = 4;
  private static final int NETWORK_MILLIS_MAX = 8_000;
  private static final String QUERY_CANCELED = "57014";
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String UNDEFINED_SCHEMA = "3F000";

  /** Values as the text that is in the topics. */
  private static final String SESSION =
      """
      SET statement_timeout = '%ds'; SET lock_timeout = '1s';
      SET idle_in_transaction_session_timeout = '10s';
      SET max_parallel_workers_per_gather = 0; SET jit = off; SET search_path = pg_catalog;
      SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres';
      SET bytea_output = 'hex'; SET extra_float_digits = 1"""
          .formatted(STATEMENT_SECONDS_MAX);

  private final String name;
  private final Supplier<Database> database;
  private final Semaphore connections = new Semaphore(CONNECTIONS_MAX, true);

  /** What is read. */
  @FunctionalInterface
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  /**
   * @param name what to call it in errors
   */
  ReadOnlyDatabase(String name, Supplier<Database> database) {
    this.name = name;
    this.database = database;
  }

  /**
   * Asks it something.
   *
   * @throws RequestException if it does not answer, not in time, or that it cannot
   */
  <T> T read(Question<T> question) {
    try {
      if (!connections.tryAcquire(WAIT_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new RequestException(
            503,
            capital(name) + " was not asked",
            "other questions of this console are still being answered",
            "Try again.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestException(
          503, capital(name) + " was not asked", "the console is being stopped", "Start it again.");
    }
    try (Connection connection = connect()) {
      return question.ask(connection);
    } catch (SQLException e) {
      throw failure(e);
    } finally {
      connections.release();
    }
  }

  private Connection connect() throws SQLException {
    Database where;
    try {
      where = database.get();
    } catch (KappaException e) {
      throw new RequestException(503, e.problem(), e.reason(), e.remedy());
    }
    Connection connection = where.connect();
    try {
      connection.setNetworkTimeout(Runnable::run, NETWORK_MILLIS_MAX);
      try (Statement statement = connection.createStatement()) {
        statement.execute(SESSION);
      }
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private RequestException failure(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    if (state.equals(QUERY_CANCELED)) {
      return new RequestException(
          504,
          capital(name) + " was asked for more than it finds in time",
          "the query took longer than " + STATEMENT_SECONDS_MAX + " s and was cancelled",
          "Ask for less, or see what index would help: docs/as-of.md, \"What they cost\".");
    }
    if (state.equals(UNDEFINED_TABLE) || state.equals(UNDEFINED_SCHEMA)) {
      return new RequestException(
          404,
          capital(name) + " does not have that yet",
          message(e),
          "The processor makes it at its first start, and a table's trail with its first change.");
    }
    if (state.startsWith("22")) {
      return new RequestException(
          400,
          "The value does not fit",
          message(e),
          "Write it as PostgreSQL prints values of that column.");
    }
    if (state.equals(LOCK_NOT_AVAILABLE)) {
      return new RequestException(
          503,
          capital(name) + " has what was asked for locked",
          message(e),
          "Try again once the lock is released.");
    }
    if (state.startsWith("55")) {
      return new RequestException(
          409, "That cannot be shown", message(e), "Ask for another moment.");
    }
    return new RequestException(
        503,
        capital(name) + " does not answer",
        message(e),
        "See ./kappa status; the page asks again by itself.");
  }

  private static String message(SQLException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith("ERROR: ") ? message.substring("ERROR: ".length()) : message;
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
