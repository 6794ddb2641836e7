package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.SinkConfig;
import io.kappacdc.runtime.config.SourceConfig;
import io.kappacdc.runtime.config.TableFilter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks that the source can be captured, creates the publication, says exactly what is missing.
 */
public final class Preflight {
  private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

  /** The first version whose pgoutput sends logical messages, which heartbeats and fences are. */
  private static final int VERSION_MIN = 140_000;

  private static final int VERSION_18 = 180_000;

  private final SourceDatabase database;
  private final SourceConfig source;

  public Preflight(SourceDatabase database, SourceConfig source) {
    this.database = database;
    this.source = source;
  }

  /**
   * Runs all checks.
   *
   * @return who the source is
   * @throws KappaException naming what is missing and the SQL that cures it
   * @throws TransientFailure if the server cannot be reached at the moment
   */
  public ServerIdentity run() {
    try (Connection connection = database.connect()) {
      checkServer(connection);
      checkTypes(connection);
      checkRole(connection);
      ensurePublication(connection);
      checkTables(connection);
    } catch (SQLException e) {
      throw failure(e);
    }
    return ServerIdentity.read(database);
  }

  private RuntimeException failure(SQLException e) {
    KappaException error =
        new KappaException(
            "Cannot use the source database at " + database.address() + ".",
            String.valueOf(e.getMessage()).lines().findFirst().orElse("no message"),
            "Check source.url, source.user and source.password, and that the server accepts"
                + " connections from here.",
            e);
    return TransientFailure.isTransient(e)
        ? new TransientFailure(error.problem() + " " + error.reason(), error)
        : error;
  }

  private void checkServer(Connection connection) throws SQLException {
    int version = PublishedTable.serverVersion(connection);
    if (version < VERSION_MIN) {
      throw new KappaException(
          "The source's PostgreSQL is too old.",
          "It is version " + version / 10_000 + ", and logical messages need 14 or later.",
          "Upgrade the source to PostgreSQL 14 or later.");
    }
    if ("t".equals(text(connection, "SELECT pg_is_in_recovery()"))) {
      throw new TransientFailure(
          "The source at " + database.address() + " is a standby, and has not taken over (yet)",
          null);
    }
    String walLevel = text(connection, "SHOW wal_level");
    if (!"logical".equals(walLevel)) {
      throw new KappaException(
          "The source does not write what logical decoding needs.",
          "wal_level is '" + walLevel + "', and must be 'logical'.",
          "Run  ALTER SYSTEM SET wal_level = 'logical';  and restart that PostgreSQL.");
    }
    if ("SQL_ASCII".equals(text(connection, "SHOW server_encoding"))) {
      throw new KappaException(
          "The source's texts have no known encoding.",
          "The database's encoding is SQL_ASCII, so its bytes cannot be read as text.",
          "Copy the data into a database with ENCODING 'UTF8'.");
    }
  }

  /** Debezium reads the labels of every type of the category of enums, and fails without any. */
  private static void checkTypes(Connection connection) throws SQLException {
    String unreadable =
        text(
            connection,
            """
            SELECT string_agg(format_type(t.oid, NULL), ', ' ORDER BY t.oid) FROM pg_type t
            WHERE t.typcategory = 'E'
              AND NOT EXISTS (SELECT FROM pg_enum e WHERE e.enumtypid = t.oid)""");
    if (!unreadable.isEmpty()) {
      throw new KappaException(
          "Capture cannot read the source's types.",
          "Debezium stops at domains over enums and at enums without labels: " + unreadable + ".",
          "Give the columns of such a domain the enum itself as their type (ALTER TABLE ... ALTER"
              + " COLUMN ... TYPE ...) and drop the domain; give an empty enum a label, or drop"
              + " it.");
    }
  }

  private void checkRole(Connection connection) throws SQLException {
    String user = text(connection, "SELECT current_user");
    boolean may =
        "t"
            .equals(
                text(
                    connection,
                    """
                    SELECT CASE WHEN EXISTS (
                      SELECT FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')
                        AND (r.rolname = current_user AND (r.rolreplication OR r.rolsuper)
                          OR r.rolname IN ('rds_superuser', 'rds_replication', 'azure_pg_admin',
                                           'cloudsqlsuperuser')))
                      THEN 't' ELSE 'f' END"""));
    if (!may) {
      throw new KappaException(
          "The source's user may not read the write-ahead log.",
          "Role '" + user + "' lacks REPLICATION.",
          "Run as a superuser:  ALTER ROLE " + PublishedTable.quote(user) + " WITH REPLICATION;");
    }
  }

  private void ensurePublication(Connection connection) throws SQLException {
    String name = source.publication();
    Optional<PublicationOptions> options = PublicationOptions.read(connection, name);
    if (options.isEmpty()) {
      createPublication(connection, name);
      return;
    }
    options.get().require(name);
    if (!options.get().isForAllTables()) {
      LOG.warn(
          "publication={} is not FOR ALL TABLES: new tables join only when they are added to it",
          name);
    }
  }

