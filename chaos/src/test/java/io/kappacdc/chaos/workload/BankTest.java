package io.kappacdc.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The load on a real server, whose own statistics of rows must agree with the ledger. */
class BankTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void theLedgerCountsWhatWasCommittedAndNoMoneyIsLostAlsoAcrossACrash() throws Exception {
    EmbeddedPostgres server = start();
    try (Connection connection = server.connect("postgres")) {
      Bank.create(connection);
      markByTrigger(connection);
    }
    EmbeddedPostgres[] current = {server};
    Load load = Load.start(() -> current[0].connect("postgres"), 2_000, 5);
    await().atMost(PATIENCE).until(() -> load.committed() > 100);
    server.kill();
    current[0] = server.startAgain();
    long before = load.committed();
    await().atMost(PATIENCE).until(() -> load.committed() > before + 1_500);
    load.close();

    try (Connection connection = current[0].connect("postgres")) {
      Ledger ledger = SourceLedger.read(connection);
      assertThat(load.failure()).isNull();
      assertThat(ledger.counted().counts().keySet()).containsAll(Bank.COUNTED);
      assertThat(ledger.changes().counts()).isEqualTo(counted(connection));
      for (String table : Bank.TABLES) {
        assertThat(ledger.rows(table)).as(table).isEqualTo(rows(connection, table));
      }
      assertThat(Bank.sum(connection)).isEqualTo(Bank.sum());
    } finally {
      current[0].stop();
    }
  }

  private EmbeddedPostgres start() {
    return EmbeddedPostgres.builder(directory.resolve("pg")).setting("fsync", "off").start();
  }

  /** Has the server count by itself: a key change as logical decoding has it, truncates too. */
  private static void markByTrigger(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE seen (what text)");
      statement.execute(
          """
          CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'account_b' THEN
              IF (to_jsonb(OLD) -> 'branch', to_jsonb(OLD) -> 'id')
                  <> (to_jsonb(NEW) -> 'branch', to_jsonb(NEW) -> 'id') THEN
                INSERT INTO seen VALUES ('account_b/d'), ('account_b/c');
                RETURN NULL;
              END IF;
            END IF;
            INSERT INTO seen VALUES (TG_TABLE_NAME || '/' || CASE TG_OP WHEN 'INSERT' THEN 'c'
              WHEN 'UPDATE' THEN 'u' WHEN 'DELETE' THEN 'd' ELSE 't' END);
            RETURN NULL;
          END $$""");
      for (String table :
          new String[] {
            "account_a", "account_b", "journal", "dossier", "scratch", "chaos_ledger"
          }) {
        statement.execute(
            "CREATE TRIGGER row AFTER INSERT OR UPDATE OR DELETE ON "
                + table
                + " FOR EACH ROW EXECUTE FUNCTION note()");
        statement.execute(
            "CREATE TRIGGER whole AFTER TRUNCATE ON "
                + table
                + " FOR EACH STATEMENT EXECUTE FUNCTION note()");
      }
    }
  }

  private static long rows(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static TreeMap<Kind, Long> counted(Connection connection) throws SQLException {
    TreeMap<Kind, Long> counts = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT what, count(*) FROM seen GROUP BY 1 ORDER BY 1")) {
      while (rows.next()) {
        String[] what = rows.getString(1).split("/");
        counts.put(new Kind(what[0], what[1].charAt(0)), rows.getLong(2));
      }
    }
    return counts;
  }
}
