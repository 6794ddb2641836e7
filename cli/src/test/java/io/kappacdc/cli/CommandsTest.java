package io.kappacdc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
  @TempDir Path directory;

  /** What a command printed and how it ended. */
  private record Outcome(int exitCode, String out, String err) {}

  @Test
  void helpListsEveryCommandWithALine() {
    Outcome help = run("--help");

    assertThat(help.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(help.out().lines().map(line -> line.replaceAll("^ {2}(\\w+) .*", "$1")))
        .containsSubsequence(
            "demo",
            "up",
            "status",
            "doctor",
            "verify",
            "sql",
            "types",
            "snapshot",
            "load",
            "bench",
            "replay",
            "quarantine",
            "erase",
            "config",
            "capture",
            "process");
  }

  @Test
  void everyCommandOfThisProgramHasHelp() {
    for (String command : new String[] {"demo", "up", "status", "doctor", "bench", "config"}) {
      Outcome help = run(command, "--help");

      assertThat(help.exitCode()).as(command).isEqualTo(ExitCode.OK);
      assertThat(help.out()).startsWith("Usage: kappa " + command).contains("--config", "--home");
      assertThat(help.err()).isEmpty();
    }
  }

  @Test
  void wrongCallsExitWithTwo() {
    assertThat(run("nonsense").exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(run("demo", "--seconds", "0").exitCode()).isEqualTo(ExitCode.NOT_DONE);
  }

  @Test
  void benchRefusesWhatItCannotRunOrCompare() {
    assertThat(run("bench", "--duration", "1500ms").err())
        .contains("--rate must be greater than 0, --duration and --warm-up whole seconds");
    Outcome nothing = run("bench", "compare", "" + directory, "" + directory);
    assertThat(nothing.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(nothing.err()).contains("problem: There is no result to compare");
  }

  @Test
  void statusOfNothingSaysSoAndFails() {
    Outcome status = run("status", "--home", "" + directory);

    assertThat(status.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(status.out()).contains("stack           not up here", "no stack is up in");
  }

  @Test
  void configShowsTheReferenceOrTheValuesInEffectWithoutSecrets() throws Exception {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(file, "source: {url: 'jdbc:postgresql://h/d', password: geheim}");

    Outcome effective =
        run("config", "--effective", "--config", "" + file, "--home", "" + directory);

    assertThat(run("config").out()).contains("`capture.heartbeat-interval`");
    assertThat(effective.out())
        .contains("source.url: jdbc:postgresql://h/d", "source.password: ********")
        .doesNotContain("geheim");
  }

  @Test
  void upReportsAllErrorsOfTheConfigurationAtOnce() throws Exception {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(file, "source: {ulr: x}\nkafka: {partitions: none}");

    Outcome up = run("up", "--config", "" + file, "--home", "" + directory);

    assertThat(up.exitCode()).isEqualTo(ExitCode.NOT_DONE);
    assertThat(up.err())
        .contains("source.ulr: unknown key; did you mean source.url?")
        .contains("kafka.partitions: 'none' does not fit");
  }

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        KappaMain.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Outcome(exitCode, out.toString(), err.toString());
  }
}
