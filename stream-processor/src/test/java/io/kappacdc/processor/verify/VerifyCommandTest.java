package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VerifyCommandTest {
  @TempDir Path directory;

  private record Outcome(int exitCode, String out, String err) {}

  private Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Cli.commandLine(new VerifyCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    return new Outcome(line.execute(arguments), out.toString(), err.toString());
  }

  private Path config(String kafka, String source) throws Exception {
    return Files.writeString(
        directory.resolve("kappa.yaml"),
        """
        source: {url: "%s", user: nobody, password: secret}
        sink: {url: "jdbc:postgresql://127.0.0.1:1/none"}
        kafka: {bootstrap-servers: "%s"}
        lake: {path: "%s"}
        """
            .formatted(source, kafka, directory.resolve("lake")));
  }

  @Test
  void withoutAStackItIsNotVerified() {
    Outcome outcome = run("--home", directory.toString());

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(outcome.err())
        .startsWith(
            "problem: Could not verify\n"
                + "cause:   source.url is not set, and no stack is up in this home directory\n");
  }

  @Test
  void anUnreachableKafkaIsNotVerified() throws Exception {
    Path config = config("127.0.0.1:1", "jdbc:postgresql://127.0.0.1:1/none");

    Outcome outcome =
        run("--home", directory.toString(), "--config", config.toString(), "--timeout", "1s");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(outcome.err())
        .contains("cause:   the cuts in topic pgsrc-kappa-cuts cannot be read");
  }

  @Test
  void anUnreachableSourceIsNotVerifiedInJsonToo() throws Exception {
    try (PipelineFixture pipeline = new PipelineFixture()) {
      Path config =
          config(
              TestStack.STACK.kafka().bootstrapServers()
                  + "\"\n  , topic-prefix: \""
                  + pipeline.prefix,
              "jdbc:postgresql://127.0.0.1:1/none");

      Outcome outcome =
          run("--home", directory.toString(), "--config", config.toString(), "--json");

      assertThat(outcome.exitCode()).isEqualTo(ExitCode.NOT_DONE);
      assertThat(outcome.err())
          .contains("cause:   the source at jdbc:postgresql://127.0.0.1:1/none as nobody cannot be")
          .doesNotContain("secret");
      assertThat(outcome.out()).contains("\"verdict\" : \"not-verified\"");
    }
  }

  @Test
  void aDurationThatIsNoneIsRefused() {
    Outcome outcome = run("--home", directory.toString(), "--timeout", "soon");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(outcome.err()).contains("'soon' is no duration such as 30s or 5m");
  }
}
