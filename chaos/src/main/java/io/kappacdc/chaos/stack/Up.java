package io.kappacdc.chaos.stack;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code kappa up}, the pipeline as a user runs it, in a process of its own that starts capture and
 * processor and starts them again. One thread at a time.
 */
public final class Up implements AutoCloseable {
  /** What it says when capture has read all tables anew, and after its verification of that. */
  private static final String ANNOUNCED = "capture has read all tables anew";

  private static final String SAME = "verified: source and stores hold the same";
  private static final String DIFFERENT = "NOT THE SAME";
  private static final String GIVEN_UP = "; run kappa verify";

  private static final Duration READY_MAX = Duration.ofMinutes(4);
  private static final Duration STOP_MAX = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(50);

  /** Ends the process when the harness is gone, in whatever way. */
  private static final String LEASH = "trap '' INT HUP; read -r _; kill -TERM \"$1\" 2>/dev/null";

  private final Path script;
  private final Path home;
  private final Path config;
  private final Map<String, String> environment;
  private int starts;
  private int commands;
  private @Nullable Process process;

  /**
   * @param script the launcher
   * @param home the pipeline's home directory
   * @param environment of the process, in addition to this one's
   */
  Up(Path script, Path home, Path config, Map<String, String> environment) {
    this.script = script;
    this.home = home;
    this.config = config;
    this.environment = Map.copyOf(environment);
  }

  private Path log(int start) {
    return home.resolve("logs").resolve("up-" + start + ".log");
  }

  /** Starts it; its output goes to {@code logs/up-<number>.log} of the home. */
  public void start() {
    start(Map.of());
  }

  /** Starts it so that it ends where going on would leave a gap. */
  public void startCautiously() {
    start(Map.of("KAPPA_CAPTURE_ON_GAP", "stop", "KAPPA_UP_RESTARTS_MAX", "1"));
  }

  /**
   * Starts it with other settings than those of its configuration.
   *
   * @param more by name of the environment's variable
   */
  public void start(Map<String, String> more) {
    try {
      Files.createDirectories(home.resolve("logs"));
      Path log = log(starts + 1);
      ProcessBuilder builder =
          new ProcessBuilder(
                  List.of(
                      "sh",
                      "-c",
                      "trap '' INT HUP; exec \"$@\"",
                      "kappa-chaos",
                      script.toString(),
                      "up",
                      "--home=" + home,
                      "--config=" + config))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      builder.environment().putAll(more);
      builder.environment().put("KAPPA_BUILD", "never");
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      process = builder.start();
      starts++;
      process.getOutputStream().close();
      leash(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void leash(Process process) throws IOException {
    Process shell =
        new ProcessBuilder("sh", "-c", LEASH, "kappa-leash", Long.toString(process.pid()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.onExit().thenRun(shell::destroyForcibly);
  }

  /**
   * Waits for READY.
   *
   * @throws KappaException if it ends before, or takes too long
   */
  public void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY_MAX.toNanos();
    while (lines().stream().noneMatch("READY"::equals)) {
      if (!isAlive() || System.nanoTime() > deadline) {
        throw new KappaException(
            "The pipeline did not become ready",
            isAlive() ? "it took longer than " + READY_MAX.toSeconds() + " s" : lastWords(),
            "Look into the logs in " + home.resolve("logs") + ".");
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  public boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** How it ended, if it has. */
  public Optional<Integer> exitCode() {
    return isAlive() || process == null ? Optional.empty() : Optional.of(process.exitValue());
  }

  /** What it has printed since its last start. */
  public List<String> lines() {
    return starts == 0 ? List.of() : lines(starts);
  }

  private List<String> lines(int start) {
    try {
      return Files.readString(log(start), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How often it has said that all tables were read anew, since its first start. */
  public int gapsAnnounced() {
    int count = 0;
    for (int start = 1; start <= starts; start++) {
      count += (int) lines(start).stream().filter(line -> line.contains(ANNOUNCED)).count();
    }
    return count;
  }

  /**
   * Waits until it has verified what it read anew.
   *
   * @param announced how often it had said so before
   * @throws KappaException if it found a difference, gave up, or took too long
   */
  public void awaitVerified(int announced, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (gapsAnnounced() <= announced || !isVerified()) {
      if (System.nanoTime() > deadline) {
        throw new KappaException(
            "The pipeline did not verify what it healed",
            "it took longer than " + patience.toSeconds() + " s; it said:\n" + lastWords(),
            "Look into the logs in " + home.resolve("logs") + ".");
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  private boolean isVerified() {
    List<String> lines = lines();
    List<String> since =
        lines.subList(
            IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).contains(ANNOUNCED))
                .reduce(0, (first, last) -> last),
            lines.size());
    if (since.stream().anyMatch(line -> line.contains(DIFFERENT) || line.contains(GIVEN_UP))) {
      throw new KappaException(
          "The pipeline healed a gap, and found that it did not",
          lastWords(),
          "Look into " + home.resolve("logs").resolve("verify.log") + ".");
    }
    return since.stream().anyMatch(line -> line.contains(SAME));
  }

  /** The end of what it printed. */
  public String lastWords() {
    List<String> lines = lines();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
  }

  /** The process of a role, if one runs at this moment. */
  public Optional<Long> pid(Role role) {
    try {
      Path file = home.resolve("run").resolve(role.label() + ".pid");
      String[] pidAndStart = Files.readString(file).strip().split(" ");
      return Optional.of(Long.parseLong(pidAndStart[0]))
          .filter(pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent());
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // about to be started again
    }
  }

  /** The supervisor's own process. */
  public Optional<Long> pid() {
    return Optional.ofNullable(process).filter(Process::isAlive).map(Process::pid);
  }

  /** Waits for its end; false if it did not come in time. */
  public boolean exits(Duration patience) throws InterruptedException {
    return process == null || process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Runs another command of the product on the same home, and returns what it printed last.
   *
   * @throws KappaException if it does not end well in time
   */
  public String command(Duration patience, String... arguments)
      throws IOException, InterruptedException {
    Path output = home.resolve("logs").resolve("command-" + ++commands + ".log");
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    command.add("--home=" + home);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("KAPPA_BUILD", "never");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process started = builder.start();
    leash(started);
    try {
      boolean ended = started.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
      List<String> lines = Files.readString(output, StandardCharsets.UTF_8).lines().toList();
      if (!ended || started.exitValue() != 0) {
        throw new KappaException(
            "kappa " + String.join(" ", arguments) + " did not do what it is for",
            (ended ? "it exited with code " + started.exitValue() : "it did not end")
                + ":\n"
                + String.join("\n", lines),
            "Look into " + output + ".");
      }
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    } finally {
      started.destroyForcibly();
    }
  }

  /** Stops it in an orderly way. */
  @Override
  public void close() {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
