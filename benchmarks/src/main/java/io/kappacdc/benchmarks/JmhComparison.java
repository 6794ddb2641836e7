package io.kappacdc.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What single steps cost now, of what they cost before: results of JMH on both sides, taken in
 * turns on one machine. The ratio of two runs that were made one after the other is what counts,
 * since a machine's pace drifts; the spread of these ratios gives the interval.
 */
final class JmhComparison {
  /** Slower by more than this, for certain, is a regression. */
  private static final double RATIO_MAX = 1.10;

  /** Of Student's distribution, 99 % two-sided, by degrees of freedom from 1. */
  private static final double[] T99 = {63.66, 9.92, 5.84, 4.60, 4.03, 3.71, 3.50, 3.36, 3.25};

  /** With two, an interval is so wide that hardly anything lies outside it. */
  private static final int TURNS_MIN = 3;

  private JmhComparison() {}

  /**
   * One benchmark with one set of parameters.
   *
   * @param ratio now of before, the geometric mean of the turns
   * @param low bound of its 99 % confidence interval
   * @param high the other one
   */
  record Ratio(String name, double ratio, double low, double high) {
    boolean isRegression() {
      return low > RATIO_MAX;
    }
  }

  /** Pairs of files, before and now in turns: before, now, before, now. */
  public static void main(String[] files) throws IOException {
    System.exit(run(files, System.out));
  }

  /**
   * Compares them.
   *
   * @return 0 if all steps were compared and none is a regression, 1 if not, 2 if the files are too
   *     few to tell
   */
  static int run(String[] files, PrintStream out) throws IOException {
    if (files.length < 2 * TURNS_MIN || files.length % 2 != 0) {
      out.println("Name results of JMH in turns, before and now, three of each at least.");
      return 2;
    }
    List<Map<String, Double>> before = new ArrayList<>();
    List<Map<String, Double>> now = new ArrayList<>();
    for (int i = 0; i < files.length; i += 2) {
      before.add(scores(Path.of(files[i])));
      now.add(scores(Path.of(files[i + 1])));
    }
    List<Ratio> ratios = compare(before, now);
    out.printf("%-72s %8s   %s%n", "now of before, time", "ratio", "99 % interval");
    for (Ratio ratio : ratios) {
      out.printf(
          Locale.ROOT,
          "%-72s %8.3f   %.3f to %.3f%s%n",
          ratio.name(),
          ratio.ratio(),
          ratio.low(),
          ratio.high(),
          ratio.isRegression() ? "   REGRESSION" : "");
    }
    Set<String> missing = new TreeSet<>();
    before.forEach(turn -> missing.addAll(turn.keySet()));
    ratios.forEach(ratio -> missing.remove(ratio.name()));
    missing.forEach(name -> out.printf("%-72s  MISSING%n", name));
    if (ratios.isEmpty()) {
      out.println("No step could be compared.");
    }
    boolean isGood =
        !ratios.isEmpty() && missing.isEmpty() && ratios.stream().noneMatch(Ratio::isRegression);
    return isGood ? 0 : 1;
  }

  /** Time of an operation by benchmark and parameters. */
  static Map<String, Double> scores(Path file) throws IOException {
    Map<String, Double> scores = new TreeMap<>();
    for (JsonNode result : new ObjectMapper().readTree(file.toFile())) {
      String name = result.path("benchmark").asText().replaceFirst("^.*\\.(\\w+\\.\\w+)$", "$1");
      List<String> params = new ArrayList<>();
      result
          .path("params")
          .fields()
          .forEachRemaining(param -> params.add(param.getKey() + "=" + param.getValue().asText()));
      scores.put(
          params.isEmpty() ? name : name + " " + String.join(" ", params),
          result.path("primaryMetric").path("score").asDouble());
    }
    return scores;
  }

  /** The benchmarks that are in all results: one that is new has nothing to be compared with. */
  static List<Ratio> compare(List<Map<String, Double>> before, List<Map<String, Double>> now) {
    List<Ratio> ratios = new ArrayList<>();
    for (String name : before.get(0).keySet()) {
      List<Double> logs = new ArrayList<>();
      for (int turn = 0; turn < before.size(); turn++) {
        Double old = before.get(turn).get(name);
        Double current = now.get(turn).get(name);
        if (old != null && current != null && old > 0 && current > 0) {
          logs.add(Math.log(current / old));
        }
      }
      if (logs.size() == before.size()) {
        ratios.add(ratio(name, logs));
      }
    }
    return ratios;
  }

  private static Ratio ratio(String name, List<Double> logs) {
    int n = logs.size();
    double mean = logs.stream().mapToDouble(x -> x).sum() / n;
    double squares = logs.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
    double t = T99[Math.min(n - 1, T99.length) - 1];
    double half = t * Math.sqrt(squares / (n - 1) / n);
    return new Ratio(name, Math.exp(mean), Math.exp(mean - half), Math.exp(mean + half));
  }
}
