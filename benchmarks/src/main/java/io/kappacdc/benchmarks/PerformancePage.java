package io.kappacdc.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.benchmarks.peers.Report;
import io.kappacdc.benchmarks.scale.ScalePage;
import io.kappacdc.benchmarks.scale.ScaleRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The recorded results in docs/performance.md, from the files in benchmarks/results: of each spec
 * of {@code kappa bench} the runs of the newest commit, of each side-by-side run and of the scale
 * law the newest record. Several runs are given by their median.
 */
final class PerformancePage {
  private static final String BEGIN = "<!-- from benchmarks/results: begin -->\n";
  private static final String END = "<!-- from benchmarks/results: end -->\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, List<JsonNode>> runsBySpec = new TreeMap<>();
  private final Map<String, Report> reportBySide = new TreeMap<>();
  private @Nullable ScaleRecord scale;

  /**
   * @param results the directory of the records; other files in it are left alone
   */
  PerformancePage(Path results) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(results)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : files) {
      JsonNode record = JSON.readTree(file.toFile());
      if (record.has("spec") && record.has("figures")) {
        runsBySpec
            .computeIfAbsent(record.at("/spec/name").asText(), name -> new ArrayList<>())
            .add(record);
      } else if (record.has("side")) {
        Report report = Report.read(file);
        reportBySide.merge(report.side(), report, PerformancePage::newer);
      } else if (record.has("scale")) {
        ScaleRecord found = ScaleRecord.read(file);
        scale = scale == null || found.at().compareTo(scale.at()) > 0 ? found : scale;
      }
    }
    runsBySpec.replaceAll((name, runs) -> ofNewestCommit(runs));
  }

  /** Rewrites the tables of the page: installation. */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    Path page = root.resolve("docs/performance.md");
    String text = Files.readString(page);
    Files.writeString(page, new PerformancePage(root.resolve("benchmarks/results")).putInto(text));
  }

  private static Report newer(Report a, Report b) {
    return a.at().compareTo(b.at()) > 0 ? a : b;
  }

  private static List<JsonNode> ofNewestCommit(List<JsonNode> runs) {
    JsonNode newest =
        runs.stream().max(Comparator.comparing(run -> run.get("at").asText())).orElseThrow();
    return runs.stream().filter(run -> commit(run).equals(commit(newest))).toList();
  }

  private static String commit(JsonNode run) {
    return run.at("/environment/commit").asText();
  }

  /**
   * The page with these tables in the place of what is between its marks.
   *
   * @throws IllegalArgumentException if it has no marks
   */
  String putInto(String page) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException("The page has no place for recorded results");
    }
    return page.substring(0, begin + BEGIN.length()) + tables() + page.substring(end);
  }

  private String tables() {
    StringBuilder text = new StringBuilder(TargetTable.of(runsBySpec, reportBySide));
    runsBySpec.forEach((name, runs) -> append(text, name, runs));
    reportBySide
        .values()
        .forEach(report -> text.append('\n').append(report.page().replaceFirst("^# ", "### ")));
    if (scale != null) {
      text.append(ScalePage.of(scale));
    }
    return text.append('\n').toString();
  }

  private static void append(StringBuilder text, String name, List<JsonNode> runs) {
    JsonNode first = runs.get(0);
    JsonNode machine = first.get("environment");
    text.append(
        """

        ### %s
        %d changes/s, %s of %d s behind %d s of warm-up, commit %.10s, %s; %s, %d cores, %d GiB. %s; other programs \
        took %s %% of the machine.

        | commit to visible, ms | p50 | p99 | max |
        |---|---|---|---|
        """
            .formatted(
                name,
                first.at("/spec/changesPerSecond").asLong(),
                runs.size() == 1 ? "one run" : "medians of " + runs.size() + " runs",
                first.at("/spec/durationSeconds").asLong(),
                first.at("/spec/warmUpSeconds").asLong(),
                commit(first),
                first.get("at").asText().substring(0, "2000-01-01".length()),
                machine.get("processor").asText(),
                machine.get("cores").asLong(),
                Math.round(machine.get("memoryMebibytes").asLong() / 1024.0),
                runs.stream().allMatch(run -> run.at("/verdict/counts").asBoolean())
                    ? "Verified"
                    : "NOT all runs count",
                number(runs, PerformancePage::foreignPercent)));
    latency(text, runs, "/figures/stages", "kafka: readable");
    for (String store : names(first.at("/figures/latency"))) {
      latency(text, runs, "/figures/latency", store);
    }
    text.append("\n| target | wanted | measured | |\n|---|---|---|---|\n");
    JsonNode targets = first.at("/verdict/targets");
    for (int i = 0; i < targets.size(); i++) {
      target(text, runs, i);
    }
    text.append("\nCores used:");
    for (String process : names(first.at("/figures/cpuSeconds"))) {
      String cores =
          String.format(
              Locale.ROOT,
              "%.2f",
              Medians.of(
                  runs,
                  run ->
                      run.at("/figures/cpuSeconds").path(process).asDouble()
                          / run.at("/spec/durationSeconds").asDouble()));
      text.append(' ').append(process).append(' ').append(cores);
    }
    text.append(".\n");
    first.at("/verdict/remarks").forEach(remark -> text.append("\n- ").append(remark.asText()));
    text.append('\n');
  }

  private static void latency(StringBuilder text, List<JsonNode> runs, String where, String what) {
    text.append("| ").append(what).append(" |");
    for (String figure : List.of("p50Millis", "p99Millis", "maxMillis")) {
      text.append(' ')
          .append(number(runs, run -> run.at(where).path(what).path(figure).asDouble()))
          .append(" |");
    }
    text.append('\n');
  }

  private static void target(StringBuilder text, List<JsonNode> runs, int index) {
    JsonNode target = runs.get(0).at("/verdict/targets").get(index);
    double reached =
        Medians.of(runs, run -> run.at("/verdict/targets").path(index).path("reached").asDouble());
    double wanted = target.get("wanted").asDouble();
    text.append(
        String.format(
            Locale.ROOT,
            "| %s | %,.0f %s | %,.0f | %s |%n",
            target.get("what").asText(),
            wanted,
            target.get("unit").asText(),
            reached,
            reached <= wanted ? "reached" : "**missed**"));
  }

  private static double foreignPercent(JsonNode run) {
    double available =
        run.at("/spec/durationSeconds").asDouble() * run.at("/environment/cores").asDouble();
    return 100 * run.at("/figures/cpuSeconds/foreign").asDouble() / available;
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static String number(List<JsonNode> runs, ToDoubleFunction<JsonNode> value) {
    return String.format(Locale.ROOT, "%,.0f", Medians.of(runs, value));
  }
}
