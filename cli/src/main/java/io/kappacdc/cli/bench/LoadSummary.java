package io.kappacdc.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What {@code kappa load} says that it did.
 *
 * @param startMicros the schedule's time zero, microseconds since 1970
 * @param inserts of the whole load, as updates and deletes
 * @param failures transactions of the whole load that failed
 * @param dueBySecond changes that were meant for each second since time zero
 * @param committedBySecond changes committed in each
 * @param p50Millis of transactions behind the warm-up, from the time each was meant for
 */
record LoadSummary(
    String specFingerprint,
    long startMicros,
    long inserts,
    long updates,
    long deletes,
    long transactions,
    long failures,
    double p50Millis,
    double p99Millis,
    double maxMillis,
    List<Long> dueBySecond,
    List<Long> committedBySecond) {
  LoadSummary {
    dueBySecond = List.copyOf(dueBySecond);
    committedBySecond = List.copyOf(committedBySecond);
  }

  static LoadSummary read(Path file) throws IOException {
    Map<?, ?> json =
        (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    Map<?, ?> whole = (Map<?, ?>) json.get("whole");
    Map<?, ?> measured = (Map<?, ?>) json.get("measured");
    List<?> seconds = (List<?>) json.get("dueAndCommittedBySecond");
    return new LoadSummary(
        String.valueOf(json.get("specFingerprint")),
        number(json, "startMicros").longValue(),
        number(whole, "inserts").longValue(),
        number(whole, "updates").longValue(),
        number(whole, "deletes").longValue(),
        number(whole, "transactions").longValue(),
        number(whole, "failures").longValue(),
        number(measured, "p50Millis").doubleValue(),
        number(measured, "p99Millis").doubleValue(),
        number(measured, "maxMillis").doubleValue(),
        column(seconds, 0),
        column(seconds, 1));
  }

  private static Number number(Map<?, ?> json, String key) {
    return (Number) json.get(key);
  }

  private static List<Long> column(List<?> rows, int index) {
    return rows.stream().map(row -> ((Number) ((List<?>) row).get(index)).longValue()).toList();
  }

  /** Changes committed in the whole load. */
  long committed() {
    return inserts + updates + deletes;
  }

  /** Changes meant for these seconds. */
  long due(long fromSecond, long toSecond) {
    return dueBySecond.stream()
        .skip(fromSecond)
        .limit(toSecond - fromSecond)
        .mapToLong(n -> n)
        .sum();
  }
}
