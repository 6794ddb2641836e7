package io.kappacdc.chaos.report;

import io.kappacdc.chaos.report.Outcome.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run.
 *
 * @param commit of the code, as far as known
 * @param mutation what was broken on purpose; null if nothing was
 * @param changes that the source made
 * @param cuts how many cuts of the stores the sum of all accounts was checked at
 * @param failure why the run ended early, if that was not a fault's outcome
 */
public record RunReport(
    Head head,
    List<Outcome> outcomes,
    long transactions,
    long changes,
    long cuts,
    int verifications,
    @Nullable String failure) {
  /** What tells one run from another. */
  public record Head(
      long seed,
      int faults,
      String only,
      String commit,
      Instant startedAt,
      @Nullable String mutation) {}

  /** All outcomes of one fault. */
  public record Line(
      String fault,
      long times,
      long survived,
      long refused,
      long lost,
      long duplicated,
      Duration recoveryMedian,
      Duration recoveryMax) {}

  public RunReport {
    outcomes = List.copyOf(outcomes);
  }

  /** Whether every fault was survived and nothing was lost or counted twice. */
  public boolean isRight() {
    return failure == null && firstFailure().isEmpty();
  }

  public Optional<Outcome> firstFailure() {
    return outcomes.stream().filter(outcome -> outcome.verdict() == Verdict.FAILED).findFirst();
  }

  /** Faults that did happen. */
  public long happened() {
    return outcomes.stream().filter(outcome -> outcome.verdict() != Verdict.MISSED).count();
  }

  /** A line a fault, by name. */
  public List<Line> lines() {
    return lines(outcomes);
  }

  static List<Line> lines(List<Outcome> outcomes) {
    Map<String, List<Outcome>> byFault = new TreeMap<>();
    for (Outcome outcome : outcomes) {
      if (outcome.verdict() != Verdict.MISSED) {
        byFault.computeIfAbsent(outcome.fault(), any -> new ArrayList<>()).add(outcome);
      }
    }
    return byFault.entrySet().stream().map(each -> line(each.getKey(), each.getValue())).toList();
  }

  /** All faults together. */
  public Line total() {
    return total(outcomes);
  }

  static Line total(List<Outcome> outcomes) {
    return line("all", outcomes.stream().filter(each -> each.verdict() != Verdict.MISSED).toList());
  }

  private static Line line(String fault, List<Outcome> outcomes) {
    List<Duration> recoveries =
        outcomes.stream()
            .filter(outcome -> outcome.verdict() != Verdict.FAILED)
            .map(Outcome::recovery)
            .sorted()
            .toList();
    int count = recoveries.size();
    return new Line(
        fault,
        outcomes.size(),
        count(outcomes, Verdict.SURVIVED),
        count(outcomes, Verdict.REFUSED),
        outcomes.stream().mapToLong(Outcome::lost).sum(),
        outcomes.stream().mapToLong(Outcome::duplicated).sum(),
        count == 0 ? Duration.ZERO : recoveries.get(count / 2),
        count == 0 ? Duration.ZERO : recoveries.get(count - 1));
  }

  private static long count(List<Outcome> outcomes, Verdict verdict) {
    return outcomes.stream().filter(outcome -> outcome.verdict() == verdict).count();
  }
}
