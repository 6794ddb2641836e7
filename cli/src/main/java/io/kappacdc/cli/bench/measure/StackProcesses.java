package io.kappacdc.cli.bench.measure;

import io.kappacdc.runtime.KappaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds the processes of the stack in a home directory, and those of the benchmark itself. */
public final class StackProcesses implements Supplier<Map<String, Long>> {
  private static final long NONE = -1;

  private final KappaHome home;
  private volatile long load = NONE;

  public StackProcesses(KappaHome home) {
    this.home = home;
  }

  /** The process that makes the load. */
  public void load(long pid) {
    load = pid;
  }

  @Override
  public Map<String, Long> get() {
    Map<String, Long> roots = new LinkedHashMap<>();
    fromPidFile("capture", roots);
    fromPidFile("processor", roots);
    roots.put("benchmark", ProcessHandle.current().pid());
    if (load != NONE) {
      roots.put("load", load);
    }
    try {
      ProcessTree tree = ProcessTree.read();
      embedded(tree, "kafka", roots);
      embedded(tree, "source", roots);
      embedded(tree, "sink", roots);
      walSender(tree, roots);
    } catch (IOException e) {
      // They are found the next time.
    }
    home.runningSupervisor().ifPresent(pid -> roots.putIfAbsent("supervisor", pid));
    return roots;
  }

  private void fromPidFile(String role, Map<String, Long> roots) {
    Path file = home.resolve("run").resolve(role + ".pid");
    try {
      roots.put(role, Long.parseLong(Files.readString(file).strip().split(" ")[0]));
    } catch (IOException | NumberFormatException e) {
      // It is being started again.
    }
  }

  /** The topmost process that has the server's directory on its command line. */
  private void embedded(ProcessTree tree, String server, Map<String, Long> roots) {
    String directory = home.resolve(server).toString();
    Optional<ProcessTree.Entry> root =
        tree.byPid().values().stream()
            .filter(e -> mentions(e.pid(), directory))
            .filter(e -> !mentions(e.parent(), directory))
            .findFirst();
    root.ifPresent(e -> roots.put(server, e.pid()));
  }

  /**
   * The source's process that feeds capture: a part of the pipeline, unlike the load's sessions.
   */
  private static void walSender(ProcessTree tree, Map<String, Long> roots) {
    Long source = roots.get("source");
    if (source != null) {
      tree.withDescendants(source).stream()
          .filter(e -> ProcessTree.commandLine(e.pid()).startsWith("postgres: walsender"))
          .findFirst()
          .ifPresent(e -> roots.put("walsender", e.pid()));
    }
  }

  private static boolean mentions(long pid, String directory) {
    String line = ProcessTree.commandLine(pid) + " ";
    return line.contains(directory + "/") || line.contains(directory + " ");
  }
}
