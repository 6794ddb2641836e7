package io.kappacdc.cli.console;

import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.OwnWords;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.ActionAccount;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts subcommands in processes of their own, one at a time, and keeps the account of them.
 * Thread-safe.
 */
final class Actions implements AutoCloseable {
  private static final String WHO = "console";
  private static final int REMEMBERED_MAX = 10;
  private static final int LINES_MAX = 40;
  private static final int LINE_CHARS_MAX = 300;
  private static final long REFUSALS_NANOS_MIN = 1_000_000_000L;

  private final Launcher launcher;
  private final KappaHome home;
  private final List<String> options;
  private final Clock clock;
  private final ActionAccount account;
  private final Consumer<String> notes;
  private final ArrayDeque<Run> runs = new ArrayDeque<>();
  private @Nullable Process running;
  private long refusedNanos = System.nanoTime() - REFUSALS_NANOS_MIN - 1;

  /**
   * An action's course.
   *
   * @param target what it is about; empty for everything
   * @param ended null while it runs
   */
  private record Run(
      Action action,
      String target,
      Instant started,
      @Nullable Instant ended,
      @Nullable Integer exitCode,
      List<String> said) {}

  /**
   * @param options of each subcommand, in addition to the home
   * @param notes gets the lines of the account
   */
  Actions(
      Launcher launcher,
      KappaHome home,
      List<String> options,
      Clock clock,
      Consumer<String> notes) {
    this.launcher = launcher;
    this.home = home;
    this.options = List.copyOf(options);
    this.clock = clock;
    this.account = new ActionAccount(home, clock);
    this.notes = notes;
  }

  /**
   * Starts one.
   *
   * @param target a table, {@code schema.table}; empty for none
   * @throws RequestException if another one is under way
   */
  synchronized void start(Action action, String target) {
    if (running != null && running.isAlive()) {
      account(action, target, "refused, another one is under way");
      throw new RequestException(
          409,
          "The action was not started",
          "another one is under way",
          "Wait until it has ended.");
    }
    List<String> arguments = new ArrayList<>(action.command());
    arguments.add("--home=" + home.directory());
    arguments.addAll(options);
    if (!target.isEmpty()) {
      arguments.add("--table=" + target);
    }
    Path log = home.resolve("logs").resolve("console-" + action.path() + ".log");
    try {
      Process process =
          launcher.startTied(arguments, Map.of(ActionAccount.KEPT_BY_CALLER, WHO), log);
      running = process;
      Run run = new Run(action, target, clock.instant(), null, null, List.of());
      remember(run);
      account(action, target, "started");
      Thread follower = new Thread(() -> follow(process, run, log), "console-action");
      follower.setDaemon(true);
      follower.start();
    } catch (IOException e) {
      account(action, target, "not started: " + e.getMessage());
      throw new RequestException(
          500,
          "The action was not started",
          String.valueOf(e.getMessage()),
          "Run kappa " + String.join(" ", action.command()) + " in a terminal.");
    }
  }

  private void remember(Run run) {
    runs.addFirst(run);
    if (runs.size() > REMEMBERED_MAX) {
      runs.removeLast();
    }
  }

  private void follow(Process process, Run run, Path log) {
    ArrayDeque<String> said = new ArrayDeque<>();
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        said.addLast(line.substring(0, Math.min(LINE_CHARS_MAX, line.length())));
        if (said.size() > LINES_MAX) {
          said.removeFirst();
        }
      }
      process.waitFor();
    } catch (IOException e) {
      // It was killed: the exit code tells the rest.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int exitCode = process.isAlive() ? ExitCode.NOT_DONE : process.exitValue();
    if (exitCode != ExitCode.OK) {
      error(log).ifPresent(e -> said.addAll(List.of(e.problem(), e.reason(), e.remedy())));
    }
    ended(run, exitCode, List.copyOf(said));
  }

  private static Optional<KappaException> error(Path log) {
    try (Stream<String> lines = Files.lines(log)) {
      return OwnWords.in(lines.limit(1_000).toList());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private synchronized void ended(Run run, int exitCode, List<String> said) {
    runs.remove(run);
    remember(new Run(run.action(), run.target(), run.started(), clock.instant(), exitCode, said));
    account(run.action(), run.target(), "ended with code " + exitCode);
  }

  private void account(Action action, String target, String outcome) {
    try {
      notes.accept("console: " + account.add(WHO, action.path(), target, outcome));
    } catch (IOException e) {
      notes.accept("console: the account of actions cannot be written: " + e.getMessage());
    }
  }

  /** Notes an attempt without the right to it, one a second: anybody can make them. */
  synchronized void refused(Action action, String why) {
    long now = System.nanoTime();
    if (now - refusedNanos > REFUSALS_NANOS_MIN) {
      refusedNanos = now;
      account(action, "", "refused, " + why);
    }
  }

  /** The last ones, newest first. */
  synchronized List<Map<String, @Nullable Object>> json() {
    return runs.stream()
        .map(
            run ->
                Json.object(
                    "action", run.action().path(),
                    "target", run.target(),
                    "started", run.started().toEpochMilli(),
                    "ended", run.ended() == null ? null : run.ended().toEpochMilli(),
                    "exitCode", run.exitCode(),
                    "said", run.said()))
        .toList();
  }

  @Override
  public synchronized void close() {
    if (running != null) {
      running.destroy();
    }
  }
}
