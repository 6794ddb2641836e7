package io.kappacdc.cli.doctor;

import io.kappacdc.cli.config.Database;
import io.kappacdc.runtime.config.SourceConfig;
import io.kappacdc.runtime.config.TableFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The source: what logical decoding needs, and what a slot may do to its disk. */
final class SourceExamination {
  private static final int VERSION_MIN = 14;
  private static final int VERSION_FAILOVER = 17;
  private static final String UNLIMITED = "-1";

  /** By their OIDs: to look a name up takes rights on its schema. */
  private static final String PUBLISHED =
      """
      SELECT n.nspname, c.relname FROM pg_get_publication_tables(?) p
      JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE %s ORDER BY 1, 2""";

  private static final String UNREADABLE =
      PUBLISHED.formatted(
          "NOT (has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'))");

  private static final String HIDDEN = PUBLISHED.formatted("row_security_active(c.oid)");

  private static final String WITHOUT_IDENTITY =
      PUBLISHED.formatted(
          "c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index i WHERE"
              + " i.indrelid = c.oid AND i.indisprimary)");

  private static final String OLD_TRANSACTIONS =
      """
      SELECT 'process ' || pid || ' since ' || date_trunc('second', xact_start)
      FROM pg_stat_activity
      WHERE xact_start < now() - interval '1 hour' AND backend_type = 'client backend'
        AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
      UNION ALL
      SELECT 'prepared ' || quote_literal(gid) || ' since ' || date_trunc('second', prepared)
      FROM pg_prepared_xacts WHERE prepared < now() - interval '1 hour'""";

  private final SourceConfig config;

  SourceExamination(SourceConfig config) {
    this.config = config;
  }

  void examine(Database database, Findings findings) {
    try (Connection connection = database.connect()) {
      Catalog catalog = new Catalog(connection);
      findings.ok("source.reachable", "PostgreSQL " + catalog.setting("server_version"));
      findings.attempt("source.wal-level", () -> server(catalog, findings));
      findings.attempt("source.role", () -> role(catalog, findings));
      findings.attempt("source.publication", () -> publication(catalog, findings));
      findings.attempt("source.slot", () -> slot(catalog, findings));
      findings.attempt("source.wal-limit", () -> limit(catalog, findings));
      findings.attempt("source.transactions", () -> transactions(catalog, findings));
      findings.attempt("source.failover", () -> failover(catalog, findings));
      Encryption.examine("source", database, catalog, findings);
      Clock.examine("source", catalog, findings);
    } catch (SQLException e) {
      findings.problem(
          "source.reachable",
          "no answer: " + e.getMessage(),
          "Start it, or correct source.url, source.user and source.password; what else is to be"
              + " looked at there is not known.");
    }
  }

  private static void server(Catalog catalog, Findings findings) throws SQLException {
    int version = catalog.version();
    if (version < VERSION_MIN) {
      findings.problem(
          "source.version",
          "PostgreSQL " + version + " sends no logical messages",
          "Upgrade to PostgreSQL 14 or later.");
    } else {
      findings.ok("source.version", "PostgreSQL " + version + " sends all that is needed");
    }
    String walLevel = catalog.setting("wal_level");
    if (walLevel.equals("logical")) {
      findings.ok("source.wal-level", "wal_level is logical");
    } else {
      findings.problem(
          "source.wal-level",
          "wal_level is " + walLevel,
          "ALTER SYSTEM SET wal_level = 'logical';  and restart that PostgreSQL.");
    }
  }

