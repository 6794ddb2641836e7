package io.kappacdc.stack;

import java.util.Collection;
import java.util.List;

/** Processes as tests see them. */
final class Pids {
  private Pids() {}

  static List<Long> running(Collection<Long> pids) {
    return pids.stream()
        .filter(pid -> ProcessHandle.of(pid).filter(Processes::isRunning).isPresent())
        .toList();
  }

  /** The processes started by this JVM, and by those. */
  static List<Long> descendants() {
    return ProcessHandle.current()
        .descendants()
        .filter(Processes::isRunning)
        .map(ProcessHandle::pid)
        .toList();
  }

  static void signal(String signal, long pid) {
    assertOk(Commands.run(List.of("kill", "-" + signal, Long.toString(pid))));
  }

  private static void assertOk(Commands.Result result) {
    if (result.exitCode() != 0) {
      throw new AssertionError(result.output());
    }
  }
}
