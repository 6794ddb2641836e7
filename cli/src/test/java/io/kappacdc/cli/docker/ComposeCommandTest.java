package io.kappacdc.cli.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the compose commands of this machine say of docker-compose.yml. */
class ComposeCommandTest {
  @TempDir Path directory;

  /** What a command printed and how it ended. */
  private record Outcome(int exitCode, String text) {}

  @ParameterizedTest
  @ValueSource(strings = {"docker compose", "docker-compose"})
  void acceptsTheFileWithThePasswordsSet(String compose) throws Exception {
    assumeThatAnswers(compose);
    Path environment = environment("=abc123");

    Outcome outcome =
        run(compose, environment, "--profile load --profile tools config --services".split(" "));

    assertThat(outcome.exitCode()).as(outcome.text()).isZero();
    assertThat(outcome.text().lines())
        .contains("source", "sink", "kafka", "capture", "processor", "kappa", "load")
        .contains("console", "prometheus", "grafana");
    assertThat(outcome.text()).doesNotContainIgnoringCase("warning");
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker compose", "docker-compose"})
  void saysWhatToDoWithoutThem(String compose) throws Exception {
    assumeThatAnswers(compose);
    Path environment = environment("=");

    Outcome outcome = run(compose, environment, "config", "--services");

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.text()).contains("copy .env.example to .env and set it there");
  }

  private void assumeThatAnswers(String compose) throws Exception {
    List<String> command = new ArrayList<>(List.of(compose.split(" ")));
    command.add("version");
    assumeTrue(
        isThere(command.get(0)) && execute(command).exitCode() == 0,
        "skipped: `" + compose + "` does not answer on this machine");
  }

  private static boolean isThere(String program) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(part -> Files.isExecutable(Path.of(part, program)));
  }

  /** The example, with the passwords as given. */
  private Path environment(String password) throws IOException {
    String example = Files.readString(root().resolve(".env.example"));
    return Files.writeString(
        directory.resolve("env"), example.replaceAll("(?m)(PASSWORD|TOKEN)=$", "$1" + password));
  }

  private Outcome run(String compose, Path environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(compose.split(" ")));
    command.addAll(List.of("--env-file", environment.toString(), "-f", "docker-compose.yml"));
    command.addAll(List.of(arguments));
    return execute(command);
  }

  private Outcome execute(List<String> command) throws Exception {
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(root().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    // What is set outside counts more than the file.
    builder
        .environment()
        .keySet()
        .removeAll(new ComposeProject(root(), ComposeProject.Texts.of(root())).exampleNames());
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), Files.readString(output));
  }

  private static Path root() {
    return Path.of(System.getProperty("kappa.root"));
  }
}
