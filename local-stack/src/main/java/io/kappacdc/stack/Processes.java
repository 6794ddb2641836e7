package io.kappacdc.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Processes that are not children of this one, whose end the system does not report. */
final class Processes {
  private static final long POLL_MILLIS = 5;

  private Processes() {}

  /** False also for one that has ended and that nobody has collected, as happens in containers. */
  static boolean isRunning(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    if (!Platform.isLinux()) {
      return true;
    }
    try {
      String state = Files.readString(proc(process).resolve("stat"));
      return !state.substring(state.lastIndexOf(')') + 1).strip().startsWith("Z");
    } catch (IOException e) {
      return false;
    }
  }

  /** Linux's directory about a process. */
  static Path proc(ProcessHandle process) {
    return Path.of("/proc", Long.toString(process.pid()));
  }

  /** True when all have ended before the time is over. */
  static boolean awaitExits(List<ProcessHandle> processes, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (processes.stream().anyMatch(Processes::isRunning)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for processes to end", e);
      }
    }
    return true;
  }
}
