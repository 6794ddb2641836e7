package io.kappacdc.benchmarks.peers;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process of a contender, its output in a log.
 *
 * @param name in the accounts of CPU
 */
record PeerProcess(String name, Process process, Path log) {
  private static final long STOP_SECONDS_MAX = 20;
  private static final int TAIL_LINES = 8;

  static PeerProcess start(
      String name, List<String> command, Map<String, String> environment, Path directory, Path log)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new PeerProcess(name, process, log);
  }

  /** Returns once it has done something. */
  void awaitUntil(BooleanSupplier done, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!done.getAsBoolean()) {
      requireAlive();
      if (System.nanoTime() > deadline) {
        throw failure("it did not do its first work within " + limit.toSeconds() + " s");
      }
      Thread.sleep(100);
    }
  }

  void requireAlive() {
    if (!process.isAlive()) {
      throw failure("it ended with code " + process.exitValue());
    }
  }

  private KappaException failure(String what) {
    return new KappaException(
        "The contender's process " + name + " failed",
        what + "; the end of its log: " + String.join(" / ", tail()),
        "See " + log + ".");
  }

  private List<String> tail() {
    try {
      List<String> lines = Files.readString(log).lines().filter(line -> !line.isBlank()).toList();
      return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    } catch (IOException e) {
      return List.of("no log");
    }
  }

  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
