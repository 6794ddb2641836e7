package io.kappacdc.benchmarks;

import io.kappacdc.benchmarks.WireFormatResults.Cost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.ListStatistics;

/**
 * Runs {@link WireFormatBenchmark}, measures sizes, prints a table and records {@code
 * wire-format-<date>.json} in the directory given (default {@code benchmarks/results}). The run
 * takes about four minutes on a machine that does nothing else.
 */
public final class WireFormatMain {
  private static final double CONFIDENCE = 0.999;
  private static final String COMMAND =
      "mvn -B -q -DskipTests -pl benchmarks -am package && java -cp"
          + " \"benchmarks/target/benchmarks-0.1.0-SNAPSHOT.jar:$(cat benchmarks/target/classpath.txt)\" "
          + WireFormatMain.class.getName();

  private WireFormatMain() {}

  public static void main(String[] arguments) throws IOException, RunnerException {
    Path directory = Path.of(arguments.length == 0 ? "benchmarks/results" : arguments[0]);
    WireFormatResults results = run(Clock.systemUTC());
    Files.createDirectories(directory);
    Path file =
        directory.resolve(
            "wire-format-" + LocalDate.ofInstant(results.at(), ZoneOffset.UTC) + ".json");
    results.writeJson(file);
    System.out.println(results.markdown());
    System.out.println("recorded in " + file);
  }

  private static WireFormatResults run(Clock clock) throws RunnerException {
    Instant at = clock.instant();
    Machine machine = Machine.here();
    double loadBefore = Machine.load();
    Map<Workload, Map<Candidate, BatchSize>> sizes = sizes();
    Collection<RunResult> measured =
        new Runner(
                new OptionsBuilder()
                    .include(WireFormatBenchmark.class.getName())
                    .shouldFailOnError(true)
                    .build())
            .run();
    List<WireFormatResults.Row> rows = new ArrayList<>();
    sizes.forEach(
        (workload, byCandidate) ->
            byCandidate.forEach(
                (candidate, size) ->
                    rows.add(
                        new WireFormatResults.Row(
                            workload,
                            candidate,
                            cost(measured, "encode", workload, candidate),
                            cost(measured, "decode", workload, candidate),
                            size))));
    return new WireFormatResults(at, machine, loadBefore, Machine.load(), COMMAND, rows);
  }

  private static Map<Workload, Map<Candidate, BatchSize>> sizes() {
    Map<Workload, Map<Candidate, BatchSize>> sizes = new EnumMap<>(Workload.class);
    for (Workload workload : Workload.values()) {
      Map<Candidate, BatchSize> byCandidate = new EnumMap<>(Candidate.class);
      for (Candidate candidate : Candidate.values()) {
        byCandidate.put(candidate, BatchSize.of(workload, candidate));
      }
      sizes.put(workload, byCandidate);
    }
    return sizes;
  }

  @SuppressWarnings("rawtypes") // as JMH declares it
  private static Cost cost(
      Collection<RunResult> measured, String method, Workload workload, Candidate candidate) {
    RunResult run =
        measured.stream()
            .filter(result -> result.getPrimaryResult().getLabel().equals(method))
            .filter(result -> result.getParams().getParam("workload").equals(workload.name()))
            .filter(result -> result.getParams().getParam("candidate").equals(candidate.name()))
            .findFirst()
            .orElseThrow();
    ListStatistics cpuNanos = new ListStatistics();
    ListStatistics allocatedBytes = new ListStatistics();
    for (BenchmarkResult fork : run.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        Map<String, Result> counts = iteration.getSecondaryResults();
        double events = counts.get("events").getScore();
        cpuNanos.addValue(counts.get("cpuNanos").getScore() / events);
        allocatedBytes.addValue(counts.get("allocatedBytes").getScore() / events);
      }
    }
    return new Cost(
        cpuNanos.getPercentile(50),
        cpuNanos.getMean(),
        cpuNanos.getMeanErrorAt(CONFIDENCE),
        allocatedBytes.getMean());
  }
}
