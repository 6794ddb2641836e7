package io.kappacdc.capture;

import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.runtime.config.TlsPort;
import io.kappacdc.telemetry.HealthServer;
import io.kappacdc.telemetry.Meters;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The capture process. */
@Command(
    name = "capture",
    mixinStandardHelpOptions = true,
    description = "Publishes every committed change of the source database to Kafka.")
public final class CaptureMain implements Callable<Integer> {
  /** How long servers may be away before capture gives up. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(25);

  @Mixin private CommonOptions options = new CommonOptions();

  @Option(
      names = "--resnapshot",
      description =
          "Read all tables anew and continue from there, leaving out what is between the last"
              + " position and now.")
  private boolean resnapshot;

  @Override
  public Integer call() {
    KappaConfig config = options.load(Map.of());
    TlsPort.refuseInPlainText(config.kafka());
    Clock clock = Clock.systemUTC();
    try (Meters meters = Meters.ofThisJvm()) {
      CaptureMetrics metrics = new CaptureMetrics(meters, config.kafka().topicPrefix());
      CaptureStatus status =
          new CaptureStatus(clock, config.source().slotCheckInterval(), metrics::committed);
      metrics.show(status);
      CaptureService service =
          new CaptureService(
              config,
              resnapshot ? SnapshotPolicy.anew() : SnapshotPolicy.asNeeded(),
              PATIENCE,
              status,
              () -> System.out.println("KAPPA READY capture"));
      Thread hook = new Thread(() -> service.stop(STOP_PATIENCE), "stop");
      CaptureHealth health = new CaptureHealth(status, config.capture().heartbeatInterval());
      try (HealthServer http =
              HealthServer.startIfOn(
                  config.capture().httpAddress(), "capture.http-address", meters, health::health);
          CaptureStatusFile file =
              CaptureStatusFile.start(status, options.home().directory(), clock)) {
        if (http != null) {
          status.servedAt(http.url());
          System.out.println("KAPPA HTTP capture " + http.url());
        }
        Runtime.getRuntime().addShutdownHook(hook);
        service.run();
      }
    }
    return ExitCode.OK;
  }

  public static void main(String[] arguments) {
    // Times are printed in the zone of the session, which the driver takes from here.
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    int exitCode = Cli.execute(new CaptureMain(), arguments);
    System.exit(exitCode);
  }
}