  private static void createPublication(Connection connection, String name) throws SQLException {
    String generated =
        PublishedTable.serverVersion(connection) >= VERSION_18
            ? ", publish_generated_columns = stored"
            : "";
    String sql =
        "CREATE PUBLICATION "
            + PublishedTable.quote(name)
            + " FOR ALL TABLES WITH (publish_via_partition_root = true"
            + generated
            + ")";
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      LOG.info("publication={} created", name);
      warnOfRefusals(connection, name);
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw new KappaException(
            "The publication '" + name + "' does not exist and cannot be created.",
            "Only a superuser can create a publication for all tables.",
            "Run as a superuser:  " + sql + ";",
            e);
      }
      if (!"42710".equals(e.getSQLState())) { // somebody else was faster
        throw e;
      }
    }
  }

  private static void warnOfRefusals(Connection connection, String name) throws SQLException {
    RefusedChanges refused = RefusedChanges.read(connection);
    if (!refused.tables().isEmpty()) {
      LOG.warn(
          "publication={}: from now on PostgreSQL refuses UPDATE and DELETE, to everybody, on {} tables"
              + " without a replica identity: {}. Give them a primary key, or  ALTER TABLE ... REPLICA IDENTITY"
              + " FULL;  or make the publication by hand without them",
          name,
          refused.tables().size(),
          refused.named());
    }
  }

  private void checkTables(Connection connection) throws SQLException {
    TableFilter tables = source.tables();
    List<PublishedTable> published = PublishedTable.read(connection, source.publication());
    List<PublishedTable> captured =
        published.stream().filter(table -> tables.admits(table.schema(), table.table())).toList();
    checkNames(captured);
    captured.forEach(Preflight::checkColumns);
    checkRows(connection, captured);
    if (!tables.admitsAll()) {
      report(published.size(), captured.size());
    }
  }

  /** The log has the rows of all, and a snapshot only those that the role sees. */
  private static void checkRows(Connection connection, List<PublishedTable> captured)
      throws SQLException {
    String sql =
        """
        SELECT string_agg(n.nspname || '.' || c.relname, ', ' ORDER BY n.nspname, c.relname)
        FROM unnest(?::text[], ?::text[]) AS named(nspname, relname)
        JOIN pg_namespace n ON n.nspname = named.nspname
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = named.relname
        WHERE row_security_active(c.oid)""";
    String hidden;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(
          1,
          connection.createArrayOf(
              "text", captured.stream().map(PublishedTable::schema).toArray()));
      statement.setArray(
          2,
          connection.createArrayOf("text", captured.stream().map(PublishedTable::table).toArray()));
      hidden = text(statement);
    }
    if (!hidden.isEmpty()) {
      String user = text(connection, "SELECT current_user");
      throw new KappaException(
          "Capture may not read all rows of " + hidden + ".",
          "Row-level security hides rows from role '" + user + "', and a snapshot would lack them.",
          "Run as a superuser:  ALTER ROLE "
              + PublishedTable.quote(user)
              + " WITH BYPASSRLS;  or leave these tables out by source.exclude-tables.");
    }
  }

  /** Debezium looks for a column by its name in small letters, and knows only one of each. */
  private static void checkColumns(PublishedTable table) {
    Map<String, String> known = new HashMap<>();
    String twins =
        Stream.concat(
                table.columns().stream().map(PublishedTable.PublishedColumn::name),
                table.unsent().stream())
            .flatMap(
                name -> {
                  String other = known.put(name.toLowerCase(Locale.getDefault()), name);
                  return other == null ? Stream.empty() : Stream.of(other + " and " + name);
                })
            .collect(Collectors.joining(", "));
    if (!twins.isEmpty()) {
      String name = table.schema() + "." + table.table();
      throw new KappaException(
          "Capture cannot tell columns of " + name + " apart.",
          "To Debezium they are the same, since they differ in nothing but case: " + twins + ".",
          "Leave the table out by source.exclude-tables, or rename columns. Changes that were made"
              + " to it with such columns can be passed only by leaving it out; once it is let in"
              + " again, it is read anew.");
    }
  }

  /** Debezium knows a table by the text of schema, dot and name. */
  private static void checkNames(List<PublishedTable> captured) {
    Map<String, PublishedTable> known = new HashMap<>();
    for (PublishedTable table : captured) {
      String name = table.schema() + "." + table.table();
      PublishedTable other = known.put(name, table);
      if (other != null) {
        throw new KappaException(
            "Capture cannot tell tables called " + name + " apart.",
            "To Debezium they are the same: " + quoted(other) + " and " + quoted(table) + ".",
            "Leave both out by source.exclude-tables, or rename one of them or its schema.");
      }
    }
  }

  private static String quoted(PublishedTable table) {
    return PublishedTable.quote(table.schema()) + '.' + PublishedTable.quote(table.table());
  }

  /** Tables may come later, so a filter that leaves none is a mistake only perhaps. */
  private void report(int published, int captured) {
    String line = "publication={} has {} tables, of which the filter admits {}";
    if (captured == 0) {
      LOG.warn(
          line
              + ": see source.include-tables and source.exclude-tables, whose expressions are for"
              + " the whole of <schema>.<table>",
          source.publication(),
          published,
          captured);
    } else {
      LOG.info(line, source.publication(), published, captured);
    }
  }

  /**
   * Refuses a sink in the source's own database, since the trail of a trail never ends.
   *
   * @throws KappaException if both are the same database
   */
  public void checkSinkIsElsewhere(SinkConfig sink) {
    if (sink.url() == null) {
      return;
    }
    try (Connection from = database.connect();
        Connection to = DriverManager.getConnection(sink.url(), sink.user(), sink.password())) {
      if (systemId(from).equals(systemId(to))
          && text(from, "SELECT current_database()")
              .equals(text(to, "SELECT current_database()"))) {
        throw new KappaException(
            "The trail would be captured itself, without end.",
            "source.url and sink.url are the same database.",
            "Point sink.url at another database; one of the same server will do:"
                + "  CREATE DATABASE kappa_trail;");
      }
    } catch (SQLException e) {
      LOG.debug("Cannot compare source and sink now", e);
    }
  }

  private static String systemId(Connection connection) throws SQLException {
    return text(connection, "SELECT system_identifier::text FROM pg_control_system()");
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      return text(statement);
    }
  }

  private static String text(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      @Nullable String value = row.getString(1);
      return value == null ? "" : value;
    }
  }
}
