package io.kappacdc.cli.supervise;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Every error of this package that a user may see. */
final class SuperviseErrors {
  private SuperviseErrors() {}

  static KappaException alreadyUp(Path home, String pid) {
    return new KappaException(
        "A stack is up in " + home + " already",
        "process " + (pid.isBlank() ? "of another supervisor" : pid) + " holds it",
        "Stop that one (Ctrl-C, or kill " + pid + "), or give this one a --home of its own.");
  }

  static KappaException serverUnusable(String name, Exception cause) {
    return new KappaException(
        "The embedded " + name + " server started but cannot be used",
        String.valueOf(cause.getMessage()),
        "Start again; if it stays, move the directory of that server out of the way.",
        cause);
  }

  static KappaException serverKeepsDying(String name, int restartsMax, String log) {
    return new KappaException(
        "The embedded " + name + " server does not stay up",
        "it ended "
            + (restartsMax + 1)
            + " times within "
            + RestartPolicy.WINDOW.toMinutes()
            + " minutes",
        "Cure what its log names and start again: " + log);
  }

  static KappaException notStarted(Role role, IOException cause) {
    return new KappaException(
        "The " + role.label() + " process cannot be started",
        String.valueOf(cause.getMessage()),
        "Check that sh and bash are on the PATH and that the home directory can be written.",
        cause);
  }

  static KappaException notReady(List<String> roles, Duration timeout, Path logs) {
    return new KappaException(
        "The pipeline did not become ready",
        String.join(" and ", roles) + " did not say so within " + timeout.toSeconds() + " s",
        "Look into the logs in " + logs + ", and start again.");
  }
}
