package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import java.sql.Connection;
import java.sql.Statement;
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
