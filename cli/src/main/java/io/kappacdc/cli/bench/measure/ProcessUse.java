package io.kappacdc.cli.bench.measure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * CPU and memory of the stack's processes, each with all that descend from it, and of the whole
 * machine, once a look.
 */
public final class ProcessUse implements Watch.Look {
  /** Ticks a second; Linux fixes it for user programs. */
  private static final double TICKS = 100;

  private static final Path MACHINE = Path.of("/proc/stat");
  private static final int IDLE = 3;
  private static final int IO_WAIT = 4;
  private static final int STEAL = 7;
  private static final int GUEST = 8;

  private final Supplier<Map<String, Long>> roots;
  private final List<Point> points = new ArrayList<>();
  private final Map<String, Map<Long, Long>> ticksByStart = new HashMap<>();

  /**
   * A moment.
   *
   * @param cpuSeconds of each part of the stack since the first look
   * @param residentBytes of each part: private memory of all its processes, and the largest share
   *     of what they share
   * @param busySeconds of all cores since the machine's start, without what other machines took
   * @param stolenSeconds that the hypervisor gave to other machines
   */
  public record Point(
      long micros,
      Map<String, Double> cpuSeconds,
      Map<String, Long> residentBytes,
      double busySeconds,
      double stolenSeconds) {
    public Point {
      cpuSeconds = Map.copyOf(cpuSeconds);
      residentBytes = Map.copyOf(residentBytes);
    }
  }

  /**
   * @param roots the parts' first processes as they are now, by the part's name
   */
  public ProcessUse(Supplier<Map<String, Long>> roots) {
    this.roots = roots;
  }

  @Override
  public void look() throws IOException {
    ProcessTree tree = ProcessTree.read();
    Map<String, Double> cpu = new LinkedHashMap<>();
    Map<String, Long> memory = new LinkedHashMap<>();
    Set<Long> counted = new HashSet<>();
    Map<String, Long> now = roots.get();
    // A part may descend from another one; it is counted as itself alone.
    Set<Long> starts = new HashSet<>(now.values());
    now.forEach(
        (part, root) -> {
          List<ProcessTree.Entry> family = new ArrayList<>();
          for (ProcessTree.Entry entry : tree.withDescendants(root)) {
            if (!belongsElsewhere(tree, entry, root, starts) && counted.add(entry.pid())) {
              family.add(entry);
            }
          }
          cpu.put(part, cpuSeconds(part, family));
          memory.put(part, residentBytes(family));
        });
    double[] machine = machine();
    synchronized (points) {
      points.add(new Point(Watch.nowMicros(), cpu, memory, machine[0], machine[1]));
    }
  }

  private static boolean belongsElsewhere(
      ProcessTree tree, ProcessTree.Entry entry, long root, Set<Long> starts) {
    for (ProcessTree.Entry e = entry;
        e != null && e.pid() != root;
        e = tree.byPid().get(e.parent())) {
      if (starts.contains(e.pid())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Since the first look. A process that has ended keeps the ticks it was last seen with, unless
   * its parent has waited for it and so counts them itself.
   */
  private double cpuSeconds(String part, List<ProcessTree.Entry> family) {
    long now = family.stream().mapToLong(ProcessTree.Entry::ticks).sum();
    // The first process stands for the family: if it is another one, the part was started again.
    long start = family.isEmpty() ? -1 : family.get(0).started();
    Map<Long, Long> byStart = ticksByStart.computeIfAbsent(part, any -> new LinkedHashMap<>());
    if (byStart.isEmpty() && start >= 0) {
      byStart.put(-1L, -now);
    }
    if (start >= 0) {
      byStart.merge(start, now, Math::max);
    }
    return byStart.values().stream().mapToLong(Long::longValue).sum() / TICKS;
  }

  private static long residentBytes(List<ProcessTree.Entry> family) {
    long own = 0;
    long shared = 0;
    for (ProcessTree.Entry entry : family) {
      own += ProcessTree.statusKibibytes(entry.pid(), "RssAnon");
      shared =
          Math.max(
              shared,
              ProcessTree.statusKibibytes(entry.pid(), "RssShmem")
                  + ProcessTree.statusKibibytes(entry.pid(), "RssFile"));
    }
    return (own + shared) * 1024;
  }

  private static double[] machine() {
    Optional<String> first = ProcessTree.text(MACHINE).flatMap(text -> text.lines().findFirst());
    String[] fields = first.orElse("cpu 0 0 0 0 0 0 0 0").trim().split("\\s+");
    double busy = 0;
    for (int i = 0; i < GUEST && i + 1 < fields.length; i++) {
      if (i != IDLE && i != IO_WAIT && i != STEAL) {
        busy += Double.parseDouble(fields[i + 1]);
      }
    }
    return new double[] {busy / TICKS, Double.parseDouble(fields[STEAL + 1]) / TICKS};
  }

  public List<Point> points() {
    synchronized (points) {
      return List.copyOf(points);
    }
  }
}
