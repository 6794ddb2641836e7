package io.kappacdc.chaos.report;

import io.kappacdc.chaos.report.RunReport.Line;
import io.kappacdc.runtime.KappaException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Several runs whose faults are counted together. */
public record Runs(List<RunReport> runs) {
  /**
   * @throws KappaException if a run is among them twice, or one with a mutation
   */
  public Runs {
    runs = List.copyOf(runs);
    Set<RunReport.Head> heads = new HashSet<>();
    for (RunReport run : runs) {
      if (!heads.add(run.head())) {
        throw new KappaException(
            "Cannot count these runs together",
            "the run of seed "
                + run.head().seed()
                + ", "
                + run.head().startedAt()
                + ", is there twice",
            "Name each report once.");
      }
      if (run.head().mutation() != null) {
        throw new KappaException(
            "Cannot count these runs together",
            "the run of seed " + run.head().seed() + " had the mutation " + run.head().mutation(),
            "Leave it out: it is to fail.");
      }
    }
  }

  /**
   * Runs of one commit.
   *
   * @throws KappaException if they are of several
   */
  public static Runs ofOneCommit(List<RunReport> reports) {
    Runs runs = new Runs(reports);
    if (runs.commits().size() > 1) {
      throw new KappaException(
          "Cannot count these runs together",
          "they ran the code of different commits: " + String.join(", ", runs.commits()),
          "Leave out those of another commit, or say --any-commit.");
    }
    return runs;
  }

  public boolean isRight() {
    return runs.stream().allMatch(RunReport::isRight);
  }

  /** Without repetition, in order. */
  public Set<String> commits() {
    return runs.stream()
        .map(run -> run.head().commit())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  String seeds() {
    return runs.stream()
        .map(run -> Long.toString(run.head().seed()))
        .collect(Collectors.joining(", "));
  }

  /** The day of the first, with that of the last if it is another one. */
  String days() {
    TreeSet<LocalDate> days =
        runs.stream()
            .map(run -> LocalDate.ofInstant(run.head().startedAt(), ZoneOffset.UTC))
            .collect(Collectors.toCollection(TreeSet::new));
    return days.size() == 1 ? days.first().toString() : days.first() + " to " + days.last();
  }

  long sum(ToLongFunction<RunReport> figure) {
    return runs.stream().mapToLong(figure).sum();
  }

  List<Line> lines() {
    return RunReport.lines(outcomes());
  }

  Line total() {
    return RunReport.total(outcomes());
  }

  private List<Outcome> outcomes() {
    return runs.stream().flatMap(run -> run.outcomes().stream()).toList();
  }
}
