package io.kappacdc.benchmarks.peers;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * CPU time of processes and all that descend from them, from {@code /proc}, sampled on a thread of
 * its own. What a process that has ended used is with the one that waited for it.
 */
final class CpuAccount implements AutoCloseable {
  private static final double TICKS_PER_SECOND = 100; // what Linux shows, on every architecture
  private static final long INTERVAL_MILLIS = 500;
  private static final Path PROC = Path.of("/proc");

  private final Map<String, Long> roots = new LinkedHashMap<>();
  private final List<Sample> samples = new ArrayList<>();
  private final Thread sampler = new Thread(this::sampleOn, "cpu-account");

  private record Stat(long parent, long ticks) {}

  private record Sample(long micros, Map<String, Double> seconds, double machineSeconds) {}

  /**
   * Seconds of CPU in a span of time.
   *
   * @param byProcess those that the work needs
   * @param others what the rest of the machine took, this harness and the load included
   */
  record Usage(Map<String, Double> byProcess, double others) {
    double total() {
      return byProcess.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  CpuAccount(Testbed bed, List<PeerProcess> processes) {
    roots.put("source", bed.servers().source().pid());
    roots.put("kafka", bed.servers().kafka().pid());
    roots.put("sink", bed.servers().sink().pid());
    processes.forEach(process -> roots.put(process.name(), process.process().pid()));
    sample();
    sampler.setDaemon(true);
    sampler.start();
  }

  private void sampleOn() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
        sample();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Between the samples next after the two times. */
  synchronized Usage between(long fromMicros, long toMicros) {
    sample();
    Sample first = firstSince(fromMicros);
    Sample last = firstSince(toMicros);
    Map<String, Double> spent = new LinkedHashMap<>();
    last.seconds.forEach(
        (name, seconds) -> spent.put(name, seconds - first.seconds.getOrDefault(name, 0.0)));
    double ours = spent.values().stream().mapToDouble(Double::doubleValue).sum();
    return new Usage(spent, Math.max(0, last.machineSeconds - first.machineSeconds - ours));
  }

  private Sample firstSince(long micros) {
    return samples.stream()
        .filter(sample -> sample.micros >= micros)
        .findFirst()
        .orElseGet(() -> samples.get(samples.size() - 1));
  }

  private synchronized void sample() {
    Map<Long, Stat> stats = stats();
    Map<String, Double> seconds = new LinkedHashMap<>();
    roots.forEach((name, pid) -> seconds.put(name, ticks(pid, stats) / TICKS_PER_SECOND));
    samples.add(new Sample(nowMicros(), seconds, machineSeconds()));
  }

  private static double ticks(long root, Map<Long, Stat> stats) {
    long ticks = 0;
    for (Map.Entry<Long, Stat> entry : stats.entrySet()) {
      if (descends(entry.getKey(), root, stats)) {
        ticks += entry.getValue().ticks;
      }
    }
    return ticks;
  }

  private static boolean descends(long pid, long root, Map<Long, Stat> stats) {
    for (long at = pid; at > 1; ) {
      if (at == root) {
        return true;
      }
      Stat stat = stats.get(at);
      at = stat == null ? 0 : stat.parent;
    }
    return false;
  }

  private static Map<Long, Stat> stats() {
    Map<Long, Stat> stats = new HashMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        Stat stat = stat(process);
        if (stat != null) {
          stats.put(Long.parseLong(process.getFileName().toString()), stat);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("CPU time is read from /proc, which is not here", e);
    }
    return stats;
  }

  private static @Nullable Stat stat(Path process) {
    try {
      String text = Files.readString(process.resolve("stat"));
      // Behind the name, which may hold anything: state, parent, …, utime, stime, cutime, cstime.
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
      long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      long ended = Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
      return new Stat(Long.parseLong(fields[1]), own + ended);
    } catch (IOException e) {
      return null; // it ended just now
    }
  }

  /** User, nice and system time of the whole machine. */
  private static double machineSeconds() {
    try {
      String[] fields =
          Files.readString(PROC.resolve("stat")).lines().findFirst().orElse("").split(" +");
      return (Long.parseLong(fields[1]) + Long.parseLong(fields[2]) + Long.parseLong(fields[3]))
          / TICKS_PER_SECOND;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Since 1970. */
  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** CPU seconds of this JVM and of the programs it waited for. */
  static double ownSeconds() {
    Stat stat = stat(PROC.resolve("self"));
    return stat == null ? 0 : stat.ticks / TICKS_PER_SECOND;
  }

  @Override
  public void close() {
    sampler.interrupt();
  }
}
