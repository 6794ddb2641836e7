package io.kappacdc.stack;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A running server and its log. Thread-safe. */
final class ServerProcess {
  private static final long LOG_BYTES_MAX = 16L << 20;
  private static final int TAIL_BYTES_MAX = 4_096;
  private static final Duration KILL_MAX = Duration.ofSeconds(5);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private final String name;
  private final Process process;
  private final Path log;
  private final long logStart;

  private ServerProcess(String name, Process process, Path log, long logStart) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.logStart = logStart;
  }

  /**
   * Starts a server whose output goes to the log's end. Its standard input stays open until this
   * process ends or {@link #closeInput()}.
   */
  static ServerProcess start(String name, List<String> command, Path workDirectory, Path log) {
    try {
      rollOver(log);
      long logStart = Files.exists(log) ? Files.size(log) : 0;
      var builder =
          Commands.withCleanEnvironment(new ProcessBuilder(inOwnSession(command)))
              .directory(workDirectory.toFile())
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      return new ServerProcess(name, builder.start(), log, logStart);
    } catch (IOException e) {
      throw StackErrors.commandFailed("start the embedded " + name, String.valueOf(e), e);
    }
  }

  /**
   * So that Ctrl-C in a terminal reaches the starting process alone, which stops its servers in
   * order.
   */
  static List<String> inOwnSession(List<String> command) {
    var wrapped = new ArrayList<String>();
    if (!Platform.isWindows()) {
      Platform.find("setsid").ifPresent(wrapped::add);
    }
    wrapped.addAll(command);
    return wrapped;
  }

  private static void rollOver(Path log) throws IOException {
    if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
      Files.move(log, Path.of(log + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Returns once {@code ready} says so.
   *
   * @throws io.kappacdc.runtime.KappaException with the log's end, when the server exits or the
   *     time is over
   */
  void awaitReady(BooleanSupplier ready, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!ready.getAsBoolean()) {
      if (!process.isAlive()) {
        throw StackErrors.exited(name, log, process.exitValue(), logTail());
      }
      if (System.nanoTime() > deadline) {
        throw StackErrors.notReady(name, log, timeout, logTail());
      }
      exits(POLL_INTERVAL);
    }
  }

  /** Waits for the process's end; false when the time was over first. */
  boolean exits(Duration timeout) {
    try {
      return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  Process process() {
    return process;
  }

  /** The server and the processes it started. */
  List<Long> pids() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .map(ProcessHandle::pid)
        .toList();
  }

  void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The server is gone already.
    }
  }

  /** Kills the server and the processes it started, without any chance to tidy up. */
  void kill() {
    // The parent first: it would replace its children.
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    process.onExit().join();
    children.forEach(ProcessHandle::destroyForcibly);
    Processes.awaitExits(children, KILL_MAX);
    closeInput();
  }

  /** What the server logged since this start, at most its last few kilobytes. */
  String logTail() {
    try (var file = new RandomAccessFile(new File(log.toString()), "r")) {
      file.seek(Math.max(logStart, file.length() - TAIL_BYTES_MAX));
      byte[] bytes = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
