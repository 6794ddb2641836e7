package io.kappacdc.cli.bench;

import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.OwnWords;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The stack that is measured: one that is up, or one of its own, new and embedded, in a process
 * like any user's {@code kappa up}.
 */
public final class BenchStack implements AutoCloseable {
  private static final Duration READY_MAX = Duration.ofMinutes(5);
  private static final Duration STOP_MAX = Duration.ofMinutes(2);

  private final KappaHome home;
  private final @Nullable Process up;

  private BenchStack(KappaHome home, @Nullable Process up) {
    this.home = home;
    this.up = up;
  }

  /** The stack that is up in this home; nothing is changed about it. */
  public static BenchStack ofHome(KappaHome home) {
    return new BenchStack(home, null);
  }

  /**
   * Starts a new one, and returns when it is ready. What an earlier one left in the home is deleted
   * first.
   *
   * @param environment values that stand in the place of this process's environment
   */
  public static BenchStack start(Launcher launcher, KappaHome home, Map<String, String> environment)
      throws IOException, InterruptedException {
    if (home.runningSupervisor().isPresent()) {
      throw new KappaException(
          "There is a benchmark already",
          "process " + home.runningSupervisor().get() + " runs the stack in " + home.directory(),
          "Wait for it, or use another --home.");
    }
    delete(home.directory());
    Path log = home.directory().resolveSibling(home.directory().getFileName() + "-up.log");
    Process up = launcher.startTied(List.of("up", "--home=" + home.directory()), environment, log);
    BenchStack stack = new BenchStack(home, up);
    try {
      stack.awaitReady(log);
      return stack;
    } catch (RuntimeException | InterruptedException e) {
      stack.close();
      throw e;
    }
  }

  private void awaitReady(Path log) throws InterruptedException {
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(ready), "stack-output");
    reader.setDaemon(true);
    reader.start();
    boolean isReady =
        ready.completeOnTimeout(false, READY_MAX.toSeconds(), TimeUnit.SECONDS).join();
    if (!isReady) {
      throw ownWords(log);
    }
  }

  private void read(CompletableFuture<Boolean> ready) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(up.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("READY")) {
          ready.complete(true);
        }
      }
    } catch (IOException e) {
      // It was stopped.
    } finally {
      ready.complete(false);
    }
  }

  private static KappaException ownWords(Path log) {
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
                    "The stack of the benchmark did not become ready",
                    "kappa up ended, or did not say READY within " + READY_MAX.toMinutes() + " min",
                    "Look into " + log + " and the logs beside it."));
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public KappaHome home() {
    return home;
  }

  /** Whether it was started for the benchmark alone: then every change there is the load's. */
  boolean isOwn() {
    return up != null;
  }

  @Override
  public void close() {
    if (up == null) {
      return;
    }
    up.destroy();
    try {
      if (!up.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
        up.destroyForcibly();
      }
    } catch (InterruptedException e) {
      up.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
