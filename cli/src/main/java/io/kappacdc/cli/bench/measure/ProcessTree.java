package io.kappacdc.cli.bench.measure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All processes of the machine at one moment, from /proc.
 *
 * @param byPid by number
 */
record ProcessTree(Map<Long, Entry> byPid) {
  private static final Path PROC = Path.of("/proc");

  /** Fields of /proc/pid/stat behind the command's name, of which the first is the state. */
  private static final int PARENT = 1;

  private static final int USER_TICKS = 11;
  private static final int START = 19;

  /**
   * A process.
   *
   * @param started when, in ticks since boot; with the number it names a process for good
   * @param ticks CPU of its own and of children that it has waited for
   */
  record Entry(long pid, long parent, long started, long ticks) {}

  ProcessTree {
    byPid = Map.copyOf(byPid);
  }

  static ProcessTree read() throws IOException {
    Map<Long, Entry> all = new HashMap<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path directory : directories) {
        long pid = Long.parseLong(directory.getFileName().toString());
        text(directory.resolve("stat")).ifPresent(stat -> all.put(pid, parse(pid, stat)));
      }
    }
    return new ProcessTree(all);
  }

  static Entry parse(long pid, String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
    long ticks = 0;
    for (int i = USER_TICKS; i < USER_TICKS + 4; i++) {
      ticks += Long.parseLong(fields[i]);
    }
    return new Entry(pid, Long.parseLong(fields[PARENT]), Long.parseLong(fields[START]), ticks);
  }

  /** A process and all that descend from it. */
  List<Entry> withDescendants(long root) {
    List<Entry> family = new ArrayList<>();
    Entry first = byPid.get(root);
    if (first == null) {
      return family;
    }
    family.add(first);
    for (int i = 0; i < family.size(); i++) {
      long parent = family.get(i).pid();
      byPid.values().stream().filter(e -> e.parent() == parent).forEach(family::add);
    }
    return family;
  }

  static String commandLine(long pid) {
    return text(PROC.resolve(Long.toString(pid)).resolve("cmdline"))
        .map(line -> line.replace('\0', ' ').trim())
        .orElse("");
  }

  /** Kibibytes of a field of /proc/pid/status, 0 if the process is gone. */
  static long statusKibibytes(long pid, String field) {
    return text(PROC.resolve(Long.toString(pid)).resolve("status")).stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }

  /** The content of a file of /proc; nothing if its process has just ended. */
  static Optional<String> text(Path file) {
    try {
      return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
