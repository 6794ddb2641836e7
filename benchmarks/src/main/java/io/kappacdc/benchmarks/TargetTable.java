package io.kappacdc.benchmarks;

import static io.kappacdc.benchmarks.BenchRuns.figure;

import com.fasterxml.jackson.databind.JsonNode;
import io.kappacdc.benchmarks.peers.Report;
import io.kappacdc.benchmarks.peers.Result;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The pipeline's targets beside what was measured: of {@code kappa bench} and of the side-by-side
 * runs, these with all that ran by turns. A row takes figures only of what ran as the row says, and
 * of runs that count.
 */
final class TargetTable {
  private static final String KAPPA = "kappa";
  private static final String STEADY = "steady 5000/s";
  private static final List<String> STORES =
      List.of("PostgreSQL trail", "Delta trail", "Delta mirror");
  private static final ToDoubleFunction<Result.Store> RATE = Result.Store::changesPerSecond;
  private static final ToDoubleFunction<Result.Store> P99 =
      store -> store.latency() == null ? 0 : store.latency().p99();

  private static final Benchmark FIVE_THOUSAND =
      new Benchmark("funds-5k", "funds", 5_000, 1_000_000);
  private static final Benchmark TEN_THOUSAND =
      new Benchmark("funds-10k", "funds", 10_000, 1_000_000);
  private static final Benchmark AT_REST = new Benchmark("idle", "fifty-tables", 0.02, 0);

  /** A run of less says nothing of what goes on for long. */
  private static final long SECONDS_MIN = 300;

  /** What the specs have that fill rows; another time is said. */
  private static final long SECONDS_USUAL = 600;

  private final Map<String, BenchRuns> runsBySpec;
  private final SideBySide sideBySide;
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

  /** How a benchmark is run that fills rows: a run of that name may have been another one. */
  private record Benchmark(String spec, String workload, double changesPerSecond, long rows) {
    private boolean isOf(JsonNode run) {
      return run.at("/spec/workload").asText().equals(workload)
          && run.at("/spec/changesPerSecond").asDouble() == changesPerSecond
          && run.at("/spec/rows").asLong() == rows;
    }
  }

  /**
   * What stands in a row.
   *
   * @param value null if there is none
   * @param remark behind it, or why there is none
   */
  private record Figure(@Nullable Double value, String remark) {
    private static final Figure NOT_RECORDED = new Figure(null, "not recorded");
    private static final Figure NOT_COUNTED = new Figure(null, "does not count");

    private static Figure of(OptionalDouble value) {
      return value.isPresent() ? new Figure(value.getAsDouble(), "") : NOT_RECORDED;
    }
  }

  private TargetTable(Map<String, BenchRuns> runsBySpec, SideBySide sideBySide) {
    this.runsBySpec = runsBySpec;
    this.sideBySide = sideBySide;
  }

  /** The section of the page. */
  static String of(Map<String, BenchRuns> runsBySpec, SideBySide sideBySide) {
    return new TargetTable(runsBySpec, sideBySide).section();
  }

