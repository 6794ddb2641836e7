package io.kappacdc.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.kappacdc.benchmarks.peers.Report;
import io.kappacdc.benchmarks.peers.Result;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * The pipeline's targets beside what was measured: of {@code kappa bench} and of the side-by-side
 * runs, these with all that ran by turns.
 */
final class TargetTable {
  private static final String KAPPA = "kappa";
  private static final String STEADY = "steady 5000/s";
  private static final List<String> STORES =
      List.of("PostgreSQL trail", "Delta trail", "Delta mirror");
  private static final ToDoubleFunction<Result.Store> RATE = Result.Store::changesPerSecond;
  private static final ToDoubleFunction<Result.Store> P99 =
      store -> store.latency() == null ? 0 : store.latency().p99();

  private final Map<String, List<JsonNode>> runsBySpec;
  private final Map<String, Report> reportBySide;
  private final StringBuilder text = new StringBuilder();

  /**
   * What is wanted of a figure.
   *
   * @param first what is to be reached
   * @param next where it is to go from there; the same if nowhere
   */
  private record Bar(String what, String unit, double first, double next) {
    /** Rates are to be high; times, CPU and memory low. */
    private boolean reaches(double figure, double bar) {
      return next > first ? figure >= bar : figure <= bar;
    }

    private String verdict(double figure) {
      if (next != first && reaches(figure, next)) {
        return "next";
      }
      return reaches(figure, first) ? "first" : "**neither**";
    }
  }

  private TargetTable(Map<String, List<JsonNode>> runsBySpec, Map<String, Report> reportBySide) {
    this.runsBySpec = runsBySpec;
    this.reportBySide = reportBySide;
  }

  /** The section of the page. */
  static String of(Map<String, List<JsonNode>> runsBySpec, Map<String, Report> reportBySide) {
    return new TargetTable(runsBySpec, reportBySide).section();
  }

  private String section() {
    text.append(
        """

        ### Targets
        Two bars for each figure, and which of them was reached. Side by side is what ran by turns on one machine, all on a
        table that was empty, while the figure itself may be of a table of a million rows; the records are below.

        | what | unit | first bar | next | measured | reached | side by side |
        |---|---|---|---|---|---|---|
        """);
    row(new Bar("load that all stores keep up with, verified", "changes/s", 10e3, 20e3), load());
    atTenThousand();
    atFiveThousand();
    capture();
    allAtOnce("backlog of 1,000,000 changes into all stores", "drain", 25e3, 50e3);
    allAtOnce("initial snapshot of 1,000,000 rows into all stores", "snapshot", 60e3, 150e3);
    String pipeline = "CPU of the pipeline at 10,000/s";
    row(
        new Bar(pipeline, "s/million changes", 120, 60),
        ofRuns("funds-10k", "/figures/cpuSecondsPerMillion"));
    row(
        new Bar("fifty tables at rest: CPU", "thousandths of a core", 50, 20),
        target("idle", "cores of the pipeline"));
    row(
        new Bar("fifty tables at rest: memory", "MiB", 2_560, 1_536),
        target("idle", "memory of the pipeline"));
    return text.toString();
  }

  private void atTenThousand() {
    latency("postgres-trail", "p50", 500, 500);
    latency("postgres-trail", "p99", 1_500, 300);
    latency("delta-trail", "p50", 1_000, 1_000);
    latency("delta-trail", "p99", 3_000, 1_500);
    latency("delta-mirror", "p50", 1_500, 1_500);
    latency("delta-mirror", "p99", 4_000, 2_000);
  }

  private void latency(String store, String percentile, double first, double next) {
    row(
        new Bar("commit to " + store + " at 10,000/s, " + percentile, "ms", first, next),
        ofRuns("funds-10k", "/figures/latency/" + store + "/" + percentile + "Millis"));
  }

  private void atFiveThousand() {
    String percentile = "/p99Millis";
    row(
        new Bar("commit to postgres-trail at 5,000/s, p99", "ms", 800, 200),
        ofRuns("funds-5k", "/figures/latency/postgres-trail" + percentile),
        sideBySide("postgres", STEADY, P99));
    row(
        new Bar("commit to delta-trail at 5,000/s, p99", "ms", 2_000, 1_000),
        ofRuns("funds-5k", "/figures/latency/delta-trail" + percentile),
        sideBySide("lake", STEADY, P99));
    row(
        new Bar("commit to delta-mirror at 5,000/s, p99", "ms", 3_000, 1_500),
        ofRuns("funds-5k", "/figures/latency/delta-mirror" + percentile));
  }

