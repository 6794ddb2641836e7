package io.kappacdc.cli;

import io.kappacdc.cli.console.Console;
import io.kappacdc.cli.status.PipelineStatus;
import io.kappacdc.cli.status.StatusJson;
import io.kappacdc.cli.status.StatusText;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa status}: where each stage stands. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Show where each stage stands: log position, slot, offsets, lag, last batch.",
      "Exits 1 if a stage does not answer or does not run."
    })
final class StatusCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PipelineStatus status =
        PipelineStatus.take(common.home(), common.load(Map.of()), Clock.systemUTC());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.write(status));
    } else {
      StatusText.lines(status).forEach(out::println);
      if (status.supervisor().isPresent()) {
        Console.urlIn(common.home()).ifPresent(url -> out.printf("%-15s %s%n", "console", url));
      }
    }
    out.flush();
    return status.isHealthy() ? ExitCode.OK : ExitCode.FAILED;
  }
}
