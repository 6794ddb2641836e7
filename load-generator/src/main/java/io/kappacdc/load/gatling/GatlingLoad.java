package io.kappacdc.load.gatling;

import com.typesafe.scalalogging.Logger;
import com.typesafe.scalalogging.Logger$;
import io.gatling.app.Gatling$;
import io.gatling.javaapi.core.ActionBuilder;
import io.gatling.javaapi.core.CoreDsl;
import io.gatling.javaapi.core.OpenInjectionStep;
import io.kappacdc.load.ArrivalSchedule;
import io.kappacdc.load.LoadEngine;
import io.kappacdc.load.LoadEngine.Listener;
import io.kappacdc.load.Workload;
import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.prefs.Preferences;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A load that Gatling runs: it injects a user for each transaction of the schedule, a little ahead
 * of time, since its own clock counts in milliseconds and its rates in whole users a second; the
 * engine then keeps to the schedule.
 */
final class GatlingLoad {
  static final Logger LOGGER = Logger$.MODULE$.apply("io.kappacdc.load.gatling");

  /** Gatling's users of a second come at most a second and one user later than the schedule's. */
  private static final Duration LEAD = Duration.ofSeconds(2);

  /** How long the transactions in flight may take at the load's end. */
  private static final Duration END_MAX = Duration.ofMinutes(2);

  private static final double USERS_PER_SECOND_MIN = 2;

  /** Gatling makes the simulation itself, from its class: it finds the load here. */
  private static volatile @Nullable GatlingLoad current;

  private final String name;
  private final Workload workload;
  private final LoadEngine engine;
  private final Path results;
  private final Consumer<Instant> onBegin;
  private final AtomicBoolean begun = new AtomicBoolean();

  /**
   * @param results directory for Gatling's log and report
   * @param onBegin is told the schedule's time zero when it is known
   */
  GatlingLoad(
      String name, Workload workload, LoadEngine engine, Path results, Consumer<Instant> onBegin) {
    this.onBegin = onBegin;
    this.name = name;
    this.workload = workload;
    this.engine = engine;
    this.results = results;
  }

  /** Whether nothing more is done: there is no use in further users. */
  boolean isStopped() {
    return engine.isStopped();
  }

  /** A transaction that the source never ends must not keep the load from its end. */
  Duration durationMax() {
    return LEAD.plus(engine.duration()).plus(END_MAX);
  }

  static GatlingLoad current() {
    return Objects.requireNonNull(current, "no load is being run");
  }

  String name() {
    return name;
  }

  String nameOf(long transaction) {
    return workload.nameOf(transaction);
  }

  /** False if this user is one too many, as {@link #injection} rounds up. */
  boolean arrive(Listener listener) {
    if (begun.compareAndSet(false, true)) {
      engine.begin(LEAD);
      onBegin.accept(Instant.EPOCH.plus(engine.startMicros(), ChronoUnit.MICROS));
    }
    return engine.arrive(listener);
  }

  ActionBuilder action() {
    // Gatling's own interface for this is Scala's; the Java one wraps it.
    io.gatling.core.action.builder.ActionBuilder builder =
        (context, next) ->
            new TransactionAction(this, context.coreComponents().statsEngine(), next);
    return () -> builder;
  }

  OpenInjectionStep[] injection() {
    ArrivalSchedule schedule = engine.schedule();
    List<OpenInjectionStep> steps = new ArrayList<>();
    long injected = 0;
    boolean isSparse =
        schedule.segments().stream()
            .allMatch(s -> Math.max(s.fromPerSecond(), s.toPerSecond()) < USERS_PER_SECOND_MIN);
    if (!isSparse) {
      for (ArrivalSchedule.Segment segment : schedule.segments()) {
        Duration length = Duration.ofSeconds((long) segment.seconds());
        if (segment.fromPerSecond() == segment.toPerSecond()) {
          steps.add(CoreDsl.constantUsersPerSec(segment.fromPerSecond()).during(length));
          injected += Math.round(length.toSeconds() * segment.fromPerSecond());
        } else {
          steps.add(
              CoreDsl.rampUsersPerSec(segment.fromPerSecond())
                  .to(segment.toPerSecond())
                  .during(length));
          injected +=
              (long) ((segment.fromPerSecond() + segment.toPerSecond()) / 2 * length.toSeconds());
        }
      }
    }
    // What Gatling rounds off, and one more for each step.
    int missing = (int) Math.max(0, schedule.total() - injected) + steps.size();
    steps.add(0, CoreDsl.atOnceUsers(missing));
    return steps.toArray(OpenInjectionStep[]::new);
  }

  /** Runs it to its end; returns then. */
  void run() throws IOException {
    Files.createDirectories(results);
    System.setProperty("gatling.data.writers.0", "file"); // what is on the terminal is ours
    System.setProperty("gatling.data.enableAnalytics", "false");
    askNobodyForNewerVersions();
    current = this;
    try {
      gatling("--no-reports", "--simulation", LoadSimulation.class.getName());
    } finally {
      current = null;
    }
  }

  /** Writes Gatling's HTML report. */
  Path report() throws IOException {
    Path run =
        newestRun()
            .orElseThrow(
                () ->
                    new KappaException(
                        "There is no report of the load",
                        "Gatling left no log of it in " + results,
                        "Check that there is room on the disk."));
    gatling("--reports-only", run.getFileName().toString());
    return run.resolve("index.html");
  }

  private Optional<Path> newestRun() throws IOException {
    try (Stream<Path> runs = Files.list(results)) {
      return runs.filter(run -> Files.exists(run.resolve("simulation.log")))
          .max((a, b) -> a.getFileName().compareTo(b.getFileName()));
    }
  }

  /** What Gatling prints, ours says already; what goes wrong, it logs. */
  private void gatling(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--results-folder");
    all.add(results.toString());
    PrintStream terminal = System.out;
    int code;
    try {
      System.setOut(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
      code = Gatling$.MODULE$.fromArgs(all.toArray(String[]::new));
    } finally {
      System.setOut(terminal);
    }
    if (code != 0) {
      throw new KappaException(
          "Gatling did not do its work",
          "it ended with code " + code,
          "What it printed says why; --no-report leaves its report out.");
    }
  }

  /** Gatling looks into these preferences before it asks Maven Central over the network. */
  private void askNobodyForNewerVersions() {
    System.setProperty("java.util.prefs.userRoot", results.toString());
    Preferences latest = Preferences.userRoot().node("/io/gatling/latestVersion");
    latest.putLong("lastCheckTimestamp", System.currentTimeMillis());
    latest.putBoolean("lastCheckSuccess", false);
  }
}
