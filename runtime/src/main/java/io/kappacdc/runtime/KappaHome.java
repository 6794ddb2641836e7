package io.kappacdc.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The directory that holds the state of a stack, {@code ./.kappa} unless told otherwise. While
 * {@code up} runs, the file {@code stack.yaml} in it holds the effective configuration, readable by
 * its owner alone, for the other subcommands.
 *
 * @param directory absolute path
 */
public record KappaHome(Path directory) {
  private static final String PID_KEY = "# supervisor pid ";

  public KappaHome {
    directory = directory.toAbsolutePath().normalize();
  }

  public Path resolve(String name) {
    return directory.resolve(name);
  }

  public Path stackFile() {
    return resolve("stack.yaml");
  }

  /** Writes the stack file for the supervisor process {@code pid}; values by configuration path. */
  public void writeStack(long pid, Map<String, String> values) {
    StringBuilder yaml = new StringBuilder(PID_KEY).append(pid).append('\n');
    new TreeMap<>(values)
        .forEach(
            (path, value) -> yaml.append(path).append(": ").append(quoted(value)).append('\n'));
    try {
      Files.createDirectories(directory);
      Path temporary = resolve("stack.yaml.new");
      Files.deleteIfExists(temporary);
      createPrivately(temporary);
      Files.writeString(temporary, yaml);
      Files.move(
          temporary,
          stackFile(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void createPrivately(Path file) throws IOException {
    if (Files.getFileStore(file.getParent()).supportsFileAttributeView("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  public void removeStack() {
    try {
      Files.deleteIfExists(stackFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The pid of the supervisor whose stack file stands here, if that process is alive. */
  public Optional<Long> runningSupervisor() {
    try {
      if (!Files.exists(stackFile())) {
        return Optional.empty();
      }
      String first = Files.readAllLines(stackFile()).get(0);
      long pid = Long.parseLong(first.substring(PID_KEY.length()).trim());
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(ProcessHandle::pid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
