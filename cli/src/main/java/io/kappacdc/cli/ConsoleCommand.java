package io.kappacdc.cli;

import io.kappacdc.cli.console.Console;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.StopSignal;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kappa console}: the page for people, without the pipeline. */
@Command(
    name = "console",
    mixinStandardHelpOptions = true,
    description = {
      "Serve the console until Ctrl-C, for a pipeline that runs elsewhere: on a cluster, in"
          + " containers.",
      "`up` serves it by itself. The address is console.http-address; another one than loopback"
          + " needs console.token."
    })
final class ConsoleCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(200);

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<String> options =
        common.configFile() == null
            ? List.of()
            : List.of("--config=" + common.configFile().toAbsolutePath());
    StopSignal stop = StopSignal.install();
    int exitCode = ExitCode.FAILED;
    Console.Settings settings =
        new Console.Settings(common.home(), () -> common.load(Map.of()), options);
    try (Console console =
        Console.startIfOn(settings, Launcher.ofThisInstallation(), note -> say(out, note))
            .orElse(null)) {
      exitCode = ExitCode.OK;
      if (console == null) {
        say(out, "console.http-address is off");
        return exitCode;
      }
      say(out, "console: " + console.url());
      while (!stop.isRequestedWithin(TICK)) {}
    } finally {
      stop.done(exitCode);
    }
    return exitCode;
  }

  private static void say(PrintWriter out, String note) {
    out.println("kappa: " + note);
    out.flush();
  }
}
