package io.kappacdc.processor.verify;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose transaction shows one unchanging state, read-only, with values printed as they
 * travel on the stream. Used by one thread at a time.
 */
public final class PostgresSession implements AutoCloseable {
  private final Connection connection;
  private final String encoding;

  private PostgresSession(Connection connection, String encoding) {
    this.connection = connection;
    this.encoding = encoding;
  }

  /**
   * Opens a session; its state is fixed now, or is that of {@code snapshot}.
   *
   * @param snapshot name of an exported snapshot
   */
  static PostgresSession open(DatabaseAddress address, @Nullable String snapshot)
      throws SQLException {
    Connection connection = address.connect();
    try {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        if (snapshot != null) {
          statement.execute("SET TRANSACTION SNAPSHOT " + CanonicalSql.literal(snapshot));
        }
        statement.execute("SET LOCAL statement_timeout = 0");
        statement.execute("SET LOCAL idle_in_transaction_session_timeout = 0");
        statement.execute("SET LOCAL DateStyle = 'ISO'");
        statement.execute("SET LOCAL IntervalStyle = 'postgres'");
        statement.execute("SET LOCAL TimeZone = 'UTC'");
        statement.execute("SET LOCAL bytea_output = 'hex'");
        statement.execute("SET LOCAL extra_float_digits = 1");
        // A row security policy shall fail the verification, not hide rows from it.
        statement.execute("SET LOCAL row_security = off");
        try (ResultSet row = statement.executeQuery("SELECT current_setting('server_encoding')")) {
          row.next();
          return new PostgresSession(connection, row.getString(1));
        }
      }
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  public Connection connection() {
    return connection;
  }

  String encoding() {
    return encoding;
  }

  /**
   * Runs {@code work} and gives up the locks of what it read. If it fails, the session's state
   * stays usable.
   */
  <T> T guarded(Supplier<T> work) {
    try {
      Savepoint savepoint = connection.setSavepoint();
      try {
        return work.get();
      } finally {
        connection.rollback(savepoint);
        connection.releaseSavepoint(savepoint);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("The session is lost: " + StoreException.firstLine(e), e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException ignored) {
      // Read-only: nothing can be lost by it.
    }
  }
}
