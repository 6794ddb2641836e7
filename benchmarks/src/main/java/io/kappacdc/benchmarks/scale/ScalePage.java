package io.kappacdc.benchmarks.scale;

import io.kappacdc.benchmarks.scale.Dimension.Driver;
import io.kappacdc.benchmarks.scale.ScaleRecord.Result;
import io.kappacdc.benchmarks.scale.ScaleRecord.Result.Percentiles;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Records as Markdown: a table of each dimension, a chart of it, and a line through its cores. */
public final class ScalePage {
  private static final List<String> STORES =
      List.of("postgres-trail", "delta-trail", "delta-mirror");
  private static final int POINTS_MIN = 3;

  private ScalePage() {}

  /** Of each dimension the newest record, so that they can be measured on different days. */
  public static String of(List<ScaleRecord> records) {
    if (records.isEmpty()) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(
            line(
                "\n### Scale law\nA run in brackets did not keep up or does not count, and is in no fit."));
    records.stream()
        .sorted(Comparator.comparing(ScaleRecord::at))
        .forEach(record -> append(text, record, newest(record, records)));
    return text.toString();
  }

  private static List<Dimension> newest(ScaleRecord record, List<ScaleRecord> records) {
    return Arrays.stream(Dimension.values())
        .filter(dimension -> !record.of(dimension).isEmpty())
        .filter(
            dimension ->
                records.stream()
                    .filter(other -> other.at().compareTo(record.at()) > 0)
                    .allMatch(newer -> newer.of(dimension).isEmpty()))
        .toList();
  }

  private static void append(StringBuilder text, ScaleRecord record, List<Dimension> dimensions) {
    if (dimensions.isEmpty()) {
      return;
    }
    text.append(
        line(
            "\n%d s behind %d s of warm-up each, commit %.12s, %s; %s, %d cores, %d GiB.",
            record.seconds(),
            record.warmUpSeconds(),
            record.machine().commit(),
            record.at().substring(0, "2000-01-01".length()),
            record.machine().cpu(),
            record.machine().processors(),
            record.machine().memoryGib()));
    dimensions.forEach(dimension -> append(text, dimension, record.of(dimension)));
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
    List<Result> sound = results.stream().filter(ScalePage::isSound).toList();
    if (sound.size() >= POINTS_MIN) {
      appendChart(text, dimension, sound);
      appendFit(text, dimension, sound);
    }
  }

  /** As a Mermaid chart, which what shows Markdown draws. */
  private static void appendChart(StringBuilder text, Dimension dimension, List<Result> sound) {
    text.append(
        line(
            "%n```mermaid%nxychart-beta%n  title \"Cores of the pipeline\"%n  x-axis \"%s\" [%s]%n"
                + "  y-axis \"cores\" 0 --> %.2f%n  line [%s]%n```",
            dimension.unit(),
            joined(sound, result -> "\"%,d\"".formatted(result.value())),
            1.1 * sound.stream().mapToDouble(Result::pipelineCores).max().orElse(1),
            joined(sound, result -> "%.2f".formatted(result.pipelineCores()))));
  }

  private static String joined(List<Result> results, Function<Result, String> text) {
    return results.stream().map(text).collect(Collectors.joining(", "));
  }

  private static void appendFit(StringBuilder text, Dimension dimension, List<Result> sound) {
    List<Driver> drivers =
        sound.stream()
            .flatMap(result -> dimension.driver(result.value(), result.changesPerSecond()).stream())
            .toList();
    if (drivers.isEmpty()) {
      return;
    }
    LinearFit fit =
        LinearFit.of(
            drivers.stream().mapToDouble(Driver::amount).toArray(),
            sound.stream().mapToDouble(Result::pipelineCores).toArray());
    text.append(
        line(
            "%nCores = %.2f + %.4f × %s explains %.1f %% of it.",
            fit.intercept(), fit.slope(), drivers.get(0).unit(), 100 * fit.share()));
    if (dimension == Dimension.LOAD) {
      text.append(
          line(
              "On that line 50,000 changes/s take %.0f cores, 100,000 take %.0f: further than what was measured.",
              fit.at(50), fit.at(100)));
    }
  }

  private static boolean isSound(Result result) {
    return result.counts() && result.keptUp();
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + '\n';
  }
}
