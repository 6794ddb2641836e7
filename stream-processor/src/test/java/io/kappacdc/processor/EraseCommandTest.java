package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.stream.CapturedTopics;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.runtime.cli.ExitCode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EraseCommandTest {
  private static final TableSchema ACCOUNT =
      new TableSchema(
          "public",
          "account",
          List.of(Column.of("bank", "numeric"), Column.of("number", "character varying(2)")),
          List.of("bank", "number"),
          ReplicaIdentity.DEFAULT);
  private static final TableSchema NOTE =
      new TableSchema(
          "public", "note", List.of(Column.of("text", "text")), List.of(), ReplicaIdentity.DEFAULT);

  @TempDir private Path directory;
  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final CapturedTopics capture =
      new CapturedTopics(kafka).createTable(ACCOUNT).createTable(NOTE);
  private CommandProcess kappa;

  @BeforeEach
  void fill() throws Exception {
    kappa = new CommandProcess(directory, kafka, postgres);
    capture
        .begin()
        .create(ACCOUNT, "1.00", "7")
        .create(ACCOUNT, "1.00", "8")
        .create(ACCOUNT, "2", "7")
        .create(NOTE, "a note")
        .commit();
    capture.begin();
    capture.add((origin, table) -> ChangeEvent.delete(origin, table, Row.of("1.00", "7")), ACCOUNT);
    capture.commit();
    CommandProcess.Outcome filled =
        kappa.run("replay", "--from=earliest", "--rebuild", "--no-verify");
    assertThat(filled.exitCode()).as(filled.output()).isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void close() {
    capture.close();
  }

  private List<String> query(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = ServersForTests.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }

  private static void assertOutcome(CommandProcess.Outcome outcome, int code, String... parts) {
    assertThat(outcome.exitCode()).as(outcome.output()).isEqualTo(code);
    assertThat(outcome.output()).contains(parts);
  }

  @Test
  void itAsksFirstRefusesWhatItCannotDoAndThenRemoves() throws Exception {
    String trail = "SELECT bank || '/' || number FROM public.account_trail ORDER BY 1";
    String[] key = {"erase", "--table=public.account", "--key=bank=1.0", "--key=number=7"};

    assertOutcome(
        kappa.run("erase", "--table=public.note", "--key=1"),
        ExitCode.FAILED,
        "problem: Rows of public.note cannot be told apart",
        "no primary key");
    assertOutcome(
        kappa.run("erase", "--table=public.account", "--key=bank=1", "--key=number=789", "--yes"),
        ExitCode.FAILED,
        "problem: This is not a primary key of public.account",
        "cuts it off");
    assertOutcome(
        kappa.run("erase", "--table=public.account", "--key=bank=1", "--key=number=8", "--yes"),
        ExitCode.FAILED,
        "problem: The row is still there",
        "DELETE it at the source");
    assertOutcome(
        kappa.run(key),
        ExitCode.NOT_DONE,
        "1.00, 7",
        "2  postgres-trail",
        "2  delta-trail",
        "Kafka keeps the changes in topic " + capture.topic(ACCOUNT) + " for ",
        "Nothing was removed.");
    assertThat(query(trail)).containsExactly("1.00/7", "1.00/7", "1.00/8", "2/7");

    List<String> yes = new ArrayList<>(List.of(key));
    yes.add("--yes");
    assertOutcome(
        kappa.run(yes.toArray(String[]::new)),
        ExitCode.OK,
        "No processor is running: this command does it.",
        "Removed.",
        "nothing of it was found.");
    assertThat(query(trail)).containsExactly("1.00/8", "2/7");
    assertThat(query("SELECT state || ' ' || (request IS NULL) FROM kappa.erasures"))
        .containsExactly("done true");
    assertOutcome(
        kappa.run("replay", "--from=earliest", "--no-verify"),
        ExitCode.OK,
        "WARNING: rows were erased from here 1 times");
    assertThat(query(trail)).containsExactly("1.00/8", "2/7");
  }

  @Test
  void whatIsStillOnItsWayIsNotTakenForNothing() throws Exception {
    capture.begin().create(ACCOUNT, "3", "9");
    capture.add((origin, table) -> ChangeEvent.delete(origin, table, Row.of("3", "9")), ACCOUNT);
    capture.commit();
    String[] key = {"erase", "--table=public.account", "--key=bank=3", "--key=number=9"};

    assertOutcome(kappa.run(key), ExitCode.OK, "nothing of it was found.");
    List<String> yes = new ArrayList<>(List.of(key));
    yes.add("--yes");
    assertOutcome(kappa.run(yes.toArray(String[]::new)), ExitCode.FAILED, "is at offset");
  }
}
