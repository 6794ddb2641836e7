package io.kappacdc.processor.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests to erase a row, in {@code kappa.erasures}: who carries one out finds it there, and who
 * asks waits until it has ended. What it was about goes with its end; the record stays.
 */
public final class ErasureRequests {
  private final PostgresSettings settings;

  public ErasureRequests(PostgresSettings settings) {
    this.settings = settings;
  }

  /**
   * A request that has not ended.
   *
   * @param text what is to be erased
   */
  public record Request(long id, String topic, String text) {}

  /**
   * How a request stands.
   *
   * @param succeeded null if it has not ended
   * @param outcome null if it has not ended
   */
  public record Status(String state, @Nullable Boolean succeeded, @Nullable String outcome) {}

  /** What was erased of a topic so far. */
  public record Erased(long count, Instant last) {}

  /** Asks for an erasure; returns the request's id. */
  public long submit(String topic, String keyDigest, String text) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      Ledger.create(connection);
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO kappa.erasures (topic, key_digest, request) VALUES (?, ?, ?)"
                  + " RETURNING id")) {
        insert.setString(1, topic);
        insert.setString(2, keyDigest);
        insert.setString(3, text);
        try (ResultSet row = insert.executeQuery()) {
          row.next();
          long id = row.getLong(1);
          connection.commit();
          return id;
        }
      }
    }
  }

  /** The oldest request that has not ended; to be asked after the ledger was created. */
  public Optional<Request> next() throws SQLException {
    try (Connection connection = PostgresPool.connect(settings);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, topic, request FROM kappa.erasures WHERE ended_at IS NULL"
                    + " ORDER BY id LIMIT 1")) {
      Optional<Request> request =
          row.next()
              ? Optional.of(new Request(row.getLong(1), row.getString(2), row.getString(3)))
              : Optional.empty();
      connection.commit();
      return request;
    }
  }

  public Status status(long id) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT state, succeeded, outcome FROM kappa.erasures WHERE id = ?")) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        Status status = new Status(row.getString(1), (Boolean) row.getObject(2), row.getString(3));
        connection.commit();
        return status;
      }
    }
  }

  /** Notes what a request is at. */
  public void at(long id, String state) throws SQLException {
    update("UPDATE kappa.erasures SET state = ? WHERE id = ?", state, id);
  }

  /** Notes what was found, before any of it is removed. */
  public void keep(long id, String text) throws SQLException {
    update("UPDATE kappa.erasures SET request = ? WHERE id = ?", text, id);
  }

  /** Ends a request, and has the database forget what it was about. */
  public void end(long id, boolean succeeded, String outcome) throws SQLException {
    update(
        "UPDATE kappa.erasures SET request = NULL, ended_at = clock_timestamp(), succeeded = "
            + succeeded
            + ", state = '"
            + (succeeded ? "done" : "failed")
            + "', outcome = ? WHERE id = ?",
        outcome,
        id);
    vacuum(settings, "kappa.erasures");
  }

  private void update(String sql, String text, long id) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement update = connection.prepareStatement(sql)) {
      update.setString(1, text);
      update.setLong(2, id);
      update.executeUpdate();
      connection.commit();
    }
  }

  /** Lets go of deleted rows, and of what the planner knows of them. */
  static void vacuum(PostgresSettings settings, String table) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      connection.setAutoCommit(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute("VACUUM (ANALYZE) " + table);
      } finally {
        connection.setAutoCommit(false);
      }
    }
  }

  /**
   * The erasures carried out so far.
   *
   * @param topic the one table's topic; empty for all
   */
  public Optional<Erased> erased(Optional<String> topic) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      Ledger.create(connection);
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT count(*), max(ended_at) FROM kappa.erasures"
                  + " WHERE succeeded AND (CAST(? AS text) IS NULL OR topic = ?)")) {
        query.setString(1, topic.orElse(null));
        query.setString(2, topic.orElse(null));
        try (ResultSet row = query.executeQuery()) {
          row.next();
          Optional<Erased> erased =
              row.getLong(1) == 0
                  ? Optional.empty()
                  : Optional.of(
                      new Erased(
                          row.getLong(1), row.getObject(2, OffsetDateTime.class).toInstant()));
          connection.commit();
          return erased;
        }
      }
    }
  }
}
