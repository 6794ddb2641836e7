package io.kappacdc.chaos;

import io.kappacdc.chaos.report.JsonReport;
import io.kappacdc.chaos.report.MarkdownReport;
import io.kappacdc.chaos.report.RunReport;
import io.kappacdc.chaos.report.Runs;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kappa chaos report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Count several runs in one table.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every fault of every run was survived",
      "1:one was not, or the reports do not go together",
      "2:wrong call"
    })
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "What runs wrote with --json.")
  private List<Path> files = new ArrayList<>();

  @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table there, too.")
  private @Nullable Path markdown;

  @Option(names = "--any-commit", description = "Take runs of different commits together.")
  private boolean anyCommit;

  @Option(names = "--debug", description = "Show stack traces of errors.")
  @SuppressWarnings("UnusedVariable") // Cli looks for it among the arguments
  private boolean debug;

  @Override
  public Integer call() throws IOException {
    List<RunReport> reports = new ArrayList<>();
    for (Path file : files) {
      reports.add(JsonReport.read(file.toString(), text(file)));
    }
    Runs runs = anyCommit ? new Runs(reports) : Runs.ofOneCommit(reports);
    String table = MarkdownReport.write(runs);
    PrintWriter out = spec.commandLine().getOut();
    out.println(table);
    out.flush();
    if (markdown != null) {
      Files.writeString(markdown, table, StandardCharsets.UTF_8);
    }
    return runs.isRight() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new KappaException(
          "Cannot read the report " + file,
          e.toString(),
          "Name a file that kappa chaos --json has written.",
          e);
    }
  }
}
