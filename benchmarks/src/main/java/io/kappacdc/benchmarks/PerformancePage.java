package io.kappacdc.benchmarks;

import static io.kappacdc.benchmarks.BenchRuns.figure;
import static io.kappacdc.benchmarks.BenchRuns.known;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.benchmarks.peers.Report;
import io.kappacdc.benchmarks.scale.ScalePage;
import io.kappacdc.benchmarks.scale.ScaleRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * The recorded results in docs/performance.md, from the files in benchmarks/results: of each spec
 * of {@code kappa bench} the newest run and those of its kind, of each phase of a side-by-side run
 * and of each dimension of the scale law the newest record. Several runs are given by their median.
 */
final class PerformancePage {
  private static final String BEGIN = "<!-- from benchmarks/results: begin -->\n";
  private static final String END = "<!-- from benchmarks/results: end -->\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, BenchRuns> runsBySpec = new TreeMap<>();
  private final SideBySide sideBySide;
  private final List<ScaleRecord> scales = new ArrayList<>();

  /**
   * @param results the directory of the records; other files in it are left alone
   */
  PerformancePage(Path results) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(results)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    Map<String, List<JsonNode>> found = new TreeMap<>();
    List<Report> reports = new ArrayList<>();
    for (Path file : files) {
      JsonNode record = JSON.readTree(file.toFile());
      if (record.has("spec") && record.has("figures")) {
        found
            .computeIfAbsent(record.at("/spec/name").asText(), name -> new ArrayList<>())
            .add(record);
      } else if (record.has("side")) {
        reports.add(Report.read(file));
      } else if (record.has("scale")) {
        scales.add(ScaleRecord.read(file));
      }
    }
    found.forEach((name, runs) -> runsBySpec.put(name, BenchRuns.newest(runs)));
    sideBySide = new SideBySide(reports);
  }

  /** Rewrites the tables of the page: installation. */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    Path page = root.resolve("docs/performance.md");
    String text = Files.readString(page);
    Files.writeString(page, new PerformancePage(root.resolve("benchmarks/results")).putInto(text));
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
    StringBuilder text = new StringBuilder(TargetTable.of(runsBySpec, sideBySide));
    runsBySpec.forEach((name, runs) -> append(text, name, runs));
    sideBySide
        .shown()
        .forEach(report -> text.append('\n').append(report.page().replaceFirst("^# ", "### ")));
    text.append(ScalePage.of(scales));
    return text.append('\n').toString();
  }

  private static void append(StringBuilder text, String name, BenchRuns runs) {
    JsonNode first = runs.first();
    JsonNode machine = first.get("environment");
    text.append(
        """

        ### %s
        %s changes/s, %s of %d s behind %d s of warm-up, commit %s, %s; %s, %d cores, %d GiB. %s; other programs \
        took %s %% of the machine.

        | commit to visible, ms | p50 | p99 | max |
        |---|---|---|---|
        """
            .formatted(
                name,
                plain(first.at("/spec/changesPerSecond").asDouble()),
                runs.shown().size() == 1
                    ? "one run"
                    : "medians of " + runs.shown().size() + " runs",
                runs.seconds(),
                first.at("/spec/warmUpSeconds").asLong(),
                commit(first),
                first.get("at").asText().substring(0, "2000-01-01".length()),
                machine.get("processor").asText(),
                machine.get("cores").asLong(),
                BenchRuns.gibibytes(first),
                verified(runs),
                number(runs, PerformancePage::foreignPercent)));
    latency(text, runs, "/figures/stages", "kafka: readable");
    for (String store : names(first.at("/figures/latency"))) {
      latency(text, runs, "/figures/latency", store);
    }
    text.append("\n| target | wanted | measured | |\n|---|---|---|---|\n");
    first.at("/verdict/targets").forEach(target -> target(text, runs, target));
    text.append("\nCores used:");
    for (String process : names(first.at("/figures/cpuSeconds"))) {
      ToDoubleFunction<JsonNode> cores =
          run ->
              known(run.at("/figures/cpuSeconds").path(process))
                  / run.at("/spec/durationSeconds").asDouble();
      text.append(' ').append(process).append(' ').append(text("%.2f", runs.median(cores)));
    }
    text.append(".\n");
    notes(runs).forEach(note -> text.append("\n- ").append(note));
    text.append('\n');
  }

  private static String commit(JsonNode run) {
    String commit = BenchRuns.commit(run);
    return "%.10s".formatted(commit) + (commit.contains("+changes") ? " with changes" : "");
  }

  private static String verified(BenchRuns runs) {
    int others = runs.all().size() - runs.counted().size();
    if (others == 0) {
      return "Verified";
    }
    return runs.counted().isEmpty()
        ? "NOT to be counted"
        : "Verified; "
            + others
            + " of "
            + runs.all().size()
            + " runs do not count and are left out";
  }

  /** Of all runs, as each has its own circumstances; what several say is said once. */
  private static List<String> notes(BenchRuns runs) {
    return Stream.concat(
            runs.all().stream().flatMap(run -> texts("does not count: ", run, "failures")),
            runs.all().stream().flatMap(run -> texts("", run, "remarks")))
        .distinct()
        .toList();
  }

  private static Stream<String> texts(String prefix, JsonNode run, String what) {
    List<String> texts = new ArrayList<>();
    run.get("verdict").path(what).forEach(text -> texts.add(prefix + text.asText()));
    return texts.stream();
  }

  private static void latency(StringBuilder text, BenchRuns runs, String where, String what) {
    text.append("| ").append(what).append(" |");
    for (String figure : List.of("p50Millis", "p99Millis", "maxMillis")) {
      text.append(' ')
          .append(number(runs, run -> known(run.at(where).path(what).path(figure))))
          .append(" |");
    }
    text.append('\n');
  }

  private static void target(StringBuilder text, BenchRuns runs, JsonNode target) {
    String what = target.get("what").asText();
    double wanted = target.get("wanted").asDouble();
    OptionalDouble reached = runs.median(run -> known(target(run, what).path("reached")));
    // More than is wanted may do, as a backlog's growth does that comes to next to nothing.
    double shareReached =
        runs.median(run -> target(run, what).path("isReached").asBoolean() ? 1 : 0).orElse(0);
    boolean isReached =
        reached.isPresent() && (reached.getAsDouble() <= wanted || shareReached > 0.5);
    text.append(
        String.format(
            Locale.ROOT,
            "| %s | %,.0f %s | %s | %s |%n",
            what,
            wanted,
            target.get("unit").asText(),
            text("%,.0f", reached),
            isReached ? "reached" : "**missed**"));
  }

  private static JsonNode target(JsonNode run, String what) {
    for (JsonNode target : run.at("/verdict/targets")) {
      if (target.path("what").asText().equals(what)) {
        return target;
      }
    }
    return JSON.missingNode();
  }

  private static double foreignPercent(JsonNode run) {
    double available =
        run.at("/spec/durationSeconds").asDouble() * run.at("/environment/cores").asDouble();
    return 100 * figure(run, "/figures/cpuSeconds/foreign") / available;
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static String number(BenchRuns runs, ToDoubleFunction<JsonNode> value) {
    return text("%,.0f", runs.median(value));
  }

  private static String text(String format, OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "unknown";
  }

  /** Whole numbers as such, others, such as a change a minute, with what is behind the point. */
  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
