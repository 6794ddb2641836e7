package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.event.Column;
import io.kappacdc.event.Operation;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class SchemaChangeTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql("CREATE TABLE fund (id int PRIMARY KEY, name varchar(10), price numeric(10,2))");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  private static final String[] CHANGES = {
    "INSERT INTO fund VALUES (1, 'a', 1.00)",
    "ALTER TABLE fund ADD COLUMN note text DEFAULT 'none'",
    "INSERT INTO fund VALUES (2, 'b', 2.00, 'n')",
    "ALTER TABLE fund RENAME COLUMN name TO title",
    "INSERT INTO fund VALUES (3, 'c', 3.00, 'n')",
    "ALTER TABLE fund ALTER price TYPE numeric(12,4), ALTER title TYPE text",
    "INSERT INTO fund VALUES (4, 'd', 4.0000, 'n')",
    "ALTER TABLE fund DROP COLUMN price",
    "INSERT INTO fund VALUES (5, 'e', 'n')",
    "DELETE FROM fund WHERE id = 1",
  };

  private void assertEachRowHasItsOwnSchema() {
    assertThat(changes())
        .extracting(TopicReader.Captured::summary)
        .containsExactly(
            "c {\"id\":1,\"name\":\"a\",\"price\":1.00}",
            "c {\"id\":2,\"name\":\"b\",\"price\":2.00,\"note\":\"n\"}",
            "c {\"id\":3,\"title\":\"c\",\"price\":3.00,\"note\":\"n\"}",
            "c {\"id\":4,\"title\":\"d\",\"price\":4.0000,\"note\":\"n\"}",
            "c {\"id\":5,\"title\":\"e\",\"note\":\"n\"}",
            "d {\"id\":1}");
    assertThat(types(0)).containsExactly("integer", "character varying(10)", "numeric(10,2)");
    assertThat(types(2))
        .containsExactly("integer", "character varying(10)", "numeric(10,2)", "text");
    assertThat(types(3)).containsExactly("integer", "text", "numeric(12,4)", "text");
    assertThat(types(4)).containsExactly("integer", "text", "text");
    assertThat(source.topics.events("fund"))
        .allMatch(event -> event.event().schema().key().equals(List.of("id")));
  }

  /** Without rows that are read again since the table was changed: {@link ChangedTableTest}. */
  private List<TopicReader.Captured> changes() {
    return source.topics.events("fund").stream()
        .filter(captured -> captured.event().operation() != Operation.READ)
        .toList();
  }

  private List<String> types(int event) {
    return changes().get(event).event().schema().columns().stream().map(Column::type).toList();
  }

  @Test
  void changedTablesFlowOn() {
    source.start();
    for (String sql : CHANGES) {
      source.sql(sql);
      source.awaitCaptured();
    }

    assertEachRowHasItsOwnSchema();
  }

  @Test
  void rowsFromBeforeAChangeKeepTheirTypesWhenReadAfterIt() {
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    source.sql(CHANGES);

    source.start();
    source.awaitCaptured();

    assertEachRowHasItsOwnSchema();
  }

  @Test
  void aDroppedTablesLastChangesStillArrive() {
    RunningCapture first = source.start();
    source.sql("INSERT INTO fund VALUES (1, 'a', 1.00)");
    source.awaitCaptured();
    first.stop();
    source.sql("INSERT INTO fund VALUES (2, 'b', 2.00)", "DROP TABLE fund");

    source.start();
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund"))
        .containsExactly(
            "c {\"id\":1,\"name\":\"a\",\"price\":1.00}",
            "c {\"id\":2,\"name\":\"b\",\"price\":2.00}");
  }
}
