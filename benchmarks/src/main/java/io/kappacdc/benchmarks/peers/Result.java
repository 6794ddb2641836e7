package io.kappacdc.benchmarks.peers;

import io.kappacdc.benchmarks.peers.Arrival.Correctness;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One run of one contender.
 *
 * @param phase what was done
 * @param round from 1
 * @param changes those measured
 * @param cpuSeconds by process, servers included; the source's has the load's statements
 * @param cpuSecondsOthers of the rest of the machine meanwhile, this harness included
 * @param complete whether everything arrived within the limit
 * @param loadShortfall the part of the steady load that could not be made in time, 0 to 1
 * @param failure why there are no figures; null if there are
 */
public record Result(
    String contender,
    String phase,
    int round,
    long changes,
    double seconds,
    Map<String, Double> cpuSeconds,
    double cpuSecondsOthers,
    boolean complete,
    double loadShortfall,
    List<Store> stores,
    @Nullable String failure) {
  static final double SHORTFALL_MAX = 0.01;

  public Result {
    cpuSeconds = Collections.unmodifiableMap(new LinkedHashMap<>(cpuSeconds));
    stores = List.copyOf(stores);
  }

  /**
   * What arrived in one store.
   *
   * @param changesPerSecond between the first and the last thing to become visible
   * @param latency null where it says nothing, as in a drain
   */
  public record Store(
      String name,
      double changesPerSecond,
      @Nullable Latency latency,
      @Nullable Correctness correctness) {}

  /** Milliseconds; of so many changes, taken from such a basis. */
  public record Latency(double p50, double p99, double max, long changes, String basis) {
    static Latency of(Histogram micros, String basis) {
      return new Latency(
          micros.getValueAtPercentile(50) / 1e3,
          micros.getValueAtPercentile(99) / 1e3,
          micros.getMaxValue() / 1e3,
          micros.getTotalCount(),
          basis);
    }
  }

  static Result failed(String contender, String phase, int round, String failure) {
    return new Result(contender, phase, round, 0, 0, Map.of(), 0, false, 0, List.of(), failure);
  }

  /** Whether its figures are of all of the load, and of stores that hold what the source does. */
  boolean isSound() {
    return failure == null
        && complete
        && loadShortfall <= SHORTFALL_MAX
        && stores.stream()
            .map(Store::correctness)
            .allMatch(check -> check == null || check.isRight());
  }

  double cpuPerMillion() {
    double total = cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
    return changes == 0 ? 0 : total / changes * 1e6;
  }
}
