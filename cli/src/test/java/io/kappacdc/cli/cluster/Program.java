package io.kappacdc.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.cli.ShortLived;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A script of the project's that was started, and what it printed. */
final class Program implements AutoCloseable {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Duration START_MAX = Duration.ofMinutes(10);
  private static final Duration STOP_MAX = Duration.ofMinutes(1);
  private static final Duration COMMAND_MAX = Duration.ofMinutes(15);

  private final Process process;
  private final Path log;

  private Program(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it in the background.
   *
   * @param log file for what it prints
   * @param command a script below the project's root, and its arguments
   */
  static Program start(Path log, Map<String, String> environment, String... command)
      throws IOException {
    List<String> words = new ArrayList<>(List.of(command));
    words.set(0, ROOT.resolve(command[0]).toString());
    ProcessBuilder builder = new ProcessBuilder(words);
    ShortLived.configure(builder);
    builder.environment().putAll(environment);
    builder.directory(log.getParent().toFile());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    return new Program(builder.start(), log);
  }

  /** Waits for a line that it prints. */
  Program awaitLine(String line) {
    await()
        .atMost(START_MAX)
        .failFast(() -> assertThat(process.isAlive()).as(said()).isTrue())
        .until(() -> said().lines().anyMatch(line::equals));
    return this;
  }

  /** Waits for its end, which must be a good one. */
  String succeeds() throws IOException, InterruptedException {
    assertThat(exitCode()).as(said()).isZero();
    return said();
  }

  /** Waits for its end, with an error for the user. */
  String fails() throws IOException, InterruptedException {
    assertThat(exitCode()).as(said()).isEqualTo(1);
    return said();
  }

  private int exitCode() throws IOException, InterruptedException {
    if (!process.waitFor(COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(log.getFileName() + " did not end:\n" + said());
    }
    return process.exitValue();
  }

  String said() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
