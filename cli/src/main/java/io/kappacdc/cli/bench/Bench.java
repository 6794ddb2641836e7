package io.kappacdc.cli.bench;

import io.kappacdc.cli.bench.measure.ChangeTimes;
import io.kappacdc.cli.bench.measure.ClockOffset;
import io.kappacdc.cli.bench.measure.DeltaLogReader;
import io.kappacdc.cli.bench.measure.JvmCounters;
import io.kappacdc.cli.bench.measure.Latencies;
import io.kappacdc.cli.bench.measure.StageTimes;
import io.kappacdc.cli.bench.measure.TrailTimes;
import io.kappacdc.cli.bench.measure.Window;
import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.cli.status.PipelineStatus;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.verify.Verification;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.load.Workload;
import io.kappacdc.load.spec.WorkloadSpec;
import io.kappacdc.load.spec.WorkloadSpecs;
import io.kappacdc.load.sql.SpecWorkload;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One benchmark, from a stack that is ready to the report. For one thread. */
public final class Bench {
  static final String RESULT = "result.json";
  private static final String REPORT = "report.html";

  /** The load goes on behind the window, so that its end does not disturb what is in it. */
  private static final Duration COOL_DOWN = Duration.ofSeconds(5);

  private static final Duration CATCH_UP_MAX = Duration.ofMinutes(30);
  private static final Duration VERIFY_MAX = Duration.ofMinutes(30);
  private static final List<String> JVMS = List.of("capture", "kafka", "processor", "load");

  private final Settings settings;
  private final BenchStack stack;
  private final Launcher launcher;
  private final PrintWriter out;

  /**
   * What to do.
   *
   * @param config of the stack
   * @param values the same by path, without places and secrets, for the result
   * @param root of the installation
   * @param results a directory of this run's own
   */
  public record Settings(
      BenchSpec spec, KappaConfig config, Map<String, String> values, Path root, Path results) {
    public Settings {
      values = Map.copyOf(values);
    }
  }

