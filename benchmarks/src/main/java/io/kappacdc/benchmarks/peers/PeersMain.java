package io.kappacdc.benchmarks.peers;

import io.kappacdc.benchmarks.Machine;
import io.kappacdc.benchmarks.peers.Runner.Phase;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one side's contenders by turns and records what came of it. */
@Command(
    name = "benchmarks/peers/run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Run this pipeline and its peers by turns on the same changes, and record the figures.",
      "Exits 1 if a contender failed, or if this pipeline lost or changed something, did not finish or did"
          + " not get its whole load; the record says which and why."
    })
public final class PeersMain implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss").withZone(ZoneOffset.UTC);

  @Parameters(paramLabel = "SIDE", description = "${COMPLETION-CANDIDATES}")
  private Side side = Side.capture;

  @Option(names = "--rounds", defaultValue = "1", description = "Runs of each (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--rows",
      defaultValue = "1000000",
      description = "Rows of a snapshot (${DEFAULT-VALUE}); 0 leaves it out.")
  private int rows;

  @Option(
      names = "--backlog",
      defaultValue = "1000000",
      description = "Changes of a drain (${DEFAULT-VALUE}); 0 leaves it out.")
  private long backlog;

  @Option(
      names = "--rates",
      split = ",",
      description = "Changes a second of the steady loads (2000,5000); 0 leaves them out.")
  private List<Integer> rates = List.of(2000, 5000);

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "Length of a steady load (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      description = "Seconds of the same load before it (${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--tx-rows",
      defaultValue = "100",
      description = "Row changes of a transaction (${DEFAULT-VALUE}).")
  private int rowsPerTransaction;

  @Option(
      names = "--limit",
      defaultValue = "300",
      description = "Seconds that a drain may take (${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--only", split = ",", description = "Contenders to run, by name.")
  private List<String> only = List.of();

  @Option(
      names = "--results",
      defaultValue = "benchmarks/results",
      description = "Where the record goes (${DEFAULT-VALUE}).")
  private Path results = Path.of("");

  @Spec private @Nullable CommandSpec spec;

  private final String[] arguments;

  PeersMain(String[] arguments) {
    this.arguments = arguments;
  }

  /** What is compared. */
  enum Side {
    capture(Kappa.CAPTURE, DebeziumServer.DEFAULTS, DebeziumServer.TUNED),
    postgres(Kappa.TO_POSTGRES, KafkaConnect.DEFAULTS, KafkaConnect.TUNED),
    lake(Kappa.TO_LAKE, new FlinkIceberg(), new PlainRecipe()),
    floors();

    private final List<Contender> contenders;

    Side(Contender... contenders) {
      this.contenders = List.of(contenders);
    }
  }

  /** A run still to be made; the number is its round. */
  private record Turn(String label, IntFunction<Job> job) {}

  @FunctionalInterface
  private interface Job {
    Result run() throws InterruptedException;
  }

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new PeersMain(arguments)).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireSomethingToRun();
    PrintWriter out = spec.commandLine().getOut();
    Path installation = Path.of(System.getProperty("kappa.root", ".")).toAbsolutePath().normalize();
    Runner.Settings settings =
        new Runner.Settings(
            installation,
            installation.resolve(".kappa/peers/runs"),
            rows,
            backlog,
            rowsPerTransaction,
            Duration.ofSeconds(seconds),
            Duration.ofSeconds(warmUp),
            Duration.ofSeconds(limit));
    Instant at = Instant.now();
    double loadBefore = Machine.load();
    List<Result> done = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      List<Turn> turns = turns(settings);
      if (round % 2 == 0) {
        Collections.reverse(turns); // who comes first changes
      }
      for (Turn turn : turns) {
        out.printf("round %d of %d: %s%n", round, rounds, turn.label);
        out.flush();
        Result result = turn.job.apply(round).run();
        done.add(result);
        out.println(result);
      }
    }
    Report report = report(at, loadBefore, done);
    String name = "peers-" + side + "-" + STAMP.format(at);
    Files.createDirectories(results);
    report.writeJson(results.resolve(name + ".json"));
    Files.writeString(results.resolve(name + ".md"), report.page());
    out.println(report.markdown());
    out.println("recorded in " + results.resolve(name) + ".json and .md");
    return exitCode(done);
  }

  /** A peer may be wrong, which the record says; this pipeline may not. */
  static int exitCode(List<Result> done) {
    Set<String> own = Stream.of(Kappa.values()).map(Kappa::label).collect(Collectors.toSet());
    return done.stream()
            .allMatch(
                result ->
                    own.contains(result.contender()) ? result.isSound() : result.failure() == null)
        ? 0
        : FAILED;
  }

  private void requireSomethingToRun() {
    List<String> known = side.contenders.stream().map(Contender::label).toList();
    List<String> unknown = only.stream().filter(name -> !known.contains(name)).toList();
    if (!unknown.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "There is no contender "
              + String.join(", ", unknown)
              + " on the side "
              + side
              + (known.isEmpty()
                  ? ", which has none to choose from"
                  : "; there are " + String.join(", ", known)));
    }
    boolean hasPhase = rows > 0 || backlog > 0 || rates.stream().anyMatch(rate -> rate > 0);
    if (!hasPhase || rounds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Nothing is left to run: no rounds, or neither rows, backlog nor rates");
    }
  }

  private List<Turn> turns(Runner.Settings settings) {
    List<Turn> turns = new ArrayList<>();
    if (side == Side.floors) {
      Floors floors = new Floors(settings);
      turns.add(new Turn(Floors.RECEIVE, round -> () -> floors.receive(round)));
      turns.add(new Turn(Floors.COPY, round -> () -> floors.copy(round)));
      return turns;
    }
    List<Phase> phases = new ArrayList<>();
    if (rows > 0) {
      phases.add(new Phase.Snapshot());
    }
    if (backlog > 0) {
      phases.add(new Phase.Drain());
    }
    rates.stream().filter(rate -> rate > 0).forEach(rate -> phases.add(new Phase.Steady(rate)));
    Runner runner = new Runner(settings);
    for (Phase phase : phases) {
      for (Contender contender : contenders()) {
        turns.add(
            new Turn(
                contender.label() + ", " + phase.label(),
                round -> () -> runner.run(contender, phase, round)));
      }
    }
    return turns;
  }

  private List<Contender> contenders() {
    return side.contenders.stream()
        .filter(contender -> only.isEmpty() || only.contains(contender.label()))
        .toList();
  }

  private Report report(Instant at, double loadBefore, List<Result> done) {
    Map<String, String> load = new TreeMap<>();
    load.put("table", FundMetadataWorkload.TABLE);
    load.put("mix", "60/30/10");
    load.put("rowsPerTransaction", Integer.toString(rowsPerTransaction));
    load.put("rowsOfSnapshot", Integer.toString(rows));
    load.put("backlog", Long.toString(backlog));
    load.put("steadySeconds", Integer.toString(seconds));
    load.put("warmUpSeconds", Integer.toString(warmUp));
    Map<String, Map<String, String>> contenders = new LinkedHashMap<>();
    for (Contender contender : contenders()) {
      Map<String, String> about = new TreeMap<>(contender.versions());
      about.putAll(contender.settings());
      contenders.put(contender.label(), about);
    }
    return new Report(
        side.name(),
        at.toString(),
        "benchmarks/peers/run " + String.join(" ", arguments),
        Machine.here(),
        loadBefore,
        load,
        Testbed.settings(),
        contenders,
        done);
  }
}
