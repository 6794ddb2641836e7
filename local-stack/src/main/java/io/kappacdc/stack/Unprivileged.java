package io.kappacdc.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How to run a program that refuses to be root, on files that may lie below a directory that only
 * root can enter.
 *
 * @param prefix the command in front of the program's own
 * @param owner the user id that must own the program's files; empty where nothing is to be done
 */
record Unprivileged(List<String> prefix, Optional<Integer> owner) {
  private static final int ROOT = 0;
  private static final int NOBODY = 65_534;

  Unprivileged {
    prefix = List.copyOf(prefix);
  }

  static Unprivileged detect() {
    if (Platform.isWindows() || userId() != ROOT) {
      return new Unprivileged(List.of(), Optional.empty());
    }
    return Stream.of(inUserNamespace(), asNobody())
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(
            () -> StackErrors.rootOnly("neither a user namespace nor another user can be had"));
  }

  /**
   * Root outside is an unmapped user inside: not root for the program, yet the owner of its files
   * for the kernel. Containers often forbid it.
   */
  static Optional<Unprivileged> inUserNamespace() {
    return Platform.find("unshare")
        .map(unshare -> new Unprivileged(List.of(unshare, "-U", "--"), Optional.of(ROOT)))
        .filter(Unprivileged::works);
  }

  /** Another user, who keeps of root's powers the one to pass through root's directories. */
  static Optional<Unprivileged> asNobody() {
    return Platform.find("setpriv")
        .map(
            setpriv ->
                new Unprivileged(
                    List.of(
                        setpriv,
                        "--reuid=" + NOBODY,
                        "--regid=" + NOBODY,
                        "--clear-groups",
                        "--inh-caps=-all,+dac_override",
                        "--ambient-caps=-all,+dac_override",
                        "--"),
                    Optional.of(NOBODY)))
        .filter(Unprivileged::works);
  }

  List<String> wrap(List<String> command) {
    var wrapped = new ArrayList<>(prefix);
    wrapped.addAll(command);
    return wrapped;
  }

  /** Gives the files of an earlier run as another user to the one of this run. */
  void own(Path directory) {
    if (owner.isEmpty()) {
      return;
    }
    try {
      if (owner.get().equals(Files.getAttribute(directory, "unix:uid"))) {
        return;
      }
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.setAttribute(
              file, "unix:uid", owner.get(), java.nio.file.LinkOption.NOFOLLOW_LINKS);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean works() {
    return Commands.run(wrap(List.of("true"))).exitCode() == 0;
  }

  private static int userId() {
    Commands.Result result = Commands.run(List.of("id", "-u"));
    if (result.exitCode() != 0) {
      throw StackErrors.commandFailed("tell whether this is root", result.output(), null);
    }
    return Integer.parseInt(result.output().strip());
  }
}