  public Bench(Settings settings, BenchStack stack, Launcher launcher, PrintWriter out) {
    this.settings = settings;
    this.stack = stack;
    this.launcher = launcher;
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @return 0 if its figures count: the rate was reached and the stores hold what the source does
   */
  public int run() throws IOException, SQLException, InterruptedException {
    Files.createDirectories(settings.results());
    KappaHome home = stack.home();
    Database source = Database.of(settings.config().source(), home);
    Database sink = Database.of(settings.config().sink(), home);
    Path lake = DeltaLogReader.localDirectory(settings.config().lake().path(), "");
    Environment environment = Environment.read(settings.root(), source, sink);
    prepare(source);

    Measurement measurement;
    Watches watches = Watches.start(home, settings.config(), lake);
    try (watches) {
      Map<String, ClockOffset> clocks =
          Map.of("source", ClockOffset.of(source), "sink", ClockOffset.of(sink));
      Map<String, JvmCounters> jvms = load(watches);
      LoadSummary load = LoadSummary.read(settings.results().resolve("load.json"));
      Verification verification = Verification.start(launcher, home, "--timeout=20m");
      int verdict = await(verification);
      watches.close();
      Window window = window(load);
      say("reading every change of the run from Kafka, and the times of its rows");
      ChangeTimes times = watches.times(window);
      times.read(
          KafkaAddress.of(settings.config().kafka(), home),
          new TopicNames(settings.config().kafka().topicPrefix()),
          load.startMicros());
      measurement =
          new Measurement(
              settings.spec(),
              Instant.now(),
              environment,
              settings.values(),
              stack.isOwn(),
              load,
              window,
              times,
              byCommitClock(sink, times, window),
              watches.batches(window),
              watches.processes(),
              watches.failures(),
              watches.sourceLog(),
              jvms,
              clocks,
              sizes(sink, lake),
              verdict,
              verification.output());
    }
    return report(measurement);
  }

  /** Puts the first rows there and waits until they are in all stores: they are not measured. */
  private void prepare(Database source) throws SQLException, InterruptedException {
    BenchSpec spec = settings.spec();
    WorkloadSpec workloadSpec = WorkloadSpecs.load(spec.workload());
    if (spec.rows() > 0) {
      workloadSpec = workloadSpec.withInitialRows(spec.rows());
    }
    Workload workload = new SpecWorkload(workloadSpec, spec.seed());
    try (Connection connection = source.connect()) {
      long added = workload.prepare(connection, 1).total();
      if (added > 0) {
        say("put %,d rows there to begin with; waiting for the stores to have them", added);
      }
    }
    long lsn = currentLsn(source);
    long deadline = System.nanoTime() + CATCH_UP_MAX.toNanos();
    while (!hasCaughtUp(lsn)) {
      if (System.nanoTime() > deadline) {
        throw new KappaException(
            "The stores did not catch up with the first rows",
            "they are behind after " + CATCH_UP_MAX.toMinutes() + " minutes",
            "./kappa status --home " + stack.home().directory() + " says which one, and why.");
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  private static long currentLsn(Database source) throws SQLException {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")) {
      row.next();
      return row.getLong(1);
    }
  }

  private boolean hasCaughtUp(long lsn) {
    PipelineStatus status = PipelineStatus.take(stack.home(), settings.config(), Clock.systemUTC());
    if (status.kafka().value() == null
        || status.kafka().value().lastCut() == null
        || status.kafka().value().lastCut().lsn() < lsn) {
      return false;
    }
    if (status.kafka().value().endOffsets().isEmpty()) {
      return true; // no change has ever come
    }
    return status.sinks().size() == BenchSpec.SINKS.size()
        && status.sinks().stream().allMatch(s -> s.lag() != null && s.lag().events() == 0);
  }

  /** Makes the load; returns what each JVM counted between the window's begin and end. */
  private Map<String, JvmCounters> load(Watches watches) throws IOException, InterruptedException {
    BenchSpec spec = settings.spec();
    Duration whole = spec.warmUp().plus(spec.duration()).plus(COOL_DOWN);
    say(
        "load: %,.0f changes/s of %s for %d s, measured after %d s of warm-up",
        spec.changesPerSecond(), spec.workload(), whole.toSeconds(), spec.warmUp().toSeconds());
    try (LoadRun load =
        LoadRun.start(launcher, stack.home(), spec, whole, settings.results(), out)) {
      watches.stackProcesses().load(load.pid());
      Map<String, JvmCounters> before = new LinkedHashMap<>();
      Map<String, JvmCounters> within = new LinkedHashMap<>();
      Instant begin = awaitBegin(load);
      if (begin != null) {
        Instant from = begin.plus(spec.warmUp());
        sleepUntil(from, load);
        before.putAll(jvms(watches));
        sleepUntil(from.plus(spec.duration()), load);
        jvms(watches)
            .forEach(
                (name, now) -> {
                  if (before.containsKey(name)) {
                    within.put(name, now.since(before.get(name)));
                  }
                });
      }
      load.await();
      return within;
    }
  }

  private static @Nullable Instant awaitBegin(LoadRun load) throws InterruptedException {
    try {
      return load.begin().get();
    } catch (ExecutionException e) {
      return null; // it says why when it is waited for
    }
  }

  private static void sleepUntil(Instant moment, LoadRun load) throws InterruptedException {
    while (load.isRunning() && Instant.now().isBefore(moment)) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static Map<String, JvmCounters> jvms(Watches watches) {
    Map<String, JvmCounters> counters = new LinkedHashMap<>();
    Map<String, Long> processes = watches.stackProcesses().get();
    for (String name : JVMS) {
      if (processes.containsKey(name)) {
        JvmCounters.of(processes.get(name)).ifPresent(c -> counters.put(name, c));
      }
    }
    return counters;
  }

  private int await(Verification verification) throws InterruptedException {
    say("verifying, as soon as the stores have it all");
    long deadline = System.nanoTime() + VERIFY_MAX.toNanos();
    while (verification.isRunning() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
    int verdict = verification.verdict();
    verification.output().forEach(line -> out.println("  " + line));
    if (verdict != ExitCode.OK) {
      verification.error().ifPresent(e -> out.println("  " + e.problem() + ": " + e.reason()));
    }
    out.flush();
    return verdict;
  }

  private Window window(LoadSummary load) {
    // Whole milliseconds, so that no clock's rounding moves a change over the edge.
    long from = (load.startMicros() / 1_000 + settings.spec().warmUp().toMillis()) * 1_000;
    return new Window(from, from + settings.spec().duration().toMillis() * 1_000);
  }

  private static Map<String, Latencies> byCommitClock(
      Database sink, ChangeTimes times, Window window) throws SQLException {
    Map<String, Latencies> latencies = new LinkedHashMap<>();
    latencies.put("postgres-trail", TrailTimes.read(sink, window));
    for (StageTimes log : times.logs()) {
      latencies.put(log.name(), log.latencies());
    }
    return latencies;
  }

  private static Map<String, Long> sizes(Database sink, Path lake)
      throws SQLException, IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (Connection connection = sink.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_database_size(current_database())")) {
      row.next();
      sizes.put("sink database", row.getLong(1));
    }
    try (Stream<Path> files = Files.walk(lake)) {
      sizes.put("lake, versions of the past included", files.mapToLong(Bench::size).sum());
    }
    return sizes;
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0; // cleaned up just now
    }
  }

  private int report(Measurement measurement) throws IOException {
    Verdict verdict = Verdict.of(measurement);
    String json = ResultJson.write(measurement, verdict);
    Files.writeString(settings.results().resolve(RESULT), json);
    Files.writeString(settings.results().resolve(REPORT), HtmlReport.of(json));
    new ResultText(measurement, verdict, out).print();
    say("report: %s", settings.results().resolve(REPORT));
    return verdict.counts() ? ExitCode.OK : ExitCode.FAILED;
  }

  private void say(String format, Object... arguments) {
    out.println("kappa: " + String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
