package io.kappacdc.benchmarks.scale;

import io.kappacdc.benchmarks.scale.ScaleRecord.Result;
import io.kappacdc.benchmarks.scale.ScaleRecord.Result.Percentiles;
import java.util.List;
import java.util.Locale;

/** A record as Markdown: a table of each dimension, and a line through the cost of the load. */
public final class ScalePage {
  private static final List<String> STORES =
      List.of("postgres-trail", "delta-trail", "delta-mirror");
  private static final int POINTS_MIN = 3;

  private ScalePage() {}

  public static String of(ScaleRecord record) {
    StringBuilder text = new StringBuilder();
    text.append(
        line(
            "\n### Scale law\n%d s behind %d s of warm-up each, commit %.12s, %s; %s, %d cores, %d GiB."
                + " A run in brackets did not keep up or does not count, and is in no fit.",
            record.seconds(),
            record.warmUpSeconds(),
            record.machine().commit(),
            record.at().substring(0, "2000-01-01".length()),
            record.machine().cpu(),
            record.machine().processors(),
            record.machine().memoryGib()));
    for (Dimension dimension : Dimension.values()) {
      List<Result> results = record.of(dimension);
      if (!results.isEmpty()) {
        append(text, dimension, results);
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Dimension dimension, List<Result> results) {
    text.append(
        line(
            "%n| %s | changes/s | cores | CPU-s a million | MiB | PostgreSQL trail p50 / p99, ms"
                + " | Delta trail | Delta mirror |%n|---|---|---|---|---|---|---|---|",
            dimension.unit()));
    for (Result result : results) {
      text.append(line(isSound(result) ? "| %,d |" : "| (%,d) |", result.value()).stripTrailing());
      if (result.millisByStore().isEmpty()) {
        text.append(line(" %s | | | | | | |", result.failure()));
        continue;
      }
      text.append(
          line(
                  " %,.0f | %.2f | %.0f | %,d |",
                  result.changesPerSecond(),
                  result.pipelineCores(),
                  result.cpuSecondsPerMillion(),
                  result.residentMebibytes())
              .stripTrailing());
      for (String store : STORES) {
        Percentiles millis = result.millisByStore().get(store);
        text.append(
            millis == null ? " - |" : " %,.0f / %,.0f |".formatted(millis.p50(), millis.p99()));
      }
      text.append('\n');
    }
    if (dimension == Dimension.LOAD) {
      appendFit(text, results.stream().filter(ScalePage::isSound).toList());
    }
  }

  private static void appendFit(StringBuilder text, List<Result> sound) {
    if (sound.size() < POINTS_MIN) {
      return;
    }
    LinearFit fit =
        LinearFit.of(
            sound.stream().mapToDouble(result -> result.changesPerSecond() / 1000).toArray(),
            sound.stream().mapToDouble(Result::pipelineCores).toArray());
    text.append(
        line(
            "%nCores = %.2f + %.4f × thousand changes/s explains %.1f %% of it.",
            fit.intercept(), fit.slope(), 100 * fit.share()));
  }

  private static boolean isSound(Result result) {
    return result.counts() && result.keptUp();
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + '\n';
  }
}
