package io.kappacdc.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where a result was measured.
 *
 * @param commit the commit checked out, with {@code -dirty} when tracked sources differ from it;
 *     {@code unknown} outside a git work tree
 * @param cpu model name, as far as the system tells
 * @param processors processors available to this JVM
 * @param memoryGib physical memory
 * @param system operating system and version
 * @param java version and vendor of this JVM, which the forks use too
 */
public record Machine(
    String commit, String cpu, int processors, long memoryGib, String system, String java) {

  public static Machine here() {
    return new Machine(
        headCommit(),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        physicalMemoryGib(),
        System.getProperty("os.name") + ' ' + System.getProperty("os.version"),
        System.getProperty("java.vm.version") + ", " + System.getProperty("java.vendor"));
  }

  /** Mean number of runnable threads of the last minute; negative where the system has none. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static String headCommit() {
    List<String> command =
        List.of("git", "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean isDone = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
      return isDone ? output.trim() : "unknown";
    } catch (IOException e) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  private static String cpuModel() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static long physicalMemoryGib() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    return system instanceof com.sun.management.OperatingSystemMXBean known
        ? known.getTotalMemorySize() >> 30
        : 0;
  }
}
