package io.kappacdc.processor.verify;

import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kappa verify}. */
@Command(
    name = "verify",
    description = {
      "Compare source, trails and mirror row by row, at one moment of the source, while writes go"
          + " on."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every row of every table matches in every store",
      "1:rows differ; they are named",
      "2:it could not be verified; the reason is given"
    })
public final class VerifyCommand implements Callable<Integer> {
  private static final int ROWS_MAX = 500;
  private static final Pattern DURATION = Pattern.compile("(\\d+)(s|m|h)");

  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--table",
      paramLabel = "SCHEMA.TABLE",
      description = "Verify this table only; may be given several times.")
  private List<String> tables = new ArrayList<>();

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "2m",
      description =
          "How long to wait until every store has passed the moment compared, e.g. 30s, 5m"
              + " (default: ${DEFAULT-VALUE}).")
  private String timeout = "2m";

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "" + VerifyOptions.ROWS_NAMED,
      description =
          "How many rows that differ to name for each table and store; all are counted (default:"
              + " ${DEFAULT-VALUE}).")
  private int rows = VerifyOptions.ROWS_NAMED;

  @Option(names = "--show-values", description = "Show the values that differ, too.")
  private boolean showValues;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ReportText.Values values = showValues ? ReportText.Values.SHOWN : ReportText.Values.HIDDEN;
    try {
      VerificationReport report = verify();
      VerificationRecord.write(
          common.home(), new ReportJson(ReportText.Values.HIDDEN).write(report), err);
      out.print(
          json
              ? new ReportJson(values).write(report) + System.lineSeparator()
              : new ReportText(values).write(report));
      out.flush();
      return report.verdict().exitCode();
    } catch (ParameterException e) {
      throw e;
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      KappaException known =
          e instanceof KappaException kappa ? kappa : NotVerifiedException.failed(e);
      VerificationRecord.write(
          common.home(), ReportJson.notVerified(known.reason(), known.remedy()), err);
      if (json) {
        out.println(ReportJson.notVerified(known.reason(), known.remedy()));
        out.flush();
      }
      Cli.report(known, common.debug(), err);
      return ExitCode.NOT_DONE;
    }
  }

  private VerificationReport verify() {
    Duration longest = duration(timeout);
    Pipeline pipeline = Pipeline.of(common.load(Map.of()));
    VerifyOptions options =
        new VerifyOptions(pipeline, tables, longest, Math.max(0, Math.min(ROWS_MAX, rows)));
    // Spark starts while the fence is set and capture passes it.
    CompletableFuture<LakeSparkSession> spark =
        CompletableFuture.supplyAsync(() -> LakeSparkSession.start("kappa verify"));
    try {
      return new Verifier(() -> spark.join().session(), Clock.systemUTC()).verify(options);
    } finally {
      spark.thenAccept(LakeSparkSession::close);
    }
  }

  private Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--timeout': '" + text + "' is no duration such as 30s or 5m");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }
}
