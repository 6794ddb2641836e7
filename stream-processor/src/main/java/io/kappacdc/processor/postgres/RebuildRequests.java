package io.kappacdc.processor.postgres;

import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Requests to empty the sinks and fill them again from the topics, and how the trail is emptied. A
 * running processor finds them in {@code kappa.rebuilds}; who asks waits until the row says done.
 */
public final class RebuildRequests {
  private final PostgresSettings settings;

  public RebuildRequests(PostgresSettings settings) {
    this.settings = settings;
  }

  /**
   * A request.
   *
   * @param topic the one table's topic; empty for all
   */
  public record Request(long id, Optional<String> topic) {}

  /** Asks the running processor for a rebuild; returns the request's id. */
  public long submit(Optional<String> topic) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      Ledger.create(connection);
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO kappa.rebuilds (topic) VALUES (?) RETURNING id")) {
        insert.setString(1, topic.orElse(null));
        try (ResultSet row = insert.executeQuery()) {
          row.next();
          long id = row.getLong(1);
          connection.commit();
          return id;
        }
      }
    }
  }

  /** The oldest request that no processor has begun; to be asked after the ledger was created. */
  public Optional<Request> next() throws SQLException {
    try (Connection connection = PostgresPool.connect(settings);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, topic FROM kappa.rebuilds WHERE begun_at IS NULL ORDER BY id LIMIT 1")) {
      Optional<Request> request =
          row.next()
              ? Optional.of(new Request(row.getLong(1), Optional.ofNullable(row.getString(2))))
              : Optional.empty();
      connection.commit();
      return request;
    }
  }

  /** Whether a processor has emptied the sinks for this request and begun to fill them again. */
  public boolean isBegun(long id) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT begun_at IS NOT NULL FROM kappa.rebuilds WHERE id = ?")) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        boolean begun = row.next() && row.getBoolean(1);
        connection.commit();
        return begun;
      }
    }
  }

  public void markBegun(long id) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE kappa.rebuilds SET begun_at = clock_timestamp() WHERE id = ?")) {
      update.setLong(1, id);
      update.executeUpdate();
      connection.commit();
    }
  }

  /**
   * Empties the trails, their positions, quarantine and progress in one transaction. No processor
   * may be writing.
   */
  public void emptyTrails(Optional<String> topic) throws SQLException {
    try (Connection connection = PostgresPool.connect(settings)) {
      Ledger.create(connection);
      for (TableSchema schema : schemas(connection, topic)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("TRUNCATE " + TrailTable.of(schema).sql());
        }
      }
      for (String table : List.of("kappa.ledger", "kappa.quarantine")) {
        try (PreparedStatement delete =
            connection.prepareStatement(
                "DELETE FROM " + table + " WHERE CAST(? AS text) IS NULL OR topic = ?")) {
          delete.setString(1, topic.orElse(null));
          delete.setString(2, topic.orElse(null));
          delete.executeUpdate();
        }
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            topic.isEmpty()
                ? "DELETE FROM kappa.progress; DELETE FROM kappa.moments;"
                    + " DELETE FROM kappa.resnapshots"
                : "UPDATE kappa.progress SET lsn = '0/0', source_ts = 'epoch'");
      }
      connection.commit();
    }
  }

  private static List<TableSchema> schemas(Connection connection, Optional<String> topic)
      throws SQLException {
    List<TableSchema> schemas = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT topic, schema_json FROM kappa.tables")) {
      while (rows.next()) {
        if (topic.isEmpty() || topic.get().equals(rows.getString(1))) {
          schemas.add(SchemaJson.read(rows.getString(2).getBytes(StandardCharsets.UTF_8)));
        }
      }
    }
    return schemas;
  }
}
