package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.Position;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class TableFilterTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql(
        "CREATE TABLE fund (id int PRIMARY KEY, name text)",
        "CREATE TABLE fund_log (id int PRIMARY KEY, what text)",
        "CREATE TABLE \"FUND\" (id int PRIMARY KEY)",
        "INSERT INTO fund VALUES (1, 'old')",
        "INSERT INTO fund_log VALUES (1, 'old')",
        "INSERT INTO \"FUND\" VALUES (1)");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  @Test
  void snapshotAndStreamHaveTheIncludedTablesOnly() throws Exception {
    source.with("source.include-tables", "public\\.fund.{0\\,4},sales\\..*");
    source.with("source.exclude-tables", ".*_log");
    source.start();

    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO fund_log VALUES (2, 'left out')");
      statement.execute("INSERT INTO fund VALUES (2, 'new')");
      statement.execute("UPDATE \"FUND\" SET id = 2");
      statement.execute("UPDATE fund SET name = 'newer' WHERE id = 2");
      statement.execute("TRUNCATE fund_log, fund");
      connection.commit();
    }
    source.sql("INSERT INTO fund_log VALUES (3, 'alone')");
    source.awaitCaptured();

    assertThat(source.topics.events())
        .extracting(Captured::summary)
        .containsExactly(
            "r {\"id\":1,\"name\":\"old\"}",
            "c {\"id\":2,\"name\":\"new\"}",
            "u {\"id\":2,\"name\":\"newer\"}",
            "t");
    TopicReader.assertWholeTransactionsOnce(source.topics.events());
    source.topics.assertCutsHold();
  }

  @Test
  void aNewTableIsCapturedIfItsNameIsIncluded() {
    source.with("source.exclude-tables", "public\\.(.*_log|FUND)");
    source.start();

    source.sql(
        "CREATE TABLE unit (id int PRIMARY KEY)",
        "CREATE TABLE unit_log (id int PRIMARY KEY)",
        "INSERT INTO unit_log VALUES (1)",
        "INSERT INTO unit VALUES (1)");
    source.awaitCaptured();

    assertThat(source.topics.events())
        .extracting(Captured::summary)
        .containsExactly("r {\"id\":1,\"name\":\"old\"}", "c {\"id\":1}");
  }

  @Test
  void changesOfATableWhoseNewNameIsLeftOutAreNotTakenForItsOldNames() {
    source.with("source.exclude-tables", ".*_old").start();
    source.sql("INSERT INTO fund VALUES (2, 'two')"); // so its name is known from the stream
    source.awaitCaptured();

    source.sql(
        "ALTER TABLE fund RENAME TO fund_old",
        "CREATE TABLE fund (LIKE fund_old INCLUDING ALL)",
        "INSERT INTO fund VALUES (1, 'new')",
        "INSERT INTO fund_old VALUES (4, 'old')",
        "UPDATE fund_old SET name = 'older' WHERE id = 2",
        "DELETE FROM fund_old WHERE id = 1",
        "TRUNCATE fund_old, fund_log",
        "TRUNCATE fund_old",
        "INSERT INTO fund VALUES (3, 'new')",
        "ALTER TABLE fund RENAME TO asset",
        "ALTER TABLE fund_old RENAME TO fund",
        "INSERT INTO fund VALUES (5, 'old')");
    source.awaitCaptured();

    await()
        .atMost(CaptureFixture.PATIENCE)
        .ignoreExceptions() // schemas may come while it looks
        .untilAsserted(
            () ->
                assertThat(changes("fund"))
                    .containsExactly(
                        "c {\"id\":2,\"name\":\"two\"}",
                        "c {\"id\":1,\"name\":\"new\"}",
                        "c {\"id\":3,\"name\":\"new\"}",
                        "c {\"id\":5,\"name\":\"old\"}"));
    assertThat(changes("fund_log")).containsExactly("t");
  }

  /** What the stream brought of a table, without what was read of it. */
  private List<String> changes(String table) {
    return source.topics.events(table).stream()
        .filter(event -> event.event().position().ordinal() < Position.SNAPSHOT_ORDINAL_BASE)
        .map(Captured::summary)
        .toList();
  }

  @Test
  void aNewSnapshotTruncatesNoTableThatIsLeftOut() {
    source.start().stop();
    source.with("source.include-tables", "public\\.fund");

    source.start(SnapshotPolicy.anew());
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund_log"))
        .containsExactly("r {\"id\":1,\"what\":\"old\"}");
    assertThat(source.topics.summaries("fund"))
        .containsExactly("r {\"id\":1,\"name\":\"old\"}", "t", "r {\"id\":1,\"name\":\"old\"}");
  }
}
