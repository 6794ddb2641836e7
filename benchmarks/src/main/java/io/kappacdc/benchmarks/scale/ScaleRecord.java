package io.kappacdc.benchmarks.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.kappacdc.benchmarks.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the runs came to.
 *
 * @param scale the format's version
 * @param at when the first began
 * @param repeat the command
 */
public record ScaleRecord(
    int scale,
    String at,
    String repeat,
    Machine machine,
    int warmUpSeconds,
    int seconds,
    List<Result> results) {
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  ScaleRecord(
      String at,
      String repeat,
      Machine machine,
      int warmUpSeconds,
      int seconds,
      List<Result> results) {
    this(FORMAT, at, repeat, machine, warmUpSeconds, seconds, List.copyOf(results));
  }

  /**
   * One run.
   *
   * @param dimension what was varied, by its name
   * @param failure why the run does not count; empty if it does
   * @param keptUp whether no store fell behind
   * @param pipelineCores cores that the pipeline used
   * @param coresByProcess the same by process, the load's and the source's among them
   * @param residentMebibytes the most that each of the pipeline's processes had, together
   * @param millisByStore commit to visible, median and 99th percentile
   */
  public record Result(
      String dimension,
      int value,
      double changesPerSecond,
      String failure,
      boolean keptUp,
      double pipelineCores,
      double cpuSecondsPerMillion,
      Map<String, Double> coresByProcess,
      long residentMebibytes,
      Map<String, Percentiles> millisByStore) {
    /** Of a latency in milliseconds. */
    public record Percentiles(double p50, double p99) {}

    boolean counts() {
      return failure.isEmpty();
    }

    /** A run that came to nothing. */
    static Result failed(Dimension.Point point, String failure) {
      return new Result(
          point.dimension().name(), point.value(), 0, failure, false, 0, 0, Map.of(), 0, Map.of());
    }

    /** From the {@code result.json} of {@code kappa bench}. */
    static Result of(Dimension.Point point, Path json) throws IOException {
      JsonNode run = JSON.readTree(json.toFile());
      JsonNode figures = run.get("figures");
      double seconds = run.at("/spec/durationSeconds").asDouble();
      List<String> failures = new ArrayList<>();
      run.at("/verdict/failures").forEach(failure -> failures.add(failure.asText()));
      if (figures.get("pipelineCpuSeconds").isNull()) {
        failures.add("what the pipeline took is not known");
      }
      Map<String, Double> cores = new TreeMap<>();
      figures
          .get("cpuSeconds")
          .fields()
          .forEachRemaining(cpu -> cores.put(cpu.getKey(), cpu.getValue().asDouble() / seconds));
      Map<String, Percentiles> latency = new TreeMap<>();
      figures
          .get("latency")
          .fields()
          .forEachRemaining(
              store ->
                  latency.put(
                      store.getKey(),
                      new Percentiles(
                          store.getValue().get("p50Millis").asDouble(),
                          store.getValue().get("p99Millis").asDouble())));
      return new Result(
          point.dimension().name(),
          point.value(),
          figures.get("changesPerSecond").asDouble(),
          String.join("; ", failures),
          figures.get("keptUp").asBoolean(),
          figures.get("pipelineCpuSeconds").asDouble() / seconds,
          figures.get("cpuSecondsPerMillion").asDouble(),
          cores,
          figures.get("pipelineResidentBytesMax").asLong() >> 20,
          latency);
    }
  }

  void write(Path file) throws IOException {
    JSON.writeValue(file.toFile(), this);
  }

  /** What {@link #write} wrote. */
  public static ScaleRecord read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), ScaleRecord.class);
  }

  /** The runs of a dimension, by its value. */
  List<Result> of(Dimension dimension) {
    return results.stream()
        .filter(result -> result.dimension().equals(dimension.name()))
        .sorted(Comparator.comparingInt(Result::value))
        .toList();
  }
}
