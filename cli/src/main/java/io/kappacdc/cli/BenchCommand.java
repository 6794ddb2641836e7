package io.kappacdc.cli;

import io.kappacdc.cli.bench.Bench;
import io.kappacdc.cli.bench.BenchSpec;
import io.kappacdc.cli.bench.BenchStack;
import io.kappacdc.cli.bench.Comparison;
import io.kappacdc.cli.config.ConfigValues;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.Durations;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kappa bench}: the end-to-end benchmark. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Load the source, time every change until it can be read in each store, verify the stores,"
          + " and report.",
      "Runs on the stack that is up in the home directory, or else on one of its own, new and"
          + " embedded, in bench/ of the home directory.",
      "Exits 1 if the stores do not match the source, if the rate was not reached, or if a change"
          + " could not be timed."
    })
final class BenchCommand implements Callable<Integer> {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  @Option(
      names = "--spec",
      paramLabel = "S",
      defaultValue = "smoke",
      description = {
        "What to run: funds-5k, funds-10k, funds-20k, ten-tables-2k, idle, ci, smoke; a workload of"
            + " kappa load, which runs at 1,000 changes/s for a minute; or a file of either"
            + " (default: ${DEFAULT-VALUE})."
      })
  private String specName = "";

  @Option(names = "--rate", paramLabel = "R", description = "Row changes a second.")
  private @Nullable Double rate;

  @Option(
      names = "--duration",
      paramLabel = "D",
      converter = Durations.class,
      description = "How long is measured: 60s, 10m.")
  private @Nullable Duration duration;

  @Option(
      names = "--warm-up",
      paramLabel = "D",
      converter = Durations.class,
      description = "Load before that, which is not measured.")
  private @Nullable Duration warmUp;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Rows that each table has at least before the load begins.")
  private @Nullable Long rows;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where report.html and result.json go (default: results/ in the home).")
  private @Nullable Path results;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    BenchSpec bench = benchSpec();
    PrintWriter out = spec.commandLine().getOut();
    Launcher launcher = Launcher.ofThisInstallation();
    Path directory =
        results == null
            ? common
                .home()
                .resolve("results")
                .resolve(
                    bench.name() + "-" + STAMP.format(LocalDateTime.now(ZoneId.systemDefault())))
            : results.toAbsolutePath();
    try (BenchStack stack = stack(launcher, out)) {
      KappaConfig config = new ConfigLoader().file(stack.home().stackFile()).load();
      Bench.Settings settings =
          new Bench.Settings(bench, config, comparable(config), root(), directory);
      return new Bench(settings, stack, launcher, out).run();
    }
  }

  private BenchSpec benchSpec() {
    BenchSpec bench =
        BenchSpec.load(specName)
            .with(
                new BenchSpec.Overrides(
                    Optional.ofNullable(rate),
                    Optional.ofNullable(duration),
                    Optional.ofNullable(warmUp),
                    Optional.ofNullable(rows)));
    boolean isPositive = bench.changesPerSecond() > 0 && !bench.duration().isZero();
    boolean isWhole =
        bench.duration().toMillis() % 1_000 == 0 && bench.warmUp().toMillis() % 1_000 == 0;
    if (!isPositive || !isWhole) {
      throw new ParameterException(
          spec.commandLine(),
          "--rate must be greater than 0, --duration and --warm-up whole seconds");
    }
    return bench;
  }

  private BenchStack stack(Launcher launcher, PrintWriter out) throws Exception {
    KappaHome home = common.home();
    if (home.runningSupervisor().isPresent()) {
      out.println("kappa: on the stack that is up in " + home.directory());
      out.flush();
      return BenchStack.ofHome(home);
    }
    KappaHome own = new KappaHome(home.resolve("bench"));
    out.println("kappa: starting a stack in " + own.directory());
    out.flush();
    return BenchStack.start(launcher, own, environment(own));
  }

  /** What the user has configured, but embedded servers whatever is configured of them. */
  private Map<String, String> environment(KappaHome own) {
    Map<String, String> values = new TreeMap<>(StackSettings.embedded(common, own).configured());
    StackSettings.PLACES.forEach(place -> values.put(place, ""));
    return ConfigValues.asEnvironment(values);
  }

  /** What two runs must have in common: no places, which differ without making a difference. */
  private static Map<String, String> comparable(KappaConfig config) {
    Map<String, String> values = new TreeMap<>(ConfigValues.masked(ConfigValues.of(config)));
    StackSettings.PLACES.forEach(values::remove);
    return values;
  }

  private static Path root() {
    return Path.of(System.getProperty("kappa.root", ".")).toAbsolutePath();
  }

  @Command(
      name = "compare",
      mixinStandardHelpOptions = true,
      description = {
        "Compare two results: figures side by side, and what B is of A.",
        "Refuses runs that differ in workload, load, machine or configuration, and runs that do"
            + " not count."
      })
  int compare(
      @Parameters(paramLabel = "A", description = "A result's directory, or its result.json.")
          Path first,
      @Parameters(paramLabel = "B", description = "Another one.") Path second,
      @Option(
              names = "--varied",
              paramLabel = "KEY",
              description = "A key of the configuration in which they may differ.")
          @Nullable List<String> varied,
      @Mixin CommonOptions ignored) { // taken as by every command; --debug is of use
    Comparison.of(first, second, varied == null ? Set.of() : Set.copyOf(varied))
        .print(spec.commandLine().getOut());
    return ExitCode.OK;
  }
}
