package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
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

class QuarantineCommandTest {
  private static final TableSchema FUND = fund(Column.of("id", "integer"));
  private static final TableSchema NAMED_FUND =
      fund(Column.of("id", "integer"), Column.of("name", "text"));

  @TempDir private Path directory;
  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final CapturedTopics capture = new CapturedTopics(kafka).createTable(FUND);
  private CommandProcess kappa;

  @BeforeEach
  void configure() throws Exception {
    kappa = new CommandProcess(directory, kafka, postgres);
  }

  @AfterEach
  void close() {
    capture.close();
  }

  private static TableSchema fund(Column... columns) {
    return new TableSchema(
        "public", "fund", List.of(columns), List.of("id"), ReplicaIdentity.DEFAULT);
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

  private void fill() throws Exception {
    CommandProcess.Outcome filled =
        kappa.run("replay", "--from=earliest", "--rebuild", "--no-verify");
    assertThat(filled.exitCode()).as(filled.output()).isEqualTo(ExitCode.OK);
  }

  @Test
  void whatCanBeReadLaterIsPutInItsPlace() throws Exception {
    // Given
    capture.begin().create(FUND, "1").garbage(FUND).create(NAMED_FUND, "2", "two").commit();
    capture.begin().create(FUND, "3").commit();
    fill();
    assertThat(query("SELECT id FROM public.fund_trail ORDER BY id")).containsExactly("1", "3");
    ServersForTests.publish(kafka, NAMED_FUND);

    // When
    CommandProcess.Outcome retried = kappa.run("quarantine", "retry", "--no-verify");

    // Then
    assertThat(retried.exitCode()).as(retried.output()).isEqualTo(ExitCode.OK);
    assertThat(retried.output()).contains("Records of public.fund can be read now; rebuilding it.");
    assertThat(query("SELECT id || coalesce(name, '') FROM public.fund_trail ORDER BY id"))
        .containsExactly("1", "2two", "3");
    CommandProcess.Outcome list = kappa.run("quarantine", "list");
    assertThat(list.exitCode()).as(list.output()).isEqualTo(ExitCode.OK);
    assertThat(
            list.output()
                .lines()
                .filter(line -> line.contains("Not a change event: JsonParseException"))
                .map(line -> line.substring(0, line.indexOf(' '))))
        .containsExactlyInAnyOrder("postgres-trail", "delta-trail", "delta-mirror");
    assertThat(list.output()).doesNotContain("Schema ");
  }

  @Test
  void whatIsNobodysEventStaysWhereItIs() throws Exception {
    // Given
    capture.begin().create(FUND, "1").garbage(FUND).commit();
    fill();

    // When
    CommandProcess.Outcome retried = kappa.run("quarantine", "retry");

    // Then
    assertThat(retried.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(retried.output())
        .contains("problem: None of the 3 records in quarantine can be read", "cause:", "remedy:");
  }
}
