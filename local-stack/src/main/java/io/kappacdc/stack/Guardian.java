package io.kappacdc.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A shell that stops a server when the process that started it is gone, even by a kill -9: it waits
 * for the end of its standard input, which this process holds open.
 */
final class Guardian {
  private static final String SCRIPT = "read -r _; kill -INT \"$1\" 2>/dev/null";

  private Guardian() {}

  /** Watches until the server exits. Windows has no such shell: leftovers end at the next start. */
  static void watch(Process server) {
    if (Platform.isWindows()) {
      return;
    }
    try {
      Process guardian =
          new ProcessBuilder(
                  ServerProcess.inOwnSession(
                      List.of("sh", "-c", SCRIPT, "kappa-guardian", Long.toString(server.pid()))))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      server.onExit().thenRun(guardian::destroyForcibly);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
