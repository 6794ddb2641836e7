package io.kappacdc.cli.supervise;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A running role. Thread-safe. */
final class RoleProcess {
  private static final int TAIL_LINES = 15;

  private final Role role;
  private final Process process;
  private final ProcessLog log;
  private final PidFiles pidFiles;
  private final Thread reader;
  private final AtomicBoolean ready = new AtomicBoolean();
  private volatile @Nullable String httpUrl;

  private RoleProcess(Role role, Process process, ProcessLog log, PidFiles pidFiles) {
    this.role = role;
    this.process = process;
    this.log = log;
    this.pidFiles = pidFiles;
    this.reader =
        new Thread(() -> log.copy(process.getInputStream(), this::noteLine), role.label() + "-log");
    reader.setDaemon(true);
  }

  static RoleProcess start(
      Role role,
      Launcher launcher,
      List<String> options,
      Map<String, String> environment,
      ProcessLog log,
      PidFiles pidFiles)
      throws IOException {
    List<String> arguments = new java.util.ArrayList<>();
    arguments.add(role.subcommand());
    arguments.addAll(options);
    Process process = launcher.start(arguments, environment);
    pidFiles.remember(role, process.toHandle());
    Launcher.leash(process);
    RoleProcess started = new RoleProcess(role, process, log, pidFiles);
    started.reader.start();
    return started;
  }

  private void noteLine(String line) {
    if (line.equals(role.readyLine())) {
      ready.set(true);
    } else if (line.startsWith(role.httpPrefix())) {
      httpUrl = line.substring(role.httpPrefix().length());
    }
  }

  /** Where it serves metrics and health; empty if it does not, or has not said so yet. */
  Optional<String> httpUrl() {
    return Optional.ofNullable(httpUrl);
  }

  boolean isReady() {
    return ready.get();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int exitValue() {
    return process.exitValue();
  }

  /** True if it ended by saying that it cannot work as it is set up: to try again is no use. */
  boolean refused() {
    return process.exitValue() == ExitCode.NOT_DONE && ownWords().isPresent();
  }

  /** Why it ended, in its own words if it had any. */
  KappaException failure() {
    String exit = role.label() + " exited with code " + process.exitValue();
    return ownWords()
        .orElseGet(
            () ->
                new KappaException(
                    "The " + role.label() + " process does not stay up",
                    exit + "; the end of its log:\n  " + String.join("\n  ", lastLines()),
                    "Cure what the log names and start again. The whole log is " + log.file()));
  }

  /** The error it printed last. */
  Optional<KappaException> ownWords() {
    awaitLog();
    return OwnWords.in(log.tail())
        .map(
            words ->
                new KappaException(
                    words.problem(),
                    words.reason(),
                    words.remedy() + " (Its log: " + log.file() + ")"));
  }

  private List<String> lastLines() {
    awaitLog();
    List<String> lines = log.tail();
    return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
  }

  /** What the process printed last arrives a moment after its end. */
  private void awaitLog() {
    try {
      reader.join(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void stop(Duration patience) {
    PidFiles.stop(process.toHandle(), patience);
    awaitLog();
    pidFiles.forget(role);
  }
}
