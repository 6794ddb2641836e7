package io.kappacdc.cli.bench.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What a JVM counts about itself: collections, compilation, heap. Asked for with the JDK's jcmd,
 * twice a run, which costs the JVM nothing in between.
 *
 * @param collections of all collectors since its start
 * @param collectionSeconds stopped for them
 * @param compilationSeconds CPU of its compilers
 * @param heapUsedBytes live and dead
 */
public record JvmCounters(
    long collections, double collectionSeconds, double compilationSeconds, long heapUsedBytes) {
  private static final long ANSWER_SECONDS_MAX = 10;
  private static final String TICKS_PER_SECOND = "sun.os.hrt.frequency";

  /** Nothing if there is no jcmd, or that process does not answer it. */
  public static Optional<JvmCounters> of(long pid) {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    if (!Files.isExecutable(jcmd)) {
      return Optional.empty();
    }
    try {
      Process process =
          new ProcessBuilder(jcmd.toString(), Long.toString(pid), "PerfCounter.print")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      Map<String, String> counters = new HashMap<>();
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          int equals = line.indexOf('=');
          if (equals > 0) {
            counters.put(line.substring(0, equals), line.substring(equals + 1));
          }
        }
      }
      boolean answered = process.waitFor(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
      // Of a process that is no JVM of its kind jcmd complains, but ends well.
      return answered && counters.containsKey(TICKS_PER_SECOND)
          ? Optional.of(parse(counters))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  static JvmCounters parse(Map<String, String> counters) {
    double ticks = Double.parseDouble(counters.get(TICKS_PER_SECOND));
    return new JvmCounters(
        (long) sum(counters, "sun\\.gc\\.collector\\.\\d+\\.invocations"),
        sum(counters, "sun\\.gc\\.collector\\.\\d+\\.time") / ticks,
        sum(counters, "java\\.ci\\.totalTime") / ticks,
        (long) sum(counters, "sun\\.gc\\.generation\\.\\d+\\.space\\.\\d+\\.used"));
  }

  private static double sum(Map<String, String> counters, String pattern) {
    return counters.entrySet().stream()
        .filter(counter -> counter.getKey().matches(pattern))
        .mapToDouble(counter -> Double.parseDouble(counter.getValue()))
        .sum();
  }

  /** What was added since. */
  public JvmCounters since(JvmCounters before) {
    return new JvmCounters(
        collections - before.collections,
        collectionSeconds - before.collectionSeconds,
        compilationSeconds - before.compilationSeconds,
        heapUsedBytes);
  }
}
