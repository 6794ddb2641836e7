package io.kappacdc.cli.supervise;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Remembers which processes run, so that the next supervisor finds what a killed one left. */
final class PidFiles {
  private static final Duration STOP_MAX = Duration.ofSeconds(20);
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

  private final Path directory;

  PidFiles(Path directory) {
    this.directory = directory;
  }

  void remember(Role role, ProcessHandle process) {
    long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    try {
      Files.createDirectories(directory);
      Files.writeString(file(role), process.pid() + " " + started);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void forget(Role role) {
    try {
      Files.deleteIfExists(file(role));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(Role role) {
    return directory.resolve(role.label() + ".pid");
  }

  /** Stops what an earlier supervisor left running; returns the roles found. */
  List<Role> stopOrphans() {
    List<Role> found = new ArrayList<>();
    for (Role role : Role.values()) {
      Optional<ProcessHandle> orphan = remembered(role);
      if (orphan.isPresent()) {
        found.add(role);
        stop(orphan.get(), STOP_MAX);
      }
      forget(role);
    }
    return found;
  }

  /** The process of the file, not another one that has its number by now. */
  private Optional<ProcessHandle> remembered(Role role) {
    try {
      if (!Files.exists(file(role))) {
        return Optional.empty();
      }
      String[] pidAndStart = Files.readString(file(role)).strip().split(" ");
      if (pidAndStart.length != 2) {
        return Optional.empty(); // cut short by the crash; such a process ends with its supervisor
      }
      Instant start = Instant.ofEpochMilli(Long.parseLong(pidAndStart[1]));
      return ProcessHandle.of(Long.parseLong(pidAndStart[0]))
          .filter(ProcessHandle::isAlive)
          .filter(process -> startedAt(process, start));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean startedAt(ProcessHandle process, Instant start) {
    return process
        .info()
        .startInstant()
        .filter(actual -> Duration.between(actual, start).abs().compareTo(CLOCK_TOLERANCE) < 0)
        .isPresent();
  }

  /** Asks a process to end, and kills it if it does not within {@code patience}. */
  static void stop(ProcessHandle process, Duration patience) {
    process.destroy();
    if (!exits(process, patience)) {
      process.destroyForcibly();
      exits(process, patience);
    }
  }

  private static boolean exits(ProcessHandle process, Duration patience) {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