  private String section() {
    text.append(
        """

        ### Targets
        Two bars for each figure, and which of them was reached. Side by side is what ran by turns on one machine, all on a
        table that was empty, while the figure itself may be of a table of a million rows; the records are below. A figure is
        of ten minutes where no other time is said, and only of runs that count.

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
        ofRuns(TEN_THOUSAND, run -> figure(run, "/figures/cpuSecondsPerMillion")));
    row(
        new Bar("fifty tables at rest: CPU", "thousandths of a core", 50, 20),
        ofRuns(AT_REST, run -> reached(run, "cores of the pipeline")));
    row(
        new Bar("fifty tables at rest: memory", "MiB", 2_560, 1_536),
        ofRuns(AT_REST, run -> reached(run, "memory of the pipeline")));
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
        ofRuns(TEN_THOUSAND, run -> millis(run, store, percentile)));
  }

  private void atFiveThousand() {
    row(
        new Bar("commit to postgres-trail at 5,000/s, p99", "ms", 800, 200),
        ofRuns(FIVE_THOUSAND, run -> millis(run, "postgres-trail", "p99")),
        sideBySide("postgres", STEADY, P99));
    row(
        new Bar("commit to delta-trail at 5,000/s, p99", "ms", 2_000, 1_000),
        ofRuns(FIVE_THOUSAND, run -> millis(run, "delta-trail", "p99")),
        sideBySide("lake", STEADY, P99));
    row(
        new Bar("commit to delta-mirror at 5,000/s, p99", "ms", 3_000, 1_500),
        ofRuns(FIVE_THOUSAND, run -> millis(run, "delta-mirror", "p99")));
  }

  private void capture() {
    OptionalDouble ours = median("capture", "kappa capture", "drain", "Kafka", RATE);
    OptionalDouble theirs = median("capture", "Debezium Server", "drain", "Kafka", RATE);
    row(
        new Bar("capture of a backlog", "times Debezium Server", 1.2, 2),
        ours.isPresent() && theirs.isPresent()
            ? Figure.of(OptionalDouble.of(ours.getAsDouble() / theirs.getAsDouble()))
            : Figure.NOT_RECORDED,
        sideBySide("capture", "drain", RATE));
    row(
        new Bar("commit to a reader of Kafka at 5,000/s, p99", "ms", 100, 30),
        Figure.of(median("capture", "kappa capture", STEADY, "Kafka", P99)),
        sideBySide("capture", STEADY, P99));
  }

  /** The slowest store's rate. */
  private void allAtOnce(String what, String phase, double first, double next) {
    List<OptionalDouble> rates =
        STORES.stream().map(store -> median("lake", KAPPA, phase, store, RATE)).toList();
    row(
        new Bar(what, "a second", first, next),
        rates.stream().allMatch(OptionalDouble::isPresent)
            ? Figure.of(rates.stream().flatMapToDouble(OptionalDouble::stream).min())
            : Figure.NOT_RECORDED,
        sideBySide("lake", phase, RATE));
  }

  private OptionalDouble median(
      String side,
      String contender,
      String phase,
      String store,
      ToDoubleFunction<Result.Store> figure) {
    return sideBySide
        .newest(side, phase)
        .map(report -> report.median(contender, phase, store, figure))
        .orElse(OptionalDouble.empty());
  }

  /** Every contender's figure of each of its stores. */
  private String sideBySide(String side, String phase, ToDoubleFunction<Result.Store> figure) {
    Optional<Report> record = sideBySide.newest(side, phase);
    if (record.isEmpty()) {
      return "";
    }
    Report report = record.get();
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
  private Figure load() {
    return runsBySpec.values().stream()
        .filter(runs -> runs.seconds() >= SECONDS_MIN)
        .filter(
            runs ->
                runs.all().stream()
                    .allMatch(
                        run ->
                            run.at("/verdict/counts").asBoolean()
                                && run.at("/figures/keptUp").asBoolean()))
        .max(Comparator.comparingDouble(TargetTable::changesPerSecond))
        .map(runs -> new Figure(changesPerSecond(runs), remark(runs)))
        .orElse(Figure.NOT_RECORDED);
  }

  private static double changesPerSecond(BenchRuns runs) {
    return runs.median(run -> figure(run, "/figures/changesPerSecond")).orElse(0);
  }

  private Figure ofRuns(Benchmark benchmark, ToDoubleFunction<JsonNode> figure) {
    BenchRuns runs = runsBySpec.get(benchmark.spec);
    if (runs == null || !benchmark.isOf(runs.first()) || runs.seconds() < SECONDS_MIN) {
      return Figure.NOT_RECORDED;
    }
    if (runs.counted().isEmpty()) {
      return Figure.NOT_COUNTED;
    }
    OptionalDouble median = runs.median(figure);
    return median.isPresent()
        ? new Figure(median.getAsDouble(), remark(runs))
        : Figure.NOT_RECORDED;
  }

  private static String remark(BenchRuns runs) {
    return runs.seconds() == SECONDS_USUAL ? "" : " in %,d s".formatted(runs.seconds());
  }

  private static double millis(JsonNode run, String store, String percentile) {
    return figure(run, "/figures/latency/" + store + "/" + percentile + "Millis");
  }

  /** What a run reached of one of its own targets. */
  private static double reached(JsonNode run, String what) {
    for (JsonNode target : run.at("/verdict/targets")) {
      if (target.path("what").asText().equals(what)) {
        return BenchRuns.known(target.path("reached"));
      }
    }
    return Double.NaN;
  }

  private void row(Bar bar, Figure figure) {
    row(bar, figure, "");
  }

  private void row(Bar bar, Figure figure, String others) {
    Double value = figure.value();
    text.append(
        "| %s | %s | %s | %s | %s | %s | %s |%n"
            .formatted(
                bar.what,
                bar.unit,
                number(bar.first),
                bar.next == bar.first ? "" : number(bar.next),
                (value == null ? "" : number(value)) + figure.remark(),
                value == null ? "" : bar.verdict(value),
                others));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%,.0f", value);
  }
}
