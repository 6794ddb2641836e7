package io.kappacdc.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * PostgreSQL's data on disk and the programs that work on it: creates the data, writes the
 * settings, finds and ends server processes that an earlier run left behind. The claim on the
 * server's directory is the caller's.
 */
final class PostgresCluster {
  static final String USER = "kappa";
  private static final String PASSWORD_FILE = "password";
  private static final String SETTINGS_FILE = "kappa.conf";
  private static final Duration LEFTOVER_STOP_MAX = Duration.ofSeconds(20);
  private static final Duration KILL_MAX = Duration.ofSeconds(5);
  private static final int KILL_ROUNDS_MAX = 3; // a dying server may have just started a process

  private final ServerDirectory directory;
  private final PostgresPrograms programs;
  private final Unprivileged unprivileged;

  PostgresCluster(ServerDirectory directory, PostgresPrograms programs, Unprivileged unprivileged) {
    this.directory = directory;
    this.programs = programs;
    this.unprivileged = unprivileged;
  }

  Path data() {
    return directory.resolve("data");
  }

  /** The password of {@link #USER}, made up when the data is created. */
  String password() {
    return directory
        .read(PASSWORD_FILE)
        .orElseGet(
            () -> {
              byte[] random = new byte[16];
              new SecureRandom().nextBytes(random);
              directory.write(PASSWORD_FILE, HexFormat.of().formatHex(random));
              return password();
            });
  }

  /**
   * Creates the data when there is none; a half-made one of a crashed run is made anew.
   *
   * @param settings of the start that follows: without fsync, creation does not wait for the disk
   *     either
   */
  void createOnce(Map<String, String> settings) {
    if (Files.exists(data().resolve("PG_VERSION"))) {
      unprivileged.own(data());
      return;
    }
    password();
    Path partial = directory.resolve("data.new");
    try {
      FileTrees.delete(partial);
      Commands.runOrFail(
          "create a PostgreSQL cluster in " + data(),
          unprivileged.wrap(
              List.of(
                  programs.initdb(),
                  "--pgdata=" + partial,
                  "--username=" + USER,
                  "--pwfile=" + directory.resolve(PASSWORD_FILE),
                  "--auth=scram-sha-256",
                  "--encoding=UTF8",
                  "--locale=C",
                  "--locale-provider=builtin",
                  "--builtin-locale=C.UTF-8",
                  "off".equals(settings.get("fsync")) ? "--no-sync" : "--sync-method=fsync",
                  "--no-instructions")));
      Path configuration = partial.resolve("postgresql.conf");
      Files.writeString(
          configuration, Files.readString(configuration) + "\ninclude '" + SETTINGS_FILE + "'\n");
      Files.move(partial, data(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the settings of the coming start; {@code ALTER SYSTEM} still overrides them. */
  void configure(Map<String, String> settings) {
    var lines = new StringBuilder("# Written at every start.\n");
    settings.forEach(
        (name, value) ->
            lines
                .append(name)
                .append(" = '")
                .append(value.replace("\\", "\\\\").replace("'", "''"))
                .append("'\n"));
    try {
      Files.writeString(data().resolve(SETTINGS_FILE), lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> serverCommand() {
    return unprivileged.wrap(List.of(programs.postgres(), "-D", data().toString()));
  }

  /**
   * PostgreSQL's own way, on every platform, to ask a server to stop: INT is fast, QUIT at once.
   */
  void signal(String signal, long pid) {
    Commands.run(unprivileged.wrap(List.of(programs.pgCtl(), "kill", signal, Long.toString(pid))));
  }

  /** True once the server says in its pid file that it takes connections. */
  boolean isReady() {
    List<String> pidFile = pidFile();
    return pidFile.size() >= 8 && pidFile.get(7).strip().equals("ready");
  }

  /** Ends what an earlier run's crash left running on this data. */
  void stopLeftovers() {
    Optional<ProcessHandle> postmaster =
        leftovers().stream()
            .filter(process -> pidInFile().equals(Optional.of(process.pid())))
            .findAny();
    if (postmaster.isPresent()) {
      signal("INT", postmaster.get().pid());
      // It ends after its children; those that outlive it never end by themselves.
      Processes.awaitExits(List.of(postmaster.get()), LEFTOVER_STOP_MAX);
    }
    killLeftovers();
    if (Platform.isLinux()) {
      // Nobody is there. Another program may have the number in the file by now, which PostgreSQL
      // would take for a server.
      deletePidFile();
    }
  }

  /** Kills every server process that works on this data, and waits until they are gone. */
  void killLeftovers() {
    for (int i = 0; i < KILL_ROUNDS_MAX; i++) {
      List<ProcessHandle> rest = leftovers();
      rest.forEach(ProcessHandle::destroyForcibly);
      if (rest.isEmpty()) {
        return;
      }
      Processes.awaitExits(rest, KILL_MAX);
    }
    throw StackErrors.cannotKill(data());
  }

  /**
   * PostgreSQL processes on this data. On Linux, all of them work in the data directory; elsewhere
   * only the one in the pid file is known, and its children end by themselves without it.
   */
  private List<ProcessHandle> leftovers() {
    Stream<ProcessHandle> candidates =
        Platform.isLinux()
            ? ProcessHandle.allProcesses()
            : pidInFile().flatMap(ProcessHandle::of).stream();
    return candidates.filter(this::isServerHere).filter(Processes::isRunning).toList();
  }

  private boolean isServerHere(ProcessHandle process) {
    if (!Platform.isLinux()) {
      return process.info().command().filter(c -> isServer(Path.of(c))).isPresent();
    }
    Path proc = Processes.proc(process);
    try {
      return Files.readSymbolicLink(proc.resolve("cwd")).equals(data())
          && isServer(Files.readSymbolicLink(proc.resolve("exe")));
    } catch (IOException e) {
      return false; // gone, or another user's
    }
  }

  private static boolean isServer(Path program) {
    return program.getFileName().toString().startsWith("postgres");
  }

  private Optional<Long> pidInFile() {
    return pidFile().stream()
        .findFirst()
        .map(String::strip)
        .filter(s -> s.matches("\\d+"))
        .map(Long::valueOf);
  }

  private List<String> pidFile() {
    Path file = data().resolve("postmaster.pid");
    try {
      return Files.exists(file) ? new ArrayList<>(Files.readAllLines(file)) : List.of();
    } catch (IOException e) {
      return List.of(); // deleted in between
    }
  }

  private void deletePidFile() {
    try {
      Files.deleteIfExists(data().resolve("postmaster.pid"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
