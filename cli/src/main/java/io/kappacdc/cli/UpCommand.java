package io.kappacdc.cli;

import io.kappacdc.cli.console.Console;
import io.kappacdc.cli.status.CaptureStatus;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.StopSignal;
import io.kappacdc.cli.supervise.Supervisor;
import io.kappacdc.cli.verify.Reverification;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.cli.OperatorAction;
import io.kappacdc.runtime.config.ConfigLoader;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa up}: the whole pipeline until Ctrl-C. */
@OperatorAction
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Run the whole pipeline in the foreground until Ctrl-C.",
      "What the configuration does not point to runs embedded: source, sink, Kafka. Prints READY on"
          + " a line of its own once changes flow. Goes on where an earlier run was, however that"
          + " ended."
    })
final class UpCommand implements Callable<Integer> {
  private static final Duration READY_MAX = Duration.ofMinutes(5);
  private static final Duration TICK = Duration.ofMillis(100);

  @Mixin private CommonOptions common = new CommonOptions();

  @Option(
      names = "--source-url",
      paramLabel = "URL",
      description = {
        "Database whose changes are captured: jdbc:postgresql://host:5432/db, with"
            + " ?user=..&password=.. if you like.",
        "Default: source.url of the configuration, or an embedded PostgreSQL."
      })
  private @Nullable String sourceUrl;

  @Option(names = "--source-user", paramLabel = "USER", description = "User of the source.")
  private @Nullable String sourceUser;

  @Option(
      names = "--source-password",
      paramLabel = "PASSWORD",
      interactive = true,
      arity = "0..1",
      description = "Password of the source; asked for when the value is left out.")
  private char @Nullable [] sourcePassword;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Supervisor.Settings settings = StackSettings.configured(common, flags());
    Console.check(new ConfigLoader().flags(settings.configured()).load().console());
    StopSignal stop = StopSignal.install();
    int exitCode = ExitCode.FAILED;
    Launcher launcher = Launcher.ofThisInstallation();
    try (Supervisor supervisor = Supervisor.claim(settings, launcher, note -> say(out, note));
        Reverification reverification =
            new Reverification(launcher, common.home(), note -> say(out, note))) {
      run(supervisor, reverification, launcher, stop, out);
      exitCode = ExitCode.OK;
    } finally {
      if (stop.isRequested()) {
        say(out, "stopped");
      }
      stop.done(exitCode);
    }
    return exitCode;
  }

  private void run(
      Supervisor supervisor,
      Reverification reverification,
      Launcher launcher,
      StopSignal stop,
      PrintWriter out)
      throws InterruptedException {
    say(out, "starting; state is in " + common.home().directory());
    supervisor.startServers();
    try (Console console =
        Console.startIfOn(consoleSettings(), launcher, note -> say(out, note)).orElse(null)) {
      supervisor.startRoles();
      new ConnectionDetails(common.home(), supervisor).lines().forEach(out::println);
      if (console != null) {
        console.announce();
        out.println("  console " + console.url());
      }
      out.flush();
      tend(supervisor, reverification, stop, out);
    }
    say(out, "stopping");
  }

  /** With the servers' addresses as they are now; the stack file has them. */
  private Console.Settings consoleSettings() {
    return new Console.Settings(
        common.home(), () -> new ConfigLoader().file(common.home().stackFile()).load(), List.of());
  }

  private void tend(
      Supervisor supervisor, Reverification reverification, StopSignal stop, PrintWriter out)
      throws InterruptedException {
    long deadline = System.nanoTime() + READY_MAX.toNanos();
    boolean announced = false;
    String waitsFor = "";
    Map<String, String> httpUrls = new HashMap<>();
    while (!stop.isRequestedWithin(TICK)) {
      supervisor.tend();
      showNew(supervisor.httpUrls(), httpUrls, out);
      if (announced) {
        reverification.tend();
        continue;
      }
      if (supervisor.isReady()) {
        announced = true;
        out.println("READY");
        out.flush();
        continue;
      }
      String now = waitsFor();
      if (!now.isEmpty()) {
        deadline = System.nanoTime() + READY_MAX.toNanos();
        if (!now.equals(waitsFor)) {
          say(out, now);
        }
      } else if (System.nanoTime() > deadline) {
        throw supervisor.notReadyWithin(READY_MAX);
      }
      waitsFor = now;
    }
  }

  /** What capture waits for at the source, however long that takes. */
  private String waitsFor() {
    return CaptureStatus.read(common.home().directory()).map(CaptureStatus::waitsFor).orElse("");
  }

  /** Also after a role was started again, at another address. */
  private static void showNew(
      Map<String, String> urls, Map<String, String> shown, PrintWriter out) {
    urls.forEach(
        (role, url) -> {
          if (!url.equals(shown.put(role, url))) {
            out.println(ConnectionDetails.http(role, url));
            out.flush();
          }
        });
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new HashMap<>();
    if (sourceUrl != null) {
      flags.put("source.url", sourceUrl);
    }
    if (sourceUser != null) {
      flags.put("source.user", sourceUser);
    }
    if (sourcePassword != null) {
      flags.put("source.password", new String(sourcePassword));
    }
    return flags;
  }

  private static void say(PrintWriter out, String note) {
    out.println("kappa: " + note);
    out.flush();
  }
}
