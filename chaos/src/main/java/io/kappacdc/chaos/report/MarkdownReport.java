package io.kappacdc.chaos.report;

import io.kappacdc.chaos.report.RunReport.Line;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A run's report as Markdown, which is also what the terminal gets. */
public final class MarkdownReport {
  private MarkdownReport() {}

  /** The table with what is needed to repeat the run. */
  public static String write(RunReport report) {
    StringBuilder text = new StringBuilder();
    RunReport.Head head = report.head();
    text.append(
        String.format(
            Locale.ROOT,
            "Seed %d, %d faults%s, commit %s, %tF.%n",
            head.seed(),
            report.happened(),
            head.mutation() == null ? "" : ", with the mutation " + head.mutation(),
            head.commit(),
            head.startedAt().atZone(java.time.ZoneOffset.UTC)));
    text.append(
        String.format(
            Locale.ROOT,
            "%d transactions, %d changes, %d cuts checked, %d verifications row by row.%n%n",
            report.transactions(),
            report.changes(),
            report.cuts(),
            report.verifications()));
    return text.append(table(report.lines(), report.total())).toString();
  }

  /** The table of several runs together. */
  public static String write(Runs runs) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d runs, seeds %s, %d faults, %d of them refused clearly, commit %s, %s.%n",
            runs.runs().size(),
            runs.seeds(),
            runs.total().times(),
            runs.total().refused(),
            String.join(" and ", runs.commits()),
            runs.days()));
    text.append(
        String.format(
            Locale.ROOT,
            "%d transactions, %d changes, %d cuts checked, %d verifications row by row.%n%n",
            runs.sum(RunReport::transactions),
            runs.sum(RunReport::changes),
            runs.sum(RunReport::cuts),
            runs.sum(RunReport::verifications)));
    return text.append(table(runs.lines(), runs.total())).toString();
  }

  private static String table(List<Line> lines, Line total) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "| %-26s | %5s | %8s | %7s | %4s | %10s | %15s | %12s |%n",
            "fault",
            "times",
            "survived",
            "refused",
            "lost",
            "duplicated",
            "recovery median",
            "recovery max"));
    text.append(
        "|----------------------------|------:|---------:|--------:|-----:|-----------:|"
            + "----------------:|-------------:|\n");
    lines.forEach(line -> text.append(row(line)));
    text.append(row(total));
    return text.toString();
  }

  private static String row(Line line) {
    return String.format(
        Locale.ROOT,
        "| %-26s | %5d | %8d | %7d | %4d | %10d | %15s | %12s |%n",
        line.fault(),
        line.times(),
        line.survived(),
        line.refused(),
        line.lost(),
        line.duplicated(),
        seconds(line.recoveryMedian()),
        seconds(line.recoveryMax()));
  }

  /** As {@code 1.2 s}. */
  public static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
  }
}
