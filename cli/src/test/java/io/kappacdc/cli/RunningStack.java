package io.kappacdc.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code kappa up} on a database of a source that is there before it, as a user runs it. */
public final class RunningStack implements AutoCloseable {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Duration START_MAX = Duration.ofMinutes(10);
  private static final int LINES_MAX = 40;
  private static final Duration COMMAND_MAX = Duration.ofMinutes(10);

  /** What a command printed and how it ended. */
  public record Outcome(int exitCode, String output) {}

  private final Path directory;
  private final EmbeddedPostgres source;
  private final String database;
  private final List<String> upArguments;
  private @Nullable Process up;
  private int commands;

  /**
   * A stack whose source has a new, empty database; its pipeline is not running yet.
   *
   * @param upArguments of {@code kappa up}; without any, the database's address
   */
  public RunningStack(
      Path directory, EmbeddedPostgres source, String database, String... upArguments)
      throws SQLException {
    this.directory = directory;
    this.source = source;
    this.database = database;
    this.upArguments = List.of(upArguments);
    source.createDatabaseIfMissing(database);
  }

  public Connection source() throws SQLException {
    return source.connect(database);
  }

  /** Starts the pipeline unless it is there. */
  public void up() throws IOException {
    if (up != null) {
      return;
    }
    List<String> arguments = new ArrayList<>(List.of("up"));
    arguments.addAll(
        upArguments.isEmpty() ? List.of("--source-url=" + source.jdbcUrl(database)) : upArguments);
    Process process = launcher("up.log", arguments.toArray(String[]::new)).start();
    up = process;
    await()
        .atMost(START_MAX)
        .failFast(() -> assertThat(process.isAlive()).as(logOf("up.log")).isTrue())
        .until(() -> logOf("up.log").lines().anyMatch("READY"::equals));
  }

  public Outcome kappa(String... arguments) throws IOException, InterruptedException {
    String log = "command-" + commands++ + ".log";
    Process process = launcher(log, arguments).start();
    if (!process.waitFor(COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", arguments) + " did not end:\n" + logOf(log));
    }
    return new Outcome(process.exitValue(), logOf(log));
  }

  private ProcessBuilder launcher(String log, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ROOT.resolve("kappa").toString());
    command.addAll(List.of(arguments));
    command.add("--home=" + directory.resolve("home"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("KAPPA_SOURCE_USER", source.user());
    builder.environment().put("KAPPA_SOURCE_PASSWORD", source.password());
    builder.environment().put("KAPPA_SOURCE_SLOT", database);
    ShortLived.configure(builder);
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true).redirectOutput(directory.resolve(log).toFile());
    return builder;
  }

  /** What the pipeline itself said, and the errors in its parts' logs. */
  public String complaints() throws IOException {
    StringBuilder complaints = new StringBuilder(logOf("up.log"));
    for (String role : List.of("capture", "processor")) {
      logOf("home/logs/" + role + ".log")
          .lines()
          .filter(line -> line.matches(".*(ERROR|WARN|Exception|^cause:|^Caused by).*"))
          .limit(LINES_MAX)
          .forEach(line -> complaints.append(role).append(": ").append(line).append('\n'));
    }
    return complaints.toString();
  }

  private String logOf(String name) throws IOException {
    Path log = directory.resolve(name);
    return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
  }

  @Override
  public void close() throws InterruptedException {
    Process process = up;
    if (process != null) {
      process.destroy();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
