package io.kappacdc.cli.supervise;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A launcher whose roles do nothing but say that they are ready, unless a file in the home
 * directory tells them otherwise. They note their arguments, environment and pids there.
 *
 * @param root directory of the script, as kappa.root names it
 */
public record FakeLauncher(Path root, Path home) {
  private static final String SCRIPT =
      """
      #!/bin/sh
      home=${2#--home=}
      echo "$@" > "$home/arguments-$1"
      env > "$home/environment-$1"
      echo $$ >> "$home/pids-$1"
      if [ -f "$home/behave-$1" ]; then . "$home/behave-$1"; fi
      case $1 in process) echo "KAPPA READY processor" ;; *) echo "KAPPA READY $1" ;; esac
      exec sleep 300
      """;

  public static FakeLauncher in(Path directory) {
    try {
      Path root = Files.createDirectories(directory.resolve("root"));
      Path script = Files.writeString(root.resolve("kappa"), SCRIPT);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
      return new FakeLauncher(root, Files.createDirectories(directory.resolve("home")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Launcher launcher() {
    return new Launcher(root.resolve("kappa"));
  }

  /** Makes the role run shell commands before it would say that it is ready. */
  void behave(String subcommand, String commands) {
    try {
      Files.writeString(home.resolve("behave-" + subcommand), commands);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String noted(String what, String subcommand) {
    try {
      return Files.readString(home.resolve(what + "-" + subcommand));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The pids of all the role's processes so far. */
  public List<Long> pids(String subcommand) {
    return Files.exists(home.resolve("pids-" + subcommand))
        ? noted("pids", subcommand).lines().map(Long::valueOf).toList()
        : List.of();
  }

  public static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }
}
