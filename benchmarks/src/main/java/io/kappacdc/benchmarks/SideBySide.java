package io.kappacdc.benchmarks;

import io.kappacdc.benchmarks.peers.Report;
import io.kappacdc.benchmarks.peers.Result;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The side-by-side records, of each side and phase the newest. A trial, of fewer changes or rows,
 * of shorter loads or of one contender alone, is none of them.
 *
 * @param reports all that were found
 */
record SideBySide(List<Report> reports) {
  private static final long AMOUNT = 1_000_000;
  private static final long STEADY_SECONDS_MIN = 60;

  SideBySide {
    reports =
        reports.stream()
            .sorted(Comparator.comparing(Report::side).thenComparing(Report::at))
            .toList();
  }

  /**
   * The record for a phase.
   *
   * @param phase such as "drain" or "steady 5000/s"
   */
  Optional<Report> newest(String side, String phase) {
    return reports.stream()
        .filter(report -> report.side().equals(side) && isWhole(report, phase))
        .reduce((older, newer) -> newer);
  }

  /** Those that are the newest of a phase, by side and time. */
  List<Report> shown() {
    return reports.stream()
        .filter(
            report ->
                report.results().stream()
                    .map(Result::phase)
                    .anyMatch(phase -> newest(report.side(), phase).orElse(null) == report))
        .toList();
  }

  private static boolean isWhole(Report report, String phase) {
    long contenders =
        report.results().stream()
            .filter(run -> run.phase().equals(phase))
            .map(Result::contender)
            .distinct()
            .count();
    boolean isOfItsSize =
        switch (phase) {
          case "drain" -> load(report, "backlog") == AMOUNT;
          case "snapshot" -> load(report, "rowsOfSnapshot") == AMOUNT;
          default -> load(report, "steadySeconds") >= STEADY_SECONDS_MIN;
        };
    return contenders > 1 && isOfItsSize;
  }

  private static long load(Report report, String what) {
    return Long.parseLong(report.load().getOrDefault(what, "0"));
  }
}
