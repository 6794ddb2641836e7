package io.kappacdc.cli.demo;

import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.StopSignal;
import io.kappacdc.cli.supervise.Supervisor;
import io.kappacdc.cli.verify.Verification;
import io.kappacdc.load.LoadProgress;
import io.kappacdc.load.LoadSettings;
import io.kappacdc.load.OpenLoop;
import io.kappacdc.load.Workload;
import io.kappacdc.load.spec.Range;
import io.kappacdc.load.spec.WorkloadSpec;
import io.kappacdc.load.spec.WorkloadSpecs;
import io.kappacdc.load.sql.SpecWorkload;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** One demonstration, from an empty home directory to the report. For one thread. */
public final class Demo {
  private static final int ROWS_PER_TRANSACTION = 5;
  private static final int CONNECTIONS = 4;
  private static final long SEED = 42;
  private static final Duration READY_MAX = Duration.ofMinutes(3);
  private static final Duration VERIFY_MAX = Duration.ofMinutes(5);
  private static final Duration TICK = Duration.ofMillis(100);

  private final Settings settings;
  private final Supervisor supervisor;
  private final Launcher launcher;
  private final StopSignal stop;
  private final PrintWriter out;
  private final Timings timings;
  private final ProgressTable table;
  private long committed;
  private long secondPrinted = -1;

  /**
   * How much of it.
   *
   * @param changesPerSecond row changes a second at the source
   * @param start when the program started, for the time to the first row
   */
  public record Settings(
      KappaHome home, double changesPerSecond, Duration duration, Instant start) {}

  public Demo(
      Settings settings,
      Supervisor supervisor,
      Launcher launcher,
      StopSignal stop,
      PrintWriter out) {
    this.settings = settings;
    this.supervisor = supervisor;
    this.launcher = launcher;
    this.stop = stop;
    this.out = out;
    this.timings = new Timings(Clock.systemUTC(), settings.start());
    this.table = new ProgressTable(out);
  }

  /**
   * Runs it to the report.
   *
   * @return 0 only if verification matched
   */
  public int run() throws InterruptedException, IOException, SQLException {
    supervisor.forgetEverything();
    say("starting PostgreSQL (source and sink) and Kafka");
    supervisor.startServers();
    timings.ended("servers");

    Map<String, String> values = supervisor.effective();
    Database source = Database.of("source", values);
    WorkloadSpec spec =
        WorkloadSpecs.load("fund-tables")
            .withRows(new Range(ROWS_PER_TRANSACTION, ROWS_PER_TRANSACTION));
    Workload workload = new SpecWorkload(spec, SEED);
    try (Connection connection = source.connect()) {
      committed = workload.prepare(connection, much().schedule(workload).total()).total();
    }
    say("starting capture (Debezium) and processor (Spark)");
    supervisor.startRoles();
    try (Stages stages = new Stages(settings.home().directory(), values, Clock.systemUTC())) {
      return run(source, workload, stages);
    }
  }

  private int run(Database source, Workload workload, Stages stages)
      throws InterruptedException, IOException, SQLException {
    awaitReady(stages);
    if (stop.isRequested()) {
      return ExitCode.NOT_DONE;
    }
    LoadProgress load = load(source, workload, stages);
    if (stop.isRequested()) {
      return ExitCode.NOT_DONE;
    }
    int verdict = verify(stages);
    new Report(settings, timings, stages).print(out, committed, load, stages.counts(), verdict);
    return verdict;
  }

  private void awaitReady(Stages stages) throws InterruptedException {
    long deadline = System.nanoTime() + READY_MAX.toNanos();
    tendWhile(stages, () -> !supervisor.isReady() && System.nanoTime() < deadline);
    if (!supervisor.isReady() && !stop.isRequested()) {
      throw supervisor.notReadyWithin(READY_MAX);
    }
    timings.ended("capture and processor");
  }

  private LoadSettings much() {
    return LoadSettings.steady(settings.changesPerSecond(), settings.duration(), CONNECTIONS);
  }

  private LoadProgress load(Database source, Workload workload, Stages stages)
      throws InterruptedException, SQLException {
    say(
        "load: %,.0f changes/s for %d s; 60/30/10 inserts/updates/deletes, %d changes a transaction"
            .formatted(
                settings.changesPerSecond(),
                settings.duration().toSeconds(),
                ROWS_PER_TRANSACTION));
    long before = committed;
    OpenLoop load = OpenLoop.start(source::connect, workload, much());
    try (load) {
      tendWhile(
          stages,
          () -> {
            committed = before + load.progress().committed().total();
            return load.isRunning();
          });
    }
    LoadProgress end = load.progress(); // nothing is in flight any more
    committed = before + end.committed().total();
    timings.ended("load");
    return end;
  }

  /** Verification waits by itself until the stores have what the source had when it began. */
  private int verify(Stages stages) throws InterruptedException, IOException {
    say("verifying: the source against the mirror and both trails, as soon as they have it all");
    Verification verification = Verification.start(launcher, settings.home());
    long deadline = System.nanoTime() + VERIFY_MAX.toNanos();
    tendWhile(stages, () -> verification.isRunning() && System.nanoTime() < deadline);
    int verdict = verification.verdict();
    verification.output().forEach(line -> out.println("  " + line));
    if (verdict != ExitCode.OK) {
      verification.error().ifPresent(error -> Cli.report(error, false, out));
    }
    timings.ended("last changes and verification");
    return verdict;
  }

  private void tendWhile(Stages stages, BooleanSupplier condition) throws InterruptedException {
    while (condition.getAsBoolean() && !stop.isRequestedWithin(TICK)) {
      supervisor.tend();
      if (!stages.hasFirstRows()) {
        stages.lookForFirstRows();
      }
      long second = (long) timings.secondsNow();
      if (second > secondPrinted) {
        secondPrinted = second;
        table.print(second, committed, stages.counts());
      }
    }
  }

  private void say(String what) {
    out.println("kappa: " + what);
    out.flush();
  }
}
