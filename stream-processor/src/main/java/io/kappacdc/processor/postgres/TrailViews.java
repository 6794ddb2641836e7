package io.kappacdc.processor.postgres;

import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.processor.postgres.TrailView.Existing;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and replaces the views beside the trails. They are a convenience that the trail does not
 * wait for: what cannot be made is a warning in the log, and tried again when the table's shape
 * changes next and when the processor starts next. Objects that are not ours are left alone.
 */
final class TrailViews {
  private static final Logger LOG = LoggerFactory.getLogger(TrailViews.class);
  private static final String FUNCTIONS = SqlTemplate.read("as-of.sql").with(Map.of());

  /** Somebody may be reading a view for hours. */
  private static final String BOUNDED_WAIT = "SET LOCAL lock_timeout = '2s'";

  private static final String INVALID_TABLE_DEFINITION = "42P16";

  private final Connection connection;
  private final TopicNames topics;

  /**
   * @param connection one without auto-commit
   */
  TrailViews(Connection connection, TopicNames topics) {
    this.connection = connection;
    this.topics = topics;
  }

  /** Makes the functions and the views of all trails. The connection has no transaction open. */
  void createAll() throws SQLException {
    try {
      execute(BOUNDED_WAIT);
      execute(TrailSchemas.LOCK);
      execute(FUNCTIONS);
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      LOG.warn("The functions of the trails' views are not made: {}", message(e));
      return;
    }
    for (TableSchema schema : recorded()) {
      create(schema);
    }
  }

  private List<TableSchema> recorded() throws SQLException {
    List<TableSchema> schemas = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT schema_json FROM kappa.tables")) {
      while (rows.next()) {
        schemas.add(SchemaJson.read(rows.getString(1).getBytes(StandardCharsets.UTF_8)));
      }
    }
    connection.commit();
    return schemas;
  }

  /** Makes the views of one table, each in a transaction of its own. */
  void create(TableSchema schema) throws SQLException {
    for (TrailView view : TrailView.of(topics, schema)) {
      try {
        execute(BOUNDED_WAIT);
        execute(TrailSchemas.LOCK);
        createInTransaction(view);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        warn(view, message(e));
      }
    }
  }

  /** Makes the views of one table; the transaction that is open goes on without them if need be. */
  void createInTransaction(TableSchema schema) throws SQLException {
    for (TrailView view : TrailView.of(topics, schema)) {
      createInTransaction(view);
    }
  }

  private void createInTransaction(TrailView view) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      replace(view);
    } catch (SQLException e) {
      connection.rollback(before);
      warn(view, message(e));
    }
  }

  private void replace(TrailView view) throws SQLException {
    Existing existing = view.existing(connection);
    if (existing instanceof Existing.Foreign) {
      warn(view, "something of that name is there, and it is not the processor's");
      return;
    }
    Optional<String> refusal = view.refusal(connection);
    if (refusal.isPresent()) {
      warn(view, refusal.get());
      if (existing instanceof Existing.Ours) {
        execute("DROP VIEW " + view.sql());
      }
      return;
    }
    String definition = view.definition(connection);
    String comment = view.comment(definition);
    if (existing.equals(new Existing.Ours(comment))) {
      return;
    }
    Savepoint before = connection.setSavepoint();
    try {
      execute("CREATE OR REPLACE VIEW " + view.sql() + " AS " + definition);
    } catch (SQLException e) {
      if (!INVALID_TABLE_DEFINITION.equals(e.getSQLState())) {
        throw e;
      }
      // Replacing a view may add columns, but not change those it has.
      connection.rollback(before);
      execute("DROP VIEW " + view.sql());
      execute("CREATE VIEW " + view.sql() + " AS " + definition);
    }
    execute("COMMENT ON VIEW " + view.sql() + " IS " + TrailTable.literal(comment));
  }

  /**
   * Frees the trail's columns from the views, so that their types may change in the transaction
   * that is open. A view is gone then, or, if something of a user's depends on it, says that it is
   * out of date.
   */
  void giveWay(TableSchema schema) throws SQLException {
    for (TrailView view : TrailView.of(topics, schema)) {
      if (view.existing(connection) instanceof Existing.Ours) {
        giveWay(view);
      }
    }
  }

  private void giveWay(TrailView view) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      execute("DROP VIEW " + view.sql());
    } catch (SQLException e) {
      if (!TrailSchemas.DEPENDENT_OBJECTS.equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback(before);
      execute(
          "CREATE OR REPLACE VIEW "
              + view.sql()
              + " AS "
              + view.outdated(connection, ServerMessage.detail(e)));
      execute(
          "COMMENT ON VIEW " + view.sql() + " IS " + TrailTable.literal(view.commentOutdated()));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void warn(TrailView view, String reason) {
    LOG.warn("No view of the trail: view={} reason={}", view.sql(), reason);
  }

  private static String message(SQLException e) {
    return ServerMessage.message(e);
  }
}
