package io.kappacdc.cli.bench;

import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.OwnWords;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code kappa load} as a process of its own. */
final class LoadRun implements AutoCloseable {
  /** The line that says when the schedule begins. */
  static final String BEGINS = "the load begins at ";

  /** Beyond the load itself: the start, Gatling's report. */
  private static final Duration BESIDE_MAX = Duration.ofMinutes(15);

  private final Process process;
  private final Duration max;
  private final Path log;
  private final CompletableFuture<Instant> begin = new CompletableFuture<>();
  private final PrintWriter out;

  private LoadRun(Process process, Duration max, Path log, PrintWriter out) {
    this.process = process;
    this.max = max;
    this.log = log;
    this.out = out;
  }

  /**
   * Starts it.
   *
   * @param whole how long the load lasts, warm-up and end included
   */
  static LoadRun start(
      Launcher launcher,
      KappaHome home,
      BenchSpec spec,
      Duration whole,
      Path results,
      PrintWriter out)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "load",
                "--home=" + home.directory(),
                "--spec=" + spec.workload(),
                "--rate=" + spec.changesPerSecond(),
                "--duration=" + whole.toSeconds() + "s",
                "--warm-up=" + spec.warmUp().toSeconds() + "s",
                "--profile=" + spec.profile().name().toLowerCase(Locale.ROOT),
                "--connections=" + spec.connections(),
                "--seed=" + spec.seed(),
                "--rows=" + spec.rows(),
                "--report=" + results.resolve("gatling"),
                "--json=" + results.resolve("load.json")));
    Path log = results.resolve("load.log");
    Process process = launcher.startTied(arguments, Map.of(), log);
    LoadRun run = new LoadRun(process, whole.plus(BESIDE_MAX), log, out);
    Thread reader = new Thread(run::read, "load-output");
    reader.setDaemon(true);
    reader.start();
    return run;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(BEGINS)) {
          begin.complete(Instant.parse(line.substring(BEGINS.length()).strip()));
        }
        out.println("  load: " + line);
        out.flush();
      }
    } catch (IOException e) {
      // It was stopped.
    } finally {
      begin.completeExceptionally(new IllegalStateException("the load ended before it began"));
    }
  }

  long pid() {
    return process.pid();
  }

  /** Completes with the schedule's time zero. */
  CompletableFuture<Instant> begin() {
    return begin;
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /**
   * Waits for its end.
   *
   * @throws KappaException if it could not do its work, or does not end; a shortfall is none of
   *     that
   */
  void await() throws InterruptedException {
    if (!process.waitFor(max.toSeconds(), TimeUnit.SECONDS)) {
      throw new KappaException(
          "The load does not end",
          "kappa load still runs after %d minutes".formatted(max.toMinutes()),
          "Look into " + log + " and for what the source's sessions wait, in pg_stat_activity.");
    }
    int exitCode = process.exitValue();
    if (!begin.isDone() || begin.isCompletedExceptionally() || exitCode > ExitCode.FAILED) {
      throw failure();
    }
  }

  private KappaException failure() {
    List<String> lines;
    try {
      lines = Files.readAllLines(log);
    } catch (IOException e) {
      lines = List.of();
    }
    return OwnWords.in(lines)
        .orElseGet(
            () ->
                new KappaException(
                    "The load could not be made",
                    "kappa load ended with code " + process.exitValue(),
                    "Look into " + log));
  }

  @Override
  public void close() {
    process.destroy();
  }
}
