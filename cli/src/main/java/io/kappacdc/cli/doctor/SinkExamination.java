package io.kappacdc.cli.doctor;

import io.kappacdc.cli.config.Database;
import io.kappacdc.runtime.config.SinkConfig;
import java.sql.Connection;
import java.sql.SQLException;

/** The trail's database: rights, durability, room. */
final class SinkExamination {
  private static final String SYSTEM =
      "SELECT system_identifier || '/' || current_database() FROM pg_control_system()";

  private final SinkConfig config;

  SinkExamination(SinkConfig config) {
    this.config = config;
  }

  void examine(Database database, Findings findings) {
    try (Connection connection = database.connect()) {
      Catalog catalog = new Catalog(connection);
      findings.ok("sink.reachable", "PostgreSQL " + catalog.setting("server_version"));
      findings.attempt("sink.role", () -> rights(catalog, findings));
      findings.attempt("sink.durability", () -> durability(catalog, findings));
      findings.attempt("sink.connections", () -> connections(catalog, findings));
      Encryption.examine("sink", database, catalog, findings);
      Clock.examine("sink", catalog, findings);
    } catch (SQLException e) {
      findings.problem(
          "sink.reachable",
          "no answer: " + e.getMessage(),
          "Start it, or correct sink.url, sink.user and sink.password; what else is to be looked at"
              + " there is not known.");
    }
  }

  private static void rights(Catalog catalog, Findings findings) throws SQLException {
    String user = catalog.text("SELECT current_user");
    if (catalog.is("SELECT pg_is_in_recovery()")) {
      findings.problem(
          "sink.role",
          "the server is a standby and takes no rows",
          "Point sink.url at the primary.");
    } else if (catalog.is("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) {
      findings.advice(
          "sink.role",
          "the processor logs in as a superuser, " + user,
          "Give it a role that owns the trails and no more: sql/roles/sink.sql makes one.");
    } else if (catalog.is("SELECT has_database_privilege(current_database(), 'CREATE')")) {
      findings.ok("sink.role", user + " may create schemas and is no superuser");
    } else {
      findings.problem(
          "sink.role",
          user + " may not create schemas, which a source's schemas and kappa's own need",
          "GRANT CREATE ON DATABASE … TO " + Names.quoted(user) + ";");
    }
  }

  private static void durability(Catalog catalog, Findings findings) throws SQLException {
    if (catalog.setting("fsync").equals("off")
        || catalog.setting("full_page_writes").equals("off")) {
      findings.problem(
          "sink.durability",
          "fsync or full_page_writes is off: a power failure can corrupt the trail",
          "ALTER SYSTEM SET fsync = on; ALTER SYSTEM SET full_page_writes = on; SELECT"
              + " pg_reload_conf();");
    } else {
      // Without synchronous_commit rows and position are lost together, and written again.
      findings.ok("sink.durability", "what it has committed outlives a power failure");
    }
  }

  private void connections(Catalog catalog, Findings findings) throws SQLException {
    long left =
        catalog.number(
            "SELECT current_setting('max_connections')::int - count(*) FROM pg_stat_activity WHERE"
                + " backend_type = 'client backend'");
    if (left < config.poolSize() + 2L) {
      findings.advice(
          "sink.connections",
          "%,d connections are left, and a processor's start takes %,d"
              .formatted(left, config.poolSize() + 2L),
          "Raise max_connections, or lower sink.pool-size.");
    } else {
      findings.ok("sink.connections", "%,d connections are left".formatted(left));
    }
  }

  /** A trail in the source's own database would be captured itself. */
  static void examineApart(Database source, Database sink, Findings findings) {
    try (Connection from = source.connect();
        Connection to = sink.connect()) {
      if (new Catalog(from).text(SYSTEM).equals(new Catalog(to).text(SYSTEM))) {
        findings.problem(
            "sink.apart",
            "source and sink are the same database: the trail would be captured, without end",
            "Point sink.url at another database; one of the same server will do.");
      } else {
        findings.ok("sink.apart", "source and sink are two databases");
      }
    } catch (SQLException e) {
      findings.unknown(
          "sink.apart",
          "whether source and sink are two databases: " + e.getMessage(),
          "Let both answer, and their users call pg_control_system().");
    }
  }
}
