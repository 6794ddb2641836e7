package io.kappacdc.cli;

import io.kappacdc.cli.demo.Demo;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.StopSignal;
import io.kappacdc.cli.supervise.Supervisor;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kappa demo}: everything at once, on embedded servers. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Show the whole pipeline on embedded servers: a load on the fund tables, every stage's"
          + " progress, then verification and a report.",
      "Works in demo/ of the home directory, which it empties first. Exits 0 only if source, mirror"
          + " and both trails match."
    })
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long the load lasts (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "500",
      description = "Row changes a second (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (seconds < 1 || !(rate > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--seconds and --rate must be greater than 0");
    }
    PrintWriter out = spec.commandLine().getOut();
    KappaHome home = new KappaHome(common.home().resolve("demo"));
    Launcher launcher = Launcher.ofThisInstallation();
    StopSignal stop = StopSignal.install();
    int exitCode = ExitCode.FAILED;
    try (Supervisor supervisor =
        Supervisor.claim(
            StackSettings.embedded(common, home),
            launcher,
            note -> {
              out.println("kappa: " + note);
              out.flush();
            })) {
      Demo.Settings settings =
          new Demo.Settings(home, rate, Duration.ofSeconds(seconds), programStart());
      exitCode = new Demo(settings, supervisor, launcher, stop, out).run();
    } finally {
      stop.done(stop.isRequested() ? ExitCode.NOT_DONE : exitCode);
    }
    return exitCode;
  }

  private static Instant programStart() {
    return Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
  }
}
