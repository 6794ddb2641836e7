package io.kappacdc.processor.sql;

import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kappa sql}. */
@Command(
    name = "sql",
    description = {
      "Query the lake with Spark SQL. Tables are trail.<schema>_<table> and mirror.<schema>_<table>;",
      "history.<schema>_<table> is the trail with the large values filled in that PostgreSQL leaves",
      "out of an update because they are unchanged.",
      "Time travel: SELECT ... FROM mirror.public_t VERSION AS OF 3, or TIMESTAMP AS OF '...';",
      "versions: DESCRIBE HISTORY mirror.public_t; tables: SHOW TABLES IN mirror.",
      "With --as-of-lsn or --as-of-time all tables, trails and mirrors, show one moment of the",
      "source: the newest one at or before what is asked for that the mirrors have noted, once a",
      "second by default. stderr says which; its LSN names the same moment in PostgreSQL:",
      "SELECT kappa.as_of('0/1A2B3C8'). Table kappa.cuts has all moments."
    },
    mixinStandardHelpOptions = true)
public final class SqlCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "QUERY",
      description = "One or more queries, separated by semicolons.")
  private @Nullable String query;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Run the queries of a script, for instance sql/lake.sql.")
  private @Nullable Path file;

  @Option(
      names = "--format",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private ResultFormat format = ResultFormat.TABLE;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "1000",
      description = "Rows to print of each answer at most, 0 for all (default: ${DEFAULT-VALUE}).")
  private long limit = 1000;

  @ArgGroup private @Nullable AsOf asOf;

  /** One moment for all tables. */
  private static final class AsOf {
    @Option(
        names = "--as-of-lsn",
        paramLabel = "LSN",
        description = "Show all tables as of this LSN, or as of the latest moment: latest.")
    private @Nullable String lsn;

    @Option(
        names = "--as-of-time",
        paramLabel = "TIME",
        description =
            "Show all tables as of this time of the source, ISO 8601: 2026-11-21T03:10:11.5+01:00;"
                + " UTC if there is no offset.")
    private @Nullable String time;

    AskedMoment asked() {
      return lsn != null ? AskedMoment.lsn(lsn) : AskedMoment.time(Objects.requireNonNull(time));
    }
  }

  @Override
  public Integer call() {
    List<String> statements = Statements.split(script());
    if (statements.isEmpty()) {
      throw SqlErrors.empty();
    }
    statements.forEach(LakeQuery::requireReading);
    AskedMoment asked = asOf == null ? null : asOf.asked();
    String lakePath = common.load(Map.of()).lake().path();
    if (lakePath == null) {
      throw SqlErrors.noLake();
    }
    PrintWriter out = spec.commandLine().getOut();
    try (LakeSparkSession spark = LakeSparkSession.start("kappa sql")) {
      LakeQuery lake =
          asked == null
              ? LakeQuery.now(spark.session(), lakePath, statements)
              : LakeQuery.at(
                  spark.session(), lakePath, asked, statements, moment -> say(moment, asked));
      for (int i = 0; i < statements.size(); i++) {
        if (statements.size() > 1 && format == ResultFormat.TABLE) {
          out.println((i == 0 ? "" : System.lineSeparator()) + "> " + statements.get(i));
        }
        lake.run(statements.get(i), format, limit, out);
      }
    }
    return ExitCode.OK;
  }

  private void say(Moment moment, AskedMoment asked) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("as of " + moment + " (asked: " + asked + ")");
    err.flush();
  }

  private String script() {
    try {
      return (file == null ? "" : Files.readString(file) + ";") + (query == null ? "" : query);
    } catch (IOException e) {
      throw SqlErrors.unreadableFile(String.valueOf(file), e);
    }
  }
}