  private void capture() {
    OptionalDouble ours = median("capture", "kappa capture", "drain", "Kafka", RATE);
    OptionalDouble theirs = median("capture", "Debezium Server", "drain", "Kafka", RATE);
    row(
        new Bar("capture of a backlog", "times Debezium Server", 1.2, 2),
        ours.isPresent() && theirs.isPresent()
            ? OptionalDouble.of(ours.getAsDouble() / theirs.getAsDouble())
            : OptionalDouble.empty(),
        sideBySide("capture", "drain", RATE));
    row(
        new Bar("commit to a reader of Kafka at 5,000/s, p99", "ms", 100, 30),
        median("capture", "kappa capture", STEADY, "Kafka", P99),
        sideBySide("capture", STEADY, P99));
  }

  /** The slowest store's rate. */
  private void allAtOnce(String what, String phase, double first, double next) {
    List<OptionalDouble> rates =
        STORES.stream().map(store -> median("lake", KAPPA, phase, store, RATE)).toList();
    row(
        new Bar(what, "a second", first, next),
        rates.stream().allMatch(OptionalDouble::isPresent)
            ? rates.stream().flatMapToDouble(OptionalDouble::stream).min()
            : OptionalDouble.empty(),
        sideBySide("lake", phase, RATE));
  }

  private OptionalDouble median(
      String side,
      String contender,
      String phase,
      String store,
      ToDoubleFunction<Result.Store> figure) {
    Report report = reportBySide.get(side);
    return report == null ? OptionalDouble.empty() : report.median(contender, phase, store, figure);
  }

  /** Every contender's figure of each of its stores. */
  private String sideBySide(String side, String phase, ToDoubleFunction<Result.Store> figure) {
    Report report = reportBySide.get(side);
    if (report == null) {
      return "";
    }
    return String.join(
        "; ",
        report.results().stream()
            .filter(run -> run.phase().equals(phase))
            .flatMap(
                run -> run.stores().stream().map(store -> List.of(run.contender(), store.name())))
            .distinct()
            .flatMap(
                key ->
                    report.median(key.get(0), phase, key.get(1), figure).stream()
                        .mapToObj(found -> key.get(0) + ", " + key.get(1) + ": " + number(found)))
            .toList());
  }

  /** The highest that every store of every run kept up with. */
  private OptionalDouble load() {
    return runsBySpec.values().stream()
        .filter(
            runs ->
                runs.stream()
                    .allMatch(
                        run ->
                            run.at("/verdict/counts").asBoolean()
                                && run.at("/figures/keptUp").asBoolean()))
        .flatMapToDouble(runs -> DoubleStream.of(changesPerSecond(runs)))
        .max();
  }

  private static double changesPerSecond(List<JsonNode> runs) {
    return Medians.of(runs, run -> run.at("/figures/changesPerSecond").asDouble());
  }

  private OptionalDouble ofRuns(String spec, String pointer) {
    List<JsonNode> runs = runsBySpec.getOrDefault(spec, List.of());
    return runs.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Medians.of(runs, run -> run.at(pointer).asDouble()));
  }

  /** What a run reached of one of its own targets. */
  private OptionalDouble target(String spec, String what) {
    List<Double> reached =
        runsBySpec.getOrDefault(spec, List.of()).stream()
            .flatMap(run -> elements(run.at("/verdict/targets")))
            .filter(target -> target.path("what").asText().equals(what))
            .map(target -> target.path("reached").asDouble())
            .toList();
    return reached.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Medians.of(reached, Double::doubleValue));
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    Stream.Builder<JsonNode> all = Stream.builder();
    array.forEach(all::add);
    return all.build();
  }

  private void row(Bar bar, OptionalDouble figure) {
    row(bar, figure, "");
  }

  private void row(Bar bar, OptionalDouble figure, String sideBySide) {
    text.append(
        "| %s | %s | %s | %s | %s | %s | %s |%n"
            .formatted(
                bar.what,
                bar.unit,
                number(bar.first),
                bar.next == bar.first ? "" : number(bar.next),
                figure.isPresent() ? number(figure.getAsDouble()) : "not recorded",
                figure.isPresent() ? bar.verdict(figure.getAsDouble()) : "",
                sideBySide));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%,.0f", value);
  }
}
