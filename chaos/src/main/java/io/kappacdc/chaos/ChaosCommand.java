package io.kappacdc.chaos;

import io.kappacdc.chaos.agent.Mutation;
import io.kappacdc.chaos.fault.Fault;
import io.kappacdc.chaos.fault.Faults;
import io.kappacdc.chaos.report.JsonReport;
import io.kappacdc.chaos.report.MarkdownReport;
import io.kappacdc.chaos.report.Outcome;
import io.kappacdc.chaos.report.RunReport;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kappa chaos}. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    subcommands = ReportCommand.class,
    description = {
      "Let things go wrong, one after the other, while a load runs, and account for every change"
          + " after each.",
      "Runs servers and a pipeline of its own. The schedule follows from the seed and the faults to"
          + " choose from."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every fault was survived; nothing was lost, nothing counted twice",
      "1:something was; the first fault that showed it is named, and how to repeat the run",
      "2:wrong call"
    })
final class ChaosCommand implements Callable<Integer> {
  private static final String MARK = "chaos.yaml";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Where the schedule comes from (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--faults",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int count = 50;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".kappa/chaos",
      description =
          "Where the run keeps its servers, logs and lake (default: ${DEFAULT-VALUE}). Emptied"
              + " first; removed after a run that went well, its report apart.")
  private Path home = Path.of(".kappa/chaos");

  @Option(
      names = "--only",
      paramLabel = "FAULT",
      split = ",",
      description =
          "Choose from these faults only, in this order; see --list. One that fails at a point may"
              + " have the point behind it: fail-capture-kill:capture-commit-before.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "200",
      description = "Transactions a second at the source (default: ${DEFAULT-VALUE}).")
  private int rate = 200;

  @Option(
      names = "--verify-every",
      paramLabel = "K",
      defaultValue = "25",
      description =
          "Compare everything row by row after every K-th fault and after the last (default:"
              + " ${DEFAULT-VALUE}). Every change is counted after each fault anyway.")
  private int verifyEvery = 25;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "180",
      description =
          "How long the pipeline may take to come back after a fault (default: ${DEFAULT-VALUE}).")
  private int patience = 180;

  @Option(
      names = "--mutation",
      paramLabel = "M",
      description = "Break a mechanism on purpose; the run must then fail. See --list.")
  private @Nullable String mutation;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the report there as JSON, anew after each fault.")
  private @Nullable Path json;

  @Option(names = "--markdown", paramLabel = "FILE", description = "The same as Markdown.")
  private @Nullable Path markdown;

  @Option(names = "--keep", description = "Keep the home directory after a run that went well.")
  private boolean keep;

  @Option(names = "--list", description = "List the faults and the mutations.")
  private boolean list;

  @Option(names = "--debug", description = "Show stack traces of errors.")
  @SuppressWarnings("UnusedVariable") // Cli looks for it among the arguments
  private boolean debug;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      printList(out);
      return ExitCode.OK;
    }
    RunOptions options = options();
    empty(options.home());
    System.setProperty("kappa.chaos.log", options.home().resolve("chaos.log").toString());
    System.setProperty("log4j2.configurationFile", "classpath:log4j2-chaos.properties");
    RunReport report = run(options, out);
    return conclude(options, report, out);
  }

  private static void printList(PrintWriter out) {
    out.println("Faults, with their weights:");
    Faults.all().forEach(fault -> out.printf("  %-28s %3d%n", fault.name(), fault.weight()));
    out.println("Mutations, with the faults that show them:");
    for (Mutation mutation : Mutation.values()) {
      out.printf("  %-28s %s%n", mutation.label(), String.join(",", mutation.faults()));
    }
  }

  private RunOptions options() {
    return new RunOptions(
        home.toAbsolutePath().normalize(),
        seed,
        positive("--faults", count),
        faults(),
        String.join(",", only),
        positive("--rate", rate),
        positive("--verify-every", verifyEvery),
        Duration.ofSeconds(positive("--patience", patience)),
        mutation());
  }

  private @Nullable Mutation mutation() {
    try {
      return mutation == null ? null : Mutation.labelled(mutation);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          "Unknown mutation '"
              + mutation
              + "'; there are "
              + Arrays.stream(Mutation.values()).map(Mutation::label).toList(),
          e);
    }
  }

  private int positive(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '" + option + "': " + value + " is below 1");
    }
    return value;
  }

  private List<Fault> faults() {
    return only.isEmpty() ? Faults.all() : only.stream().map(this::fault).toList();
  }

  private Fault fault(String name) {
    return Faults.named(name)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "Unknown fault '"
                        + name
                        + "'; there are "
                        + String.join(", ", Faults.all().stream().map(Fault::name).toList())));
  }

  /** Empties a directory of an earlier run; leaves alone what is no such directory. */
  private static void empty(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> children = Files.list(directory)) {
        if (children.findAny().isPresent() && !Files.exists(directory.resolve(MARK))) {
          throw new KappaException(
              "The home directory is not empty",
              directory + " holds files that no run of chaos has left there",
              "Name another directory with --home, or empty it.");
        }
      }
      delete(directory);
    }
    Files.createDirectories(directory);
    Files.createFile(directory.resolve(MARK));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private RunReport run(RunOptions options, PrintWriter out) throws InterruptedException {
    RunReport.Head head =
        new RunReport.Head(
            options.seed(),
            options.count(),
            options.only(),
            Commit.current(),
            Instant.now(),
            options.mutation() == null ? null : options.mutation().label());
    AtomicBoolean ended = new AtomicBoolean();
    say(out, "starting servers and pipeline in " + options.home());
    try (Run run = new Run(options, head, line -> say(out, line), this::write)) {
      Thread hook = new Thread(() -> abandon(run, ended), "stop");
      Runtime.getRuntime().addShutdownHook(hook);
      RunReport report = run.run();
      ended.set(true);
      return report;
    }
  }

  private static void abandon(Run run, AtomicBoolean ended) {
    if (!ended.get()) {
      run.abandon();
    }
  }

  private Integer conclude(RunOptions options, RunReport report, PrintWriter out)
      throws IOException {
    out.println();
    out.println(MarkdownReport.write(report));
    write(report);
    if (report.isRight()) {
      out.println("Every fault was survived; nothing was lost, nothing counted twice.");
      out.flush();
      if (!keep) {
        delete(options.home());
      }
      return ExitCode.OK;
    }
    Optional<Outcome> failure = report.firstFailure();
    int number = failure.map(Outcome::number).orElse(report.outcomes().size() + 1);
    out.println(
        failure
            .map(outcome -> "Not survived: fault " + number + ", " + outcome.fault() + ".")
            .orElse("The run ended early: " + report.failure()));
    out.println("To repeat it:  " + options.replay(number));
    out.println("Everything is in " + options.home());
    out.flush();
    return ExitCode.FAILED;
  }

  /** Nothing that was survived is to be forgotten when the run is ended from outside. */
  private void write(RunReport report) {
    try {
      if (json != null) {
        Files.writeString(json, JsonReport.write(report), StandardCharsets.UTF_8);
      }
      if (markdown != null) {
        Files.writeString(markdown, MarkdownReport.write(report), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
