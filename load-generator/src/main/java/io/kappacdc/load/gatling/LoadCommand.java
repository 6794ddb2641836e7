package io.kappacdc.load.gatling;

import com.zaxxer.hikari.HikariDataSource;
import io.kappacdc.load.LoadEngine;
import io.kappacdc.load.LoadProgress;
import io.kappacdc.load.LoadSettings;
import io.kappacdc.load.Mix;
import io.kappacdc.load.Profile;
import io.kappacdc.load.Workload;
import io.kappacdc.load.spec.Range;
import io.kappacdc.load.spec.WorkloadSpec;
import io.kappacdc.load.spec.WorkloadSpecs;
import io.kappacdc.load.sql.SpecWorkload;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.Durations;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code kappa load}: open-loop load on the source. */
@Command(
    name = "kappa load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Change rows at the source at a given rate, whatever the source does with it; Gatling injects"
          + " and reports.",
      "Workloads: funds, fund-tables, iot, ten-tables, fifty-tables, orders, wide, or a YAML file of"
          + " yours. Their tables are created when missing.",
      "Exits 1 if more than 1 %% of the changes that were due could not be made."
    })
final class LoadCommand implements Callable<Integer> {
  private static final double SHORTFALL_MAX = 0.01;

  @Option(
      names = "--rate",
      paramLabel = "R",
      required = true,
      description = "Row changes a second, where the profile is highest.")
  private double rate;

  @Option(
      names = "--duration",
      paramLabel = "D",
      required = true,
      converter = Durations.class,
      description = "How long: 30s, 10m, 1h. Whole seconds.")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--spec",
      paramLabel = "S",
      defaultValue = "fund-tables",
      description = "The workload (default: ${DEFAULT-VALUE}).")
  private String specName = "";

  @Option(
      names = "--profile",
      paramLabel = "P",
      defaultValue = "steady",
      description = {
        "How the rate goes: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
        "ramp: from 0 to the rate. spike: a fifth of it, five times as much, a fifth. soak: up"
            + " within a twentieth of the time, then steady. tenfold: from a tenth to the rate."
      })
  private Profile profile = Profile.STEADY;

  @Option(
      names = "--mix",
      paramLabel = "i/u/d",
      converter = Mixes.class,
      description = "Shares of inserts, updates, deletes, instead of the spec's.")
  private @Nullable Mix mix;

  @Option(
      names = "--tx-rows",
      paramLabel = "N",
      converter = Ranges.class,
      description = "Row changes of a transaction, 10 or 5..15, instead of the spec's.")
  private @Nullable Range rowsPerTransaction;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "0",
      description = "Rows that each table is to have before the load begins, at least.")
  private long initialRows;

  @Option(
      names = "--warm-up",
      paramLabel = "D",
      defaultValue = "0s",
      converter = Durations.class,
      description = "The first part of the duration, which the summary leaves out.")
  private Duration warmUp = Duration.ZERO;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "8",
      description = "Transactions in flight at most (default: ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of the random choices (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Where Gatling's report goes (default: load/ in the home directory).")
  private @Nullable Path report;

  @Option(names = "--no-report", description = "Leave Gatling's HTML report out.")
  private boolean noReport;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write what was due and done to a file, second by second.")
  private @Nullable Path json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    LoadSettings settings = settings();
    WorkloadSpec workloadSpec = workloadSpec();
    Workload workload = new SpecWorkload(workloadSpec, seed);
    PrintWriter out = spec.commandLine().getOut();
    try (HikariDataSource source =
        SourcePool.open(common.load(Map.of()).source(), common.home(), connections)) {
      prepare(out, workload, settings, source);
      try (LoadEngine engine = LoadEngine.open(source::getConnection, workload, settings)) {
        return run(out, workloadSpec, workload, settings, engine);
      }
    }
  }

  private int run(
      PrintWriter out,
      WorkloadSpec workloadSpec,
      Workload workload,
      LoadSettings settings,
      LoadEngine engine)
      throws IOException {
    Path results = report == null ? common.home().resolve("load") : report.toAbsolutePath();
    GatlingLoad load =
        new GatlingLoad(
            workloadSpec.name(),
            workload,
            engine,
            results,
            begin -> {
              out.println("the load begins at " + begin);
              out.flush();
            });
    try (LoadConsole console = new LoadConsole(out, engine)) {
      console.start();
      load.run();
    }
    if (json != null) {
      new LoadReport(workloadSpec, settings, seed, engine).write(json.toAbsolutePath());
    }
    LoadProgress end = engine.measured();
    LoadConsole.summarize(out, end, engine.lastFailure());
    if (!noReport) {
      out.println("report: " + load.report());
      out.flush();
    }
    return end.shortfall() > SHORTFALL_MAX ? ExitCode.FAILED : ExitCode.OK;
  }

  private static void prepare(
      PrintWriter out, Workload workload, LoadSettings settings, HikariDataSource source)
      throws SQLException {
    try (Connection connection = source.getConnection()) {
      long added = workload.prepare(connection, settings.schedule(workload).total()).total();
      if (added > 0) {
        out.printf(Locale.ROOT, "put %,d rows there to begin with%n", added);
        out.flush();
      }
    }
  }

  private LoadSettings settings() {
    if (duration.toMillis() % 1_000 != 0 || duration.isZero()) {
      throw new ParameterException(
          spec.commandLine(), "--duration must be whole seconds, at least one");
    }
    try {
      return new LoadSettings(rate, duration, warmUp, profile, connections);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private WorkloadSpec workloadSpec() {
    WorkloadSpec chosen = WorkloadSpecs.load(specName);
    if (mix != null) {
      chosen = chosen.withMix(mix);
    }
    if (rowsPerTransaction != null) {
      chosen = chosen.withRows(rowsPerTransaction);
    }
    if (initialRows > 0) {
      chosen = chosen.withInitialRows(initialRows);
    }
    WorkloadSpecs.check(chosen, connections);
    return chosen;
  }

  /** Reads 60/30/10. */
  static final class Mixes implements ITypeConverter<Mix> {
    @Override
    public Mix convert(String text) {
      try {
        return Mix.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + text + "': " + e.getMessage());
      }
    }
  }

  /** Reads 10 and 5..15. */
  static final class Ranges implements ITypeConverter<Range> {
    @Override
    public Range convert(String text) {
      try {
        Range range = Range.parse(text);
        if (range.from() < 1 || range.to() > 100_000) {
          throw new IllegalArgumentException("expected 1 to 100,000 rows");
        }
        return range;
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + text + "': " + e.getMessage());
      }
    }
  }
}
