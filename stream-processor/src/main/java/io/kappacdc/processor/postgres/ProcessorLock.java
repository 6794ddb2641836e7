package io.kappacdc.processor.postgres;

import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The right to be the one processor of a trail's database: an advisory lock of PostgreSQL, held by
 * a connection of its own. It spares two processors each other's work; what keeps the data right is
 * the ledger, lock or no lock. Not thread-safe.
 */
public final class ProcessorLock implements AutoCloseable {
  /** "kappaone" as a number. */
  private static final long LOCK = 0x6B61_7070_616F_6E65L;

  private final PostgresSettings settings;
  private @Nullable Connection connection;

  public ProcessorLock(PostgresSettings settings) {
    this.settings = settings;
  }

  /**
   * Takes the lock, or makes sure that it is still held.
   *
   * @return false if another processor holds it
   * @throws SQLException if the database does not answer
   */
  public boolean hold() throws SQLException {
    Connection current = connection;
    if (current != null) {
      try (Statement statement = current.createStatement()) {
        statement.execute("SELECT 1");
        return true;
      } catch (SQLException e) {
        close();
      }
    }
    Connection opened = DriverManager.getConnection(settings.url(), properties());
    if (tryLock(opened)) {
      connection = opened;
      return true;
    }
    opened.close();
    return false;
  }

  private static boolean tryLock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private Properties properties() {
    Properties properties = settings.properties();
    properties.setProperty("ApplicationName", "kappa-cdc processor lock");
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  /** The error of a processor that finds another one at work. */
  public KappaException taken() {
    return new KappaException(
        "This trail already has a processor",
        "another process holds the processor's lock in " + settings,
        "Stop that processor, or give this one another sink database.");
  }

  @Override
  public void close() {
    Connection current = connection;
    connection = null;
    if (current != null) {
      try {
        current.close();
      } catch (SQLException e) {
        // The connection was lost; the server has released the lock with it.
        return;
      }
    }
  }
}
