package io.kappacdc.load.gatling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import picocli.CommandLine;

class LoadCommandTest {
  @TempDir static Path directory;
  private static EmbeddedPostgres postgres;
  private static Path config;

  record Outcome(int exitCode, String out, String err) {}

  @BeforeAll
  static void startPostgres() throws Exception {
    postgres =
        EmbeddedPostgres.builder(directory.resolve("source")).setting("fsync", "off").start();
    config = directory.resolve("kappa.yaml");
    Files.writeString(
        config,
        "source: {url: '%s', user: '%s', password: '%s'}"
            .formatted(postgres.jdbcUrl("postgres"), postgres.user(), postgres.password()));
  }

  @AfterAll
  static void stopPostgres() {
    postgres.stop();
  }

  private static Outcome load(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--config=" + config);
    all.add("--home=" + directory.resolve("home"));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Cli.commandLine(new LoadCommand());
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = command.execute(all.toArray(String[]::new));
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  private static Map<?, ?> json(Path file) throws Exception {
    return (Map<?, ?>)
        new Load(org.snakeyaml.engine.v2.api.LoadSettings.builder().build())
            .loadFromString(Files.readString(file));
  }

  private static long number(Map<?, ?> json, String... path) {
    Object value = json;
    for (String key : path) {
      value = ((Map<?, ?>) value).get(key);
    }
    return ((Number) value).longValue();
  }

  @Test
  void gatlingReportsWhatTheSourceCommitted() throws Exception {
    // When
    Path json = directory.resolve("load.json");
    Path report = directory.resolve("report");
    Outcome outcome =
        load(
            "--spec=orders",
            "--rate=400",
            "--duration=3s",
            "--warm-up=1s",
            "--json=" + json,
            "--report=" + report);

    // Then
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .contains("put ", " rows there to begin with", "committed ", "report: " + report);
    Map<?, ?> summary = json(json);
    long committed =
        number(summary, "whole", "inserts")
            + number(summary, "whole", "updates")
            + number(summary, "whole", "deletes");
    long transactions = number(summary, "whole", "transactions");
    assertThat(number(summary, "whole", "due")).isBetween(900L, 1_500L);
    assertThat(committed).isBetween(900L, 1_500L);
    assertThat(number(summary, "measured", "transactions")).isBetween(1L, transactions - 1);
    assertThat(count("SELECT count(*) FROM public.history")).isPositive();

    Path run;
    try (Stream<Path> runs = Files.list(report)) {
      run = runs.filter(r -> Files.exists(r.resolve("index.html"))).findFirst().orElseThrow();
    }
    // The table's first row is the one of all requests: total, OK, KO.
    String rows = Files.readString(run.resolve("index.html"));
    assertThat(rows.replaceFirst("(?s).*?class=\"value ok col-3\">(\\d+)<.*", "$1"))
        .isEqualTo(Long.toString(transactions));
  }

  @Test
  void aSparseLoadKeepsItsTimes() {
    Outcome outcome =
        load("--spec=funds", "--rate=200", "--tx-rows=200", "--duration=3s", "--no-report");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("committed 600 changes").contains("in 3 transactions");
    double p50 =
        Double.parseDouble(
            outcome.out().replaceFirst("(?s).*intended time: p50 ([0-9.]+) ms.*", "$1"));
    assertThat(p50).isLessThan(500);
  }

  @Test
  void aShortfallIsShownAndFails() {
    Outcome outcome =
        load(
            "--spec=wide",
            "--rate=1000000",
            "--connections=1",
            "--duration=1s",
            "--profile=tenfold",
            "--no-report");

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.out()).contains("shortfall: ", "changes that were due were not made");
  }

  @Test
  void aMixThatTheSpecCannotHaveIsRefused() throws Exception {
    Path file = directory.resolve("inserts.yaml");
    Files.writeString(
        file,
        """
        description: inserts alone
        tables:
          public.log: {columns: {id: {type: serial, value: key}}}
        transactions: [{rows: 1, mix: 1/0/0}]
        """);

    Outcome outcome = load("--rate=1", "--duration=2s", "--mix=60/30/10", "--spec=" + file);

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(outcome.err())
        .contains("tables.public.log.update: is missing: its rows are updated");
  }

  /** A table whose keys leave most connections without a row is seen only while the load runs. */
  @Test
  void aLoadThatBreaksEndsAtOnce() throws Exception {
    execute("CREATE TABLE public.parent (id serial PRIMARY KEY)");
    execute("INSERT INTO public.parent SELECT 1000 * n FROM generate_series(1, 8) n");
    Path file = directory.resolve("broken.yaml");
    Files.writeString(
        file,
        """
        description: every row refers to another one
        tables:
          public.parent: {rows: 8, columns: {id: {type: serial, value: key}}}
          public.child:
            columns:
              id: {type: serial, value: key}
              parent: {type: integer, value: reference, table: public.parent}
        transactions: [{rows: 1, mix: 1/0/0, tables: [public.child]}]
        """);

    Outcome outcome =
        assertTimeoutPreemptively(
            Duration.ofMinutes(2),
            () -> load("--rate=100", "--duration=10m", "--no-report", "--spec=" + file));

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.err()).contains("The workload broke");
  }

  @Test
  void wrongOptionsAreRefusedBeforeAnythingIsDone() {
    assertThat(load("--rate=1").exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(load("--rate=1", "--duration=soon").err())
        .contains("'soon' is not a duration such as 500ms, 30s, 10m or 1h");
    assertThat(load("--rate=1", "--duration=1500ms").err())
        .contains("--duration must be whole seconds, at least one");
    assertThat(load("--rate=1", "--duration=2s", "--mix=1/2").err())
        .contains("'1/2': expected inserts/updates/deletes such as 60/30/10");
    assertThat(load("--rate=-5", "--duration=1s").err())
        .contains("The rate must be from 0 to 10,000,000 changes a second");
    assertThat(load("--rate=1", "--duration=9s", "--warm-up=9s").err())
        .contains("The warm-up must be shorter than the whole load");
    Outcome unknown = load("--rate=1", "--duration=2s", "--spec=fund");
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(unknown.err()).contains("problem: There is no workload fund", "cause:   it is none");
  }

  @Test
  void aSpecWithErrorsIsRefusedWithAllOfThem() throws Exception {
    Path file = directory.resolve("mine.yaml");
    Files.writeString(file, "tables: {}\ntransctions: []");

    Outcome outcome = load("--rate=1", "--duration=2s", "--spec=" + file);

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(outcome.err())
        .contains(
            "problem: The workload mine has 4 errors",
            "transctions: unknown key; did you mean transactions?",
            "description: is missing");
  }

  @Test
  void withoutASourceItSaysWhatToDo() {
    Path home = directory.resolve("nothing");
    StringWriter err = new StringWriter();

    int exitCode =
        Cli.commandLine(new LoadCommand())
            .setErr(new PrintWriter(err))
            .execute("--rate=1", "--duration=1s", "--home=" + home);

    assertThat(exitCode).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString().lines())
        .containsExactly(
            "problem: There is no source database to go to",
            "cause:   no stack is up in " + home + " and the configuration has no source.url",
            "remedy:  Start ./kappa up first (same --home), or set source.url.");
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = postgres.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(String sql) throws SQLException {
    try (Connection connection = postgres.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
