package io.kappacdc.cli;

import io.kappacdc.cli.config.Database;
import io.kappacdc.load.FundWorkload;
import io.kappacdc.load.LoadProgress;
import io.kappacdc.load.LoadSettings;
import io.kappacdc.load.Mix;
import io.kappacdc.load.OpenLoop;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa load}: open-loop load on the source. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Change rows of the fund tables at the source at a steady rate, whatever the source does with"
          + " it.",
      "Creates the tables when they are missing. Exits 1 if more than 1 %% of the changes that were"
          + " due could not be made."
    })
final class LoadCommand implements Callable<Integer> {
  private static final double SHORTFALL_MAX = 0.01;

  @Option(
      names = "--rate",
      paramLabel = "R",
      required = true,
      description = "Row changes a second.")
  private double rate;

  @Option(
      names = "--duration",
      paramLabel = "D",
      required = true,
      converter = Durations.class,
      description = "How long: 30s, 10m, 1h.")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--mix",
      paramLabel = "i/u/d",
      defaultValue = "60/30/10",
      converter = Mixes.class,
      description = "Shares of inserts, updates, deletes (default: ${DEFAULT-VALUE}).")
  private Mix mix = new Mix(60, 30, 10);

  @Option(
      names = "--tx-rows",
      paramLabel = "N",
      defaultValue = "10",
      description = "Row changes of a transaction (default: ${DEFAULT-VALUE}).")
  private int rowsPerTransaction;

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

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    LoadSettings settings = settings();
    KappaConfig config = common.load(Map.of());
    Database source = Database.of(config.source(), common.home());
    FundWorkload workload = new FundWorkload(mix, seed);
    PrintWriter out = spec.commandLine().getOut();
    try (Connection connection = source.connect()) {
      workload.prepare(connection);
    }
    LoadProgress end;
    try (OpenLoop load = OpenLoop.start(source::connect, workload, settings)) {
      LoadProgress before = load.progress();
      while (load.isRunning()) {
        before = printSecond(out, load, before);
      }
      end = load.await();
      summarize(out, end, load.lastFailure());
    }
    return end.shortfall() > SHORTFALL_MAX ? ExitCode.FAILED : ExitCode.OK;
  }

  private LoadSettings settings() {
    try {
      return new LoadSettings(rate, duration, rowsPerTransaction, connections);
    } catch (IllegalArgumentException e) {
      throw new picocli.CommandLine.ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private static LoadProgress printSecond(PrintWriter out, OpenLoop load, LoadProgress before)
      throws InterruptedException {
    Thread.sleep(1_000);
    LoadProgress now = load.progress();
    double seconds = now.elapsed().minus(before.elapsed()).toNanos() / 1e9;
    if (seconds > 0.1) {
      out.printf(
          Locale.ROOT,
          "%4d s  %,9d changes  %,8.0f/s  behind %,d  latency p50 %.1f ms p99 %.1f ms  failed %d%n",
          now.elapsed().toSeconds(),
          now.committed().total(),
          (now.committed().total() - before.committed().total()) / seconds,
          Math.max(0, now.due() - now.committed().total()),
          now.latency().p50Millis(),
          now.latency().p99Millis(),
          now.failures());
      out.flush();
    }
    return now;
  }

  private static void summarize(PrintWriter out, LoadProgress end, @Nullable SQLException failure) {
    out.printf(
        Locale.ROOT,
        "committed %,d changes (%,d inserts, %,d updates, %,d deletes) in %,d transactions,"
            + " %,.0f changes/s%n",
        end.committed().total(),
        end.committed().inserts(),
        end.committed().updates(),
        end.committed().deletes(),
        end.transactions(),
        end.rate());
    out.printf(
        Locale.ROOT,
        "latency from the intended time: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        end.latency().p50Millis(),
        end.latency().p99Millis(),
        end.latency().maxMillis());
    if (end.shortfall() > 0) {
      out.printf(
          Locale.ROOT,
          "shortfall: %,d of %,d changes that were due were not made (%.1f %%)%n",
          end.due() - end.committed().total(),
          end.due(),
          end.shortfall() * 100);
    }
    if (failure != null) {
      out.printf("%d transactions failed, the last one: %s%n", end.failures(), state(failure));
    }
    out.flush();
  }

  private static String state(SQLException failure) {
    return "SQL state " + failure.getSQLState(); // the message may hold a row's values
  }

  /** Reads 500ms, 30s, 10m, 1h. */
  static final class Durations implements picocli.CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        String iso = text.trim().toUpperCase(Locale.ROOT);
        return iso.endsWith("MS")
            ? Duration.ofMillis(Long.parseLong(iso.substring(0, iso.length() - 2).trim()))
            : Duration.parse("PT" + iso.replace(" ", ""));
      } catch (java.time.format.DateTimeParseException | NumberFormatException e) {
        throw new picocli.CommandLine.TypeConversionException(
            "'" + text + "' is not a duration such as 500ms, 30s, 10m or 1h");
      }
    }
  }

  /** Reads 60/30/10. */
  static final class Mixes implements picocli.CommandLine.ITypeConverter<Mix> {
    @Override
    public Mix convert(String text) {
      try {
        return Mix.parse(text);
      } catch (IllegalArgumentException e) {
        throw new picocli.CommandLine.TypeConversionException("'" + text + "': " + e.getMessage());
      }
    }
  }
}
