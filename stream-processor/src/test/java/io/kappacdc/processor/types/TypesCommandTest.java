package io.kappacdc.processor.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.ServersForTests;
import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.SourceConfig;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TypesCommandTest {
  private static final Path PAGE = Path.of(System.getProperty("kappa.root"), "docs", "types.md");
  private static final String BEGIN = "<!-- generated: built-in types -->\n";
  private static final String END = "<!-- end -->\n";

  /** Every type that a column can have and that all databases have; arrays are told apart. */
  private static final String BUILT_IN_TYPES =
      """
      SELECT format_type(t.oid, NULL) FROM pg_type t
      WHERE t.oid::bigint < 10000 AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A'
        AND t.typname !~ '^(gtsvector|pg_(node|ndis|dep|mcv|brin|ddl).*)$'
      UNION ALL VALUES ('numeric(10,2)'), ('numeric(39,0)'), ('integer[]'), ('timestamp(3) with time zone')
      ORDER BY 1
      """;

  @TempDir private Path directory;

  private record Outcome(int exitCode, String out, String err) {}

  private Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Cli.commandLine(new TypesCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--home=" + directory);
    return new Outcome(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
  }

  /** A database of this name with these tables; returns its URL. */
  private static String database(String name, String... statements) throws SQLException {
    EmbeddedPostgres postgres = ServersForTests.stack().source();
    postgres.createDatabaseIfMissing(name);
    try (Connection connection = postgres.connect(name);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
    return postgres.jdbcUrl(name) + "?user=" + postgres.user() + "&password=" + postgres.password();
  }

  @Test
  void tellsWhatEachColumnArrivesAs() throws Exception {
    // Given
    String url =
        database(
            "types_told",
            "CREATE TYPE mood AS ENUM ('so so')",
            "CREATE DOMAIN price AS numeric(6,1)",
            "CREATE TABLE offer (id bigint PRIMARY KEY, p price, m mood, until timestamptz,"
                + " tags text[], twice int GENERATED ALWAYS AS (2) VIRTUAL)",
            "CREATE TABLE unsent (id int)",
            "CREATE PUBLICATION kappa_pub FOR TABLE offer");

    // When
    Outcome outcome = run("--source-url=" + url);

    // Then
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(ExitCode.OK);
    assertThat(outcome.out().lines().map(line -> line.strip().replaceAll(" {2,}", " | ")))
        .containsExactly(
            "public.offer",
            "column | source | trail | lake | in the lake",
            "id | bigint | bigint | BIGINT | typed",
            "p | price | numeric(6,1) | DECIMAL(6,1) | typed, with exact text for NaN",
            "m | mood | text | STRING | text",
            "until | timestamp with time zone | timestamp with time zone | TIMESTAMP"
                + " | typed, with exact text for infinity, BC, years beyond 9999",
            "tags | text[] | text[] | STRING | text");
  }

  @Test
  void tellsWhatPoliciesLeaveOfAColumnAndNeedsNoKeyForIt() throws Exception {
    String url =
        database("types_policies", "CREATE TABLE t (id int, email text, name text, born date)");
    Path config =
        Files.writeString(
            directory.resolve("kappa.yaml"),
            """
            capture:
              columns:
                - {match: public.t.(id|email), policy: hash}
                - {match: '.*name', policy: exclude}
            """);

    Outcome told = run("--source-url=" + url, "--config=" + config);
    Outcome json = run("--json", "--source-url=" + url, "--config=" + config);

    assertThat(told.out().lines().skip(2).map(line -> line.strip().replaceAll(" {2,}", " | ")))
        .as(told.err())
        .containsExactly(
            "id | integer | text | STRING | text, not the value (hash)",
            "email | text | text | STRING | text, not the value (hash)",
            "name | text | does not arrive (exclude)",
            "born | date | date | DATE | typed, with exact text for infinity, BC, years beyond"
                + " 9999");
    assertThat(json.out().replaceAll("\\s+", ""))
        .contains(
            "{\"table\":\"public.t\",\"column\":\"name\",\"sourceType\":\"text\","
                + "\"policy\":\"exclude\",\"exact\":false}",
            "\"column\":\"id\",\"sourceType\":\"integer\",\"policy\":\"hash\",\"trailType\":\"text\"");
  }

  @Test
  void tellsProgramsTheSame() throws Exception {
    String url = database("types_json", "CREATE TABLE t (d date)");

    Outcome outcome = run("--json", "--source-url=" + url);

    assertThat(outcome.out().replaceAll("\\s+", ""))
        .isEqualTo(
            "{\"columns\":[{\"table\":\"public.t\",\"column\":\"d\",\"sourceType\":\"date\","
                + "\"trailType\":\"date\",\"lakeType\":\"DATE\",\"lake\":\"typed,withexacttext\","
                + "\"exactTextFor\":\"infinity,BC,yearsbeyond9999\",\"exact\":true}]}");
  }

  @Test
  void leavesOutTablesThatAreNotCaptured() throws Exception {
    String url =
        database("types_filtered", "CREATE TABLE t (d date)", "CREATE TABLE t_log (d date)");
    Path config =
        Files.writeString(
            directory.resolve("kappa.yaml"), "source: {exclude-tables: ['.*_log']}\n");

    Outcome outcome = run("--config=" + config, "--source-url=" + url);

    assertThat(outcome.out()).contains("public.t\n").doesNotContain("t_log");
  }

  @Test
  void withoutASourceItSaysWhatToDo() {
    Outcome outcome = run();

    assertThat(outcome.exitCode()).isNotEqualTo(ExitCode.OK);
    assertThat(outcome.err()).contains("cause:   source.url is not set", "Give --source-url");
  }

  @Test
  void pageInTheDocsIsWhatTheCodeSays() throws Exception {
    String page = Files.readString(PAGE);
    String expected =
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
            + builtInTypes()
            + page.substring(page.indexOf(END));
    if (Boolean.getBoolean("kappa.regenerate")) {
      Files.writeString(PAGE, expected);
    }

    assertThat(Files.readString(PAGE)).isEqualTo(expected);
  }

  private static String builtInTypes() throws SQLException, IOException {
    List<String> definitions = new ArrayList<>();
    try (Connection connection = ServersForTests.stack().source().connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet types = statement.executeQuery(BUILT_IN_TYPES)) {
      while (types.next()) {
        definitions.add("c" + definitions.size() + " " + types.getString(1));
      }
    }
    database(
        "types_page",
        "DROP TABLE IF EXISTS every",
        "CREATE TABLE every (" + String.join(", ", definitions) + ")");
    SourceConfig unpublished =
        new ConfigLoader().flags(Map.of("source.publication", "none")).load().source();
    StringBuilder table =
        new StringBuilder(
            "| at the source | in the trail | in the lake | exact text there for |\n"
                + "|---|---|---|---|\n");
    try (Connection connection = ServersForTests.stack().source().connect("types_page")) {
      for (SourceColumn column : SourceColumn.read(connection, unpublished)) {
        Arrival arrival = Arrival.of(column.builtInType());
        table.append(
            "| %s | %s | %s | %s |\n"
                .formatted(
                    column.type(),
                    arrival.trailType(),
                    arrival.lakeType(),
                    arrival.exactTextFor()));
      }
    }
    return table.toString();
  }
}
