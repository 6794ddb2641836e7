package io.kappacdc.cli.bench;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Two results side by side, if they differ in nothing but what they are to be compared for. */
public final class Comparison {
  private static final List<String> ENVIRONMENT =
      List.of("processor", "cores", "memoryMebibytes", "kernel", "java");
  private static final String CONFIG = "config ";
  private static final String PARTS = "pipelineParts";

  private final Path first;
  private final Path second;
  private final Map<?, ?> a;
  private final Map<?, ?> b;

  private Comparison(Path first, Path second) {
    this.first = first;
    this.second = second;
    this.a = read(first);
    this.b = read(second);
  }

  /**
   * Reads two results, each a file or the directory that has it.
   *
   * @param varied keys of the configuration that may differ
   * @throws KappaException if the runs are not comparable
   */
  public static Comparison of(Path first, Path second, Set<String> varied) {
    Comparison comparison = new Comparison(first, second);
    List<String> obstacles = comparison.obstacles(varied);
    if (!obstacles.isEmpty()) {
      throw new KappaException(
          "These two runs cannot be compared",
          String.join("\n  ", obstacles),
          "Run both on the same machine with the same spec; a key of the configuration that is to"
              + " differ can be named, --varied KEY.");
    }
    return comparison;
  }

  private static Map<?, ?> read(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(Bench.RESULT) : path;
    try {
      Object root =
          new Load(LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build())
              .loadFromString(Files.readString(file)); // JSON is YAML
      if (root instanceof Map<?, ?> map && Objects.equals(map.get("format"), ResultJson.FORMAT)) {
        return map;
      }
    } catch (IOException | YamlEngineException e) {
      throw unreadable(file, e);
    }
    throw unreadable(file, null);
  }

  private static KappaException unreadable(Path file, @Nullable Exception e) {
    return new KappaException(
        "There is no result to compare",
        file + " is not a result of this version's kappa bench",
        "Name the directory that kappa bench printed, or the " + Bench.RESULT + " in it.",
        e);
  }

  private List<String> obstacles(Set<String> varied) {
    List<String> obstacles = new ArrayList<>();
    countsAtAll(first, a, obstacles);
    countsAtAll(second, b, obstacles);
    differences("", map(a, "spec"), map(b, "spec"), Set.of("name"), obstacles);
    if (figures(a).containsKey(PARTS) && figures(b).containsKey(PARTS)) { // older ones do not say
      difference(
          "parts of the pipeline on this machine",
          figures(a).get(PARTS),
          figures(b).get(PARTS),
          obstacles);
    }
    for (String key : ENVIRONMENT) {
      difference(key, map(a, "environment").get(key), map(b, "environment").get(key), obstacles);
    }
    differences(
        CONFIG,
        map(map(a, "environment"), "config"),
        map(map(b, "environment"), "config"),
        varied,
        obstacles);
    return obstacles;
  }

  private static void countsAtAll(Path path, Map<?, ?> result, List<String> obstacles) {
    if (!Boolean.TRUE.equals(map(result, "verdict").get("counts"))) {
      obstacles.add(path + " does not count: " + map(result, "verdict").get("failures"));
    }
  }

  private static void differences(
      String prefix, Map<?, ?> of, Map<?, ?> and, Set<String> except, List<String> obstacles) {
    Set<String> keys = new TreeSet<>();
    of.keySet().forEach(key -> keys.add(String.valueOf(key)));
    and.keySet().forEach(key -> keys.add(String.valueOf(key)));
    keys.removeAll(except);
    keys.forEach(key -> difference(prefix + key, of.get(key), and.get(key), obstacles));
  }

  private static void difference(
      String what, @Nullable Object of, @Nullable Object and, List<String> obstacles) {
    if (!Objects.equals(of, and)) {
      obstacles.add("%s: %s and %s".formatted(what, of, and));
    }
  }

  private static Map<?, ?> map(Map<?, ?> of, String key) {
    return of.get(key) instanceof Map<?, ?> map ? map : Map.of();
  }

  private static double number(Map<?, ?> of, String key) {
    return of.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** Prints the figures and what B is of A. */
  public void print(PrintWriter out) {
    line(out, "A  %s  commit %s", first, map(a, "environment").get("commit"));
    line(out, "B  %s  commit %s", second, map(b, "environment").get("commit"));
    line(out, "%-44s %12s %12s %8s", "", "A", "B", "B/A");
    row(out, "changes a second", figures(a), figures(b), "changesPerSecond");
    for (String sink : BenchSpec.SINKS) {
      for (String percentile : List.of("p50Millis", "p90Millis", "p99Millis", "maxMillis")) {
        row(
            out,
            sink + " " + percentile.replace("Millis", ", ms"),
            map(map(figures(a), "latency"), sink),
            map(map(figures(b), "latency"), sink),
            percentile);
      }
    }
    row(out, "CPU of the pipeline, s/million", figures(a), figures(b), "cpuSecondsPerMillion");
    Set<String> parts = new TreeSet<>();
    map(figures(a), "cpuSeconds").keySet().forEach(part -> parts.add(String.valueOf(part)));
    for (String part : parts) {
      row(
          out,
          "CPU of " + part + ", s",
          map(figures(a), "cpuSeconds"),
          map(figures(b), "cpuSeconds"),
          part);
    }
    out.flush();
  }

  private static Map<?, ?> figures(Map<?, ?> result) {
    return map(result, "figures");
  }

  private static void row(PrintWriter out, String what, Map<?, ?> of, Map<?, ?> and, String key) {
    double x = number(of, key);
    double y = number(and, key);
    if (Double.isNaN(x) && Double.isNaN(y)) {
      return;
    }
    String ratio = x > 0 && y > 0 ? String.format(Locale.ROOT, "%.2f", y / x) : "";
    line(out, "%-44s %,12.1f %,12.1f %8s", what, x, y, ratio);
  }

  private static void line(PrintWriter out, String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
  }
}