  private static void role(Catalog catalog, Findings findings) throws SQLException {
    String user = catalog.text("SELECT current_user");
    if (catalog.is("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) {
      findings.advice(
          "source.role",
          "capture logs in as a superuser, " + user,
          "Give it a role that may replicate and read: sql/source/capture_role.sql makes one.");
    } else if (catalog.is(
        """
        SELECT EXISTS (SELECT FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')
          AND (r.rolname = current_user AND r.rolreplication OR r.rolname IN ('rds_superuser',
            'rds_replication', 'azure_pg_admin', 'cloudsqlsuperuser')))""")) {
      findings.ok("source.role", user + " may replicate and is no superuser");
    } else {
      findings.problem(
          "source.role",
          user + " may not read the write-ahead log",
          "ALTER ROLE " + Names.quoted(user) + " WITH REPLICATION;");
    }
  }

  private void publication(Catalog catalog, Findings findings) throws SQLException {
    String name = config.publication();
    String sends =
        catalog.text(
            "SELECT pubviaroot AND pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM"
                + " pg_publication WHERE pubname = ?",
            name);
    if (sends.isEmpty()) {
      boolean may = catalog.is("SELECT rolsuper FROM pg_roles WHERE rolname = current_user");
      if (may) {
        findings.ok("source.publication", name + " is not there yet; capture will create it");
      } else {
        findings.problem(
            "source.publication",
            name + " is not there, and only a superuser can create it for all tables",
            "CREATE PUBLICATION "
                + Names.quoted(name)
                + " FOR ALL TABLES WITH (publish_via_partition_root = true"
                + (catalog.version() < 18 ? "" : ", publish_generated_columns = stored")
                + ");");
      }
      return;
    }
    if (sends.equals("t")) {
      findings.ok("source.publication", name + " sends every kind of change");
    } else {
      findings.problem(
          "source.publication",
          name + " leaves out kinds of changes, or names partitions instead of their roots",
          "ALTER PUBLICATION "
              + Names.quoted(name)
              + " SET (publish = 'insert, update, delete, truncate', publish_via_partition_root ="
              + " true);");
    }
    findings.attempt("source.readable", () -> tables(catalog, findings));
  }

  private void tables(Catalog catalog, Findings findings) throws SQLException {
    List<String> unreadable = captured(catalog, UNREADABLE);
    List<String> hidden = captured(catalog, HIDDEN);
    if (!hidden.isEmpty()) {
      findings.problem(
          "source.readable",
          "row-level security hides rows from capture of " + Names.some(hidden),
          "ALTER ROLE "
              + Names.quoted(catalog.text("SELECT current_user"))
              + " WITH BYPASSRLS;  or leave them out by source.exclude-tables.");
    } else if (unreadable.isEmpty()) {
      int tables = captured(catalog, PUBLISHED.formatted("true")).size();
      findings.ok(
          "source.readable",
          tables == 0 ? "it has no table yet" : "capture may read every table, " + tables);
    } else {
      findings.problem(
          "source.readable",
          "the rows that are there cannot be read of " + Names.some(unreadable),
          "GRANT SELECT ON ALL TABLES IN SCHEMA … TO "
              + Names.quoted(catalog.text("SELECT current_user"))
              + ";  and USAGE on the schema.");
    }
    List<String> keyless = captured(catalog, WITHOUT_IDENTITY);
    if (keyless.isEmpty()) {
      findings.ok("source.keys", "every table has a key or a replica identity");
    } else {
      findings.advice(
          "source.keys",
          "PostgreSQL refuses UPDATE and DELETE, to everybody, on " + Names.some(keyless),
          "Give them a primary key. Tables that are only ever inserted into may stay as they are.");
    }
  }

  private List<String> captured(Catalog catalog, String sql) throws SQLException {
    TableFilter filter = config.tables();
    return catalog.tables(sql, config.publication()).stream()
        .filter(table -> filter.admits(table.schema(), table.name()))
        .map(Catalog.Table::toString)
        .toList();
  }

  private void slot(Catalog catalog, Findings findings) throws SQLException {
    String name = config.slot();
    String status =
        catalog.text(
            "SELECT coalesce(wal_status, 'unknown') || CASE WHEN active THEN '' ELSE ', and nobody"
                + " streams from it' END FROM pg_replication_slots WHERE slot_name = ?",
            name);
    if (status.isEmpty()) {
      long left =
          catalog.number(
              "SELECT current_setting('max_replication_slots')::int - count(*) FROM"
                  + " pg_replication_slots");
      long senders =
          catalog.number(
              "SELECT current_setting('max_wal_senders')::int - count(*) FROM pg_stat_replication");
      // One more is needed for a moment by a verification.
      if (left < 2 || senders < 2) {
        findings.problem(
            "source.slot",
            "%s is not there yet, and %,d slots and %,d senders are left for it and for verify"
                .formatted(name, left, senders),
            "Raise max_replication_slots and max_wal_senders, or drop slots that nobody uses.");
      } else {
        findings.ok("source.slot", name + " is not there yet; there is room for it");
      }
    } else if (status.startsWith("lost")) {
      findings.problem(
          "source.slot",
          name + " is lost: the server has removed WAL that capture needs",
          "See docs/operating.md on capture.on-gap: only reading all tables anew heals it.");
    } else if (!status.equals("reserved") && !status.equals("extended")) {
      findings.problem(
          "source.slot",
          name + " is " + status + ": the server keeps its WAL",
          "Start capture, or drop the slot if it is not to run any more.");
    } else {
      findings.ok("source.slot", name + " is streamed from, its WAL is " + status);
    }
  }

  private void limit(Catalog catalog, Findings findings) throws SQLException {
    String server = catalog.setting("max_slot_wal_keep_size");
    boolean bounded = !server.equals(UNLIMITED);
    boolean acts =
        config.slotWalLimit() != null
            && config.slotWalPolicy() == SourceConfig.SlotWalPolicy.RESNAPSHOT;
    if (bounded || acts) {
      findings.ok(
          "source.wal-limit",
          bounded
              ? "max_slot_wal_keep_size is " + catalog.text("SHOW max_slot_wal_keep_size")
              : "capture gives the slot up at " + config.slotWalLimit());
    } else {
      findings.problem(
          "source.wal-limit",
          "nothing limits the WAL that the slot holds: while capture is away the source's disk fills",
          "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf();  or set"
              + " source.slot-wal-limit with source.slot-wal-policy: resnapshot. Take what the disk"
              + " has room for, and what capture's longest absence needs.");
    }
  }

  private static void transactions(Catalog catalog, Findings findings) throws SQLException {
    List<String> old = catalog.texts(OLD_TRANSACTIONS);
    if (old.isEmpty()) {
      findings.ok("source.transactions", "no transaction is older than an hour");
    } else {
      findings.advice(
          "source.transactions",
          "transactions that are open for more than an hour hold WAL: " + Names.some(old),
          "End them; set idle_in_transaction_session_timeout.");
    }
  }

  private void failover(Catalog catalog, Findings findings) throws SQLException {
    if (!catalog.is(
        "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state IS NOT NULL AND"
            + " pid NOT IN (SELECT active_pid FROM pg_replication_slots WHERE slot_type = 'logical' AND"
            + " active_pid IS NOT NULL))")) {
      return; // no standby that could take over
    }
    if (catalog.version() < VERSION_FAILOVER) {
      findings.advice(
          "source.failover",
          "there is a standby, and before PostgreSQL 17 it does not get the slot",
          "After a failover the tables are read anew (capture.on-gap); upgrade to spare that.");
    } else if (catalog.is(
        "SELECT bool_and(failover) FROM pg_replication_slots WHERE slot_name = ?", config.slot())) {
      findings.ok("source.failover", "the slot is one that standbys keep");
    } else {
      findings.advice(
          "source.failover",
          "the slot was made without failover, so a standby does not keep it",
          "Drop it and let capture make it anew, or accept that a failover reads the tables anew.");
    }
  }
}
