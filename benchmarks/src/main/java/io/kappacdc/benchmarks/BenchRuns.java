package io.kappacdc.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Runs of {@code kappa bench} of one kind: the same load, on the same program, configuration and
 * machine, so that their median says something. What was built of a tree with changes is of a kind
 * of its own, since the changes are not known.
 *
 * @param all in the order in which they were found, at least one
 */
record BenchRuns(List<JsonNode> all) {
  private static final Set<String> FREE = Set.of("name", "workload", "seed");
  private static final List<String> MACHINE = List.of("processor", "cores", "java", "config");

  BenchRuns {
    all = List.copyOf(all);
  }

  /** The newest run and those of its kind. */
  static BenchRuns newest(List<JsonNode> runs) {
    JsonNode newest =
        runs.stream().max(Comparator.comparing(run -> run.get("at").asText())).orElseThrow();
    List<Object> kind = kind(newest);
    return new BenchRuns(runs.stream().filter(run -> kind(run).equals(kind)).toList());
  }

  private static List<Object> kind(JsonNode run) {
    List<Object> kind = new ArrayList<>();
    ObjectNode load = run.get("spec").deepCopy();
    load.remove(FREE);
    kind.add(load);
    MACHINE.forEach(key -> kind.add(run.get("environment").path(key)));
    kind.add(gibibytes(run)); // what the system keeps to itself changes with its version
    kind.add(commit(run));
    boolean isCommit = commit(run).matches("[0-9a-f]+");
    kind.add(isCommit ? "" : run.get("at").asText());
    return kind;
  }

  static String commit(JsonNode run) {
    return run.at("/environment/commit").asText();
  }

  static long gibibytes(JsonNode run) {
    return Math.round(run.at("/environment/memoryMebibytes").asLong() / 1024.0);
  }

  /** A figure of a run; NaN if it is not known. */
  static double figure(JsonNode run, String pointer) {
    return known(run.at(pointer));
  }

  /** The number of a node; NaN if there is none. */
  static double known(JsonNode node) {
    return node.isNumber() ? node.asDouble() : Double.NaN;
  }

  /** Those that were verified and whose load was made. */
  List<JsonNode> counted() {
    return all.stream().filter(run -> run.at("/verdict/counts").asBoolean()).toList();
  }

  /** What is to be shown: those that count, or all if none does. */
  List<JsonNode> shown() {
    return counted().isEmpty() ? all : counted();
  }

  JsonNode first() {
    return shown().get(0);
  }

  /** How long was measured. */
  long seconds() {
    return first().at("/spec/durationSeconds").asLong();
  }

  /** The median of those shown in which it is known. */
  OptionalDouble median(ToDoubleFunction<JsonNode> figure) {
    double[] known =
        shown().stream().mapToDouble(figure).filter(value -> !Double.isNaN(value)).toArray();
    return known.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Medians.of(known));
  }
}
