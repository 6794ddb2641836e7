package io.kappacdc.benchmarks.peers;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a store showed in the end, and when.
 *
 * @param store its name
 * @param basis what the latencies are taken from
 * @param progress in the order of time
 * @param latencyMicros from the source's commit to visible
 * @param correctness against the source
 */
record Arrival(
    String store,
    String basis,
    List<Progress> progress,
    Histogram latencyMicros,
    Correctness correctness) {
  private static final long LATENCY_MICROS_MAX = 3_600_000_000L;

  Arrival {
    progress = List.copyOf(progress);
  }

  /**
   * How much was visible at a time.
   *
   * @param micros since 1970
   * @param records visible by then, in the store's own units
   */
  record Progress(long micros, long records) {}

  /**
   * The store against the source.
   *
   * @param changes in a store of changes; null in one of current rows
   * @param duplicates changes more than once; null in a store of current rows
   * @param lost changes missing; null in a store of current rows
   * @param rowsMissing rows of the source that the store's state has not
   * @param rowsExtra rows that the source has not
   * @param rowsDifferent rows whose values differ
   */
  record Correctness(
      @Nullable Long changes,
      @Nullable Long duplicates,
      @Nullable Long lost,
      long rowsMissing,
      long rowsExtra,
      long rowsDifferent) {
    static Correctness ofHistory(
        Expected expected, long changes, long distinct, Map<Integer, String> state) {
      Correctness rows = ofRows(expected, state);
      return new Correctness(
          changes,
          changes - distinct,
          expected.changes() - distinct,
          rows.rowsMissing,
          rows.rowsExtra,
          rows.rowsDifferent);
    }

    static Correctness ofRows(Expected expected, Map<Integer, String> state) {
      long present = 0;
      long different = 0;
      for (Map.Entry<Integer, String> row : expected.rows().entrySet()) {
        String found = state.get(row.getKey());
        present += found == null ? 0 : 1;
        different += found == null || found.equals(row.getValue()) ? 0 : 1;
      }
      return new Correctness(
          null, null, null, expected.rows().size() - present, state.size() - present, different);
    }

    boolean isRight() {
      return (duplicates == null || duplicates == 0)
          && (lost == null || lost == 0)
          && rowsMissing + rowsExtra + rowsDifferent == 0;
    }
  }

  static Histogram histogram() {
    return new Histogram(LATENCY_MICROS_MAX, 3);
  }

  /** Clocks of two processes may differ by microseconds, the wrong way round. */
  static void record(Histogram histogram, long micros, long changes) {
    histogram.recordValueWithCount(Math.min(Math.max(micros, 0), LATENCY_MICROS_MAX), changes);
  }

  /**
   * Of all changes since the measurement's begin, each with its transaction, from progress in keys:
   * a transaction is visible with its highest key.
   */
  static Histogram latencyByKey(Expected expected, List<Progress> progress) {
    Histogram latency = histogram();
    for (CommitLog.Commit commit : expected.commits().since(expected.fromMicros())) {
      progress.stream()
          .filter(step -> step.records >= commit.highestKey())
          .findFirst()
          .ifPresent(step -> record(latency, step.micros - commit.micros(), commit.changes()));
    }
    return latency;
  }

  /** The same from progress in changes, which arrive in the order of their commits. */
  static Histogram latencyByCount(Expected expected, List<Progress> progress) {
    Histogram latency = histogram();
    long committed = 0;
    int step = 0;
    for (CommitLog.Commit commit : expected.commits().since(0)) {
      committed += commit.changes();
      while (step < progress.size() && progress.get(step).records < committed) {
        step++;
      }
      if (step < progress.size() && commit.micros() >= expected.fromMicros()) {
        record(latency, progress.get(step).micros - commit.micros(), commit.changes());
      }
    }
    return latency;
  }

  /** The last time at which something became visible; 0 if nothing did. */
  long lastMicros() {
    return progress.isEmpty() ? 0 : progress.get(progress.size() - 1).micros;
  }

  /** Changes a second between the first and the last time; 0 with fewer than two of them. */
  double changesPerSecond(long changes) {
    if (progress.size() < 2 || lastMicros() == progress.get(0).micros) {
      return 0;
    }
    double last = progress.get(progress.size() - 1).records;
    double share = (last - progress.get(0).records) / last;
    return changes * share / ((lastMicros() - progress.get(0).micros) / 1e6);
  }
}
