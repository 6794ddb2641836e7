package io.kappacdc.cli.supervise;

import io.kappacdc.runtime.KappaException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts subcommands in processes of their own through the launcher script, which knows their class
 * paths and JVM options.
 *
 * @param script the launcher
 */
public record Launcher(Path script) {
  /** Waits for the end of its input, then for the process, which it kills in the end. */
  private static final String LEASH =
      """
      trap '' INT HUP
      read -r _
      kill -TERM "$1" || exit
      seconds=0
      while [ $seconds -lt 20 ]; do
        sleep 1
        kill -0 "$1" || exit
        seconds=$((seconds + 1))
      done
      kill -KILL "$1"
      """;

  /** The launcher of the installation that this program belongs to. */
  public static Launcher ofThisInstallation() {
    String root = System.getProperty("kappa.root");
    Path script = Path.of(root == null ? "." : root).toAbsolutePath().resolve("kappa");
    if (!Files.isExecutable(script)) {
      throw new KappaException(
          "Cannot start the pipeline's processes",
          "there is no launcher " + script,
          "Start this program with the launcher, ./kappa, of a complete installation.");
    }
    return new Launcher(script.normalize());
  }

  /**
   * Starts a subcommand that a Ctrl-C in the terminal does not reach: the one who starts it stops
   * it. Its error output joins its standard output.
   *
   * @param environment in addition to this process's own; the place for secrets
   */
  Process start(List<String> arguments, Map<String, String> environment) throws IOException {
    return start(arguments, environment, null);
  }

  /**
   * Starts a subcommand with its error output in a file and an environment of its own, tied to this
   * process.
   *
   * @param environment in addition to this process's own; an empty value hides one of those
   * @param errors what it logs, replaced if it is there
   */
  public Process startTied(List<String> arguments, Map<String, String> environment, Path errors)
      throws IOException {
    Files.createDirectories(errors.getParent());
    Process process = start(arguments, environment, errors.toFile());
    leash(process);
    return process;
  }

  private Process start(
      List<String> arguments, Map<String, String> environment, @Nullable File errors)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "kappa", script.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(errors == null);
    if (errors != null) {
      builder.redirectError(errors);
    }
    builder.environment().putAll(environment);
    builder.environment().put("KAPPA_BUILD", "never");
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /**
   * Ties a process to this one: when this one ends, in whatever way, a shell that waited for the
   * end of its input stops the other.
   */
  static void leash(Process process) throws IOException {
    Process shell =
        new ProcessBuilder("sh", "-c", LEASH, "kappa-leash", Long.toString(process.pid()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.onExit().thenRun(shell::destroyForcibly);
  }
}
