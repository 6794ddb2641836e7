package io.kappacdc.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.debezium.relational.TableId;
import io.kappacdc.capture.TestServers;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.resume.TransientFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a name that could end a string, an identifier or the block that it stands in. */
@ExtendWith(TestServers.class)
class TextSnapshotLockTest {
  private static final TableId TABLE = new TableId(null, "public", "it's $kappa$; \"a\\b\" é😀");
  private static final String NAME = TABLE.toDoubleQuotedString();
  private static final String LOCK =
      new TextSnapshotLock().tableLockingStatement(Duration.ZERO, NAME).orElseThrow();

  private Connection snapshot;
  private Connection other;

  @BeforeEach
  void takeASnapshot(Servers servers) throws SQLException {
    other = servers.postgres().connect("postgres");
    sql("CREATE TABLE %s (id int, n int) PARTITION BY RANGE (id)");
    sql("CREATE TABLE a_part PARTITION OF %s FOR VALUES FROM (0) TO (10)");
    sql("INSERT INTO %s VALUES (1, 1), (2, 2)");
    snapshot = servers.postgres().connect("postgres");
    snapshot.setAutoCommit(false);
    snapshot.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    inSnapshot("SELECT 1");
  }

  @AfterEach
  void drop() throws SQLException {
    snapshot.close();
    sql("DROP TABLE %s");
    other.close();
  }

  private void sql(String statement) throws SQLException {
    try (Statement execution = other.createStatement()) {
      execution.execute(statement.formatted(NAME));
    }
  }

  private void inSnapshot(String statement) throws SQLException {
    try (Statement execution = snapshot.createStatement()) {
      execution.execute(statement);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ALTER TABLE %s ALTER n TYPE bigint", "TRUNCATE %s", "TRUNCATE a_part"})
  void aTableThatLooksEmptyToTheSnapshotIsAnErrorThatPasses(String change) throws SQLException {
    sql(change);

    Throwable error = catchThrowable(() -> inSnapshot(LOCK));

    assertThat(error)
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("rewritten or truncated since the snapshot was taken: a_part");
    assertThat(TransientFailure.isTransient(error)).isTrue();
  }

  /** Debezium leaves a name as it is that begins or ends with a quotation mark. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"; CREATE TABLE taken (); --",
        "t\"; CREATE TABLE taken (); --\"",
        "\"quoted\"",
        "\""
      })
  void aNameWithQuotationMarksAtItsEndsIsStillAName(String name) throws SQLException {
    String quoted = '"' + name.replace("\"", "\"\"") + '"';
    try (Statement execution = other.createStatement()) {
      execution.execute("CREATE TABLE " + quoted + " (id int)");
      String lock =
          new TextSnapshotLock()
              .tableLockingStatement(
                  Duration.ZERO, new TableId(null, "public", name).toDoubleQuotedString())
              .orElseThrow();
      snapshot.rollback(); // the table is younger
      inSnapshot(lock);

      assertThat(lockedBySnapshot()).contains(name).doesNotContain("taken");
      snapshot.rollback();
      execution.execute("DROP TABLE " + quoted);
    }
  }

  private List<String> lockedBySnapshot() throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement query = snapshot.createStatement();
        ResultSet rows =
            query.executeQuery(
                "SELECT relname FROM pg_locks JOIN pg_class c ON c.oid = relation"
                    + " WHERE pid = pg_backend_pid()")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  @Test
  void whatLeavesTheRowsInPlaceIsNone() throws SQLException {
    sql("ALTER TABLE %s ADD COLUMN more text DEFAULT 'x'");
    sql("INSERT INTO %s VALUES (3, 3)");

    inSnapshot(LOCK);

    sql("SET lock_timeout = '100ms'");
    assertThatThrownBy(() -> sql("TRUNCATE %s")).hasMessageContaining("lock timeout");
  }
}
