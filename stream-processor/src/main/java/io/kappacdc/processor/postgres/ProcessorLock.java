package io.kappacdc.processor.postgres;

import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
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

  /** A connection that does not answer for so long is given up. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  private static final Duration END_MAX = Duration.ofSeconds(5);

  private final PostgresSettings settings;
  private @Nullable Session session;

  /**
   * The session that has the lock.
   *
   * @param pid of the server's process
   * @param started when that process began, since numbers of processes come back
   */
  private record Session(Connection connection, int pid, String started) {
    static Session of(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        // The server notices within half a minute that this machine is gone.
        statement.execute(
            "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5;"
                + " SET tcp_keepalives_count = 4");
        try (ResultSet row =
            statement.executeQuery(
                "SELECT pid, backend_start::text FROM pg_stat_activity"
                    + " WHERE pid = pg_backend_pid()")) {
          row.next();
          return new Session(connection, row.getInt(1), row.getString(2));
        }
      }
    }
  }

  public ProcessorLock(PostgresSettings settings) {
    this.settings = settings;
  }

  /**
   * Takes the lock, or makes sure that it is still held. When the connection was lost, the session
   * that it leaves behind on the server is ended, so that it keeps nobody out.
   *
   * @return false if another processor holds it
   * @throws SQLException if the database does not answer
   */
  public boolean hold() throws SQLException {
    Session lost = session;
    if (lost != null) {
      try (Statement statement = lost.connection().createStatement()) {
        statement.execute("SELECT 1");
        return true;
      } catch (SQLException e) {
        close();
      }
    }
    Connection opened = DriverManager.getConnection(settings.url(), properties());
    try {
      if (tryLock(opened) || lost != null && tryLockAfter(lost, opened)) {
        session = Session.of(opened);
        return true;
      }
    } catch (SQLException e) {
      opened.close();
      throw e;
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

  /** Ends the lost session if the server still has it, and waits until its lock is free. */
  private static boolean tryLockAfter(Session lost, Connection connection) throws SQLException {
    try (PreparedStatement end =
        connection.prepareStatement(
            "SELECT pg_terminate_backend(pid, ?) FROM pg_stat_activity"
                + " WHERE pid = ? AND backend_start = ?::timestamptz")) {
      end.setLong(1, END_MAX.toMillis());
      end.setInt(2, lost.pid());
      end.setString(3, lost.started());
      end.execute();
    }
    return tryLock(connection);
  }

  private Properties properties() {
    Properties properties = settings.properties();
    properties.setProperty("ApplicationName", "kappa-cdc processor lock");
    properties.setProperty("connectTimeout", Long.toString(ANSWER_MAX.toSeconds()));
    properties.setProperty("socketTimeout", Long.toString(ANSWER_MAX.toSeconds()));
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
    Session current = session;
    session = null;
    if (current != null) {
      try {
        current.connection().close();
      } catch (SQLException e) {
        // The connection was lost; the server has released the lock with it.
        return;
      }
    }
  }
}
