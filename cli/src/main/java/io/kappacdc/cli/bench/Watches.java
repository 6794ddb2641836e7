package io.kappacdc.cli.bench;

import io.kappacdc.cli.bench.measure.BatchReader;
import io.kappacdc.cli.bench.measure.BatchTimes;
import io.kappacdc.cli.bench.measure.ChangeTimes;
import io.kappacdc.cli.bench.measure.CutReader;
import io.kappacdc.cli.bench.measure.DeltaLogReader;
import io.kappacdc.cli.bench.measure.LedgerReader;
import io.kappacdc.cli.bench.measure.ProcessUse;
import io.kappacdc.cli.bench.measure.SourceLog;
import io.kappacdc.cli.bench.measure.StackProcesses;
import io.kappacdc.cli.bench.measure.Stage;
import io.kappacdc.cli.bench.measure.StageTimes;
import io.kappacdc.cli.bench.measure.Watch;
import io.kappacdc.cli.bench.measure.Window;
import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.KappaConfig;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that is looked at while a run lasts. Started and closed by one thread. */
final class Watches implements AutoCloseable {
  private static final Duration READER_PAUSE = Duration.ofMillis(20);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HALF_A_SECOND = Duration.ofMillis(500);
  private static final Duration AT_ONCE = Duration.ofNanos(1);

  private final Stage kafka = new Stage("kafka");
  private final Stage postgres = new Stage("postgres-trail");
  private final Stage trail = new Stage("delta-trail");
  private final Stage mirror = new Stage("delta-mirror");
  private final Stage trailLog = new Stage("delta-trail");
  private final Stage mirrorLog = new Stage("delta-mirror");
  private final Map<String, BatchTimes> batches = new LinkedHashMap<>();
  private final List<Watch> watches = new ArrayList<>();
  private final CutReader cuts;
  private final LedgerReader ledger;
  private final SourceLog sourceLog;
  private final ProcessUse processes;
  private final StackProcesses stackProcesses;

  private Watches(KappaHome home, KappaConfig config, Path lake) {
    BenchSpec.SINKS.forEach(sink -> batches.put(sink, new BatchTimes()));
    cuts =
        new CutReader(
            KafkaAddress.of(config.kafka(), home),
            new TopicNames(config.kafka().topicPrefix()),
            kafka);
    ledger = new LedgerReader(Database.of(config.sink(), home), postgres);
    sourceLog = new SourceLog(Database.of(config.source(), home), config.source().slot());
    stackProcesses = new StackProcesses(home);
    processes = new ProcessUse(stackProcesses);
    start("cuts", AT_ONCE, cuts); // its poll waits by itself
    start("ledger", READER_PAUSE, ledger);
    start("delta-trail", READER_PAUSE, new DeltaLogReader(lake.resolve("trail"), trailLog, trail));
    start(
        "delta-mirror",
        READER_PAUSE,
        new DeltaLogReader(lake.resolve("mirror"), mirrorLog, mirror));
    start("batches", HALF_A_SECOND, new BatchReader(home.directory(), batches));
    start("source", SECOND, sourceLog);
    start("processes", SECOND, processes);
  }

  static Watches start(KappaHome home, KappaConfig config, Path lake) {
    return new Watches(home, config, lake);
  }

  private void start(String name, Duration pause, Watch.Look look) {
    watches.add(Watch.start(name, pause, look));
  }

  /** Holds changes against what was seen. */
  ChangeTimes times(Window window) {
    return new ChangeTimes(
        window,
        new StageTimes(kafka, window, null),
        List.of(times(postgres, window), times(trail, window), times(mirror, window)),
        List.of(times(trailLog, window), times(mirrorLog, window)));
  }

  private StageTimes times(Stage stage, Window window) {
    return new StageTimes(stage, window, batches.get(stage.name()));
  }

  Map<String, BatchTimes.Durations> batches(Window window) {
    Map<String, BatchTimes.Durations> durations = new LinkedHashMap<>();
    batches.forEach((sink, times) -> durations.put(sink, times.within(window)));
    return durations;
  }

  List<ProcessUse.Point> processes() {
    return processes.points();
  }

  List<SourceLog.Point> sourceLog() {
    return sourceLog.points();
  }

  StackProcesses stackProcesses() {
    return stackProcesses;
  }

  /** Looks that failed, for the report. */
  long failures() {
    return watches.stream().mapToLong(Watch::failures).sum();
  }

  @Override
  public void close() throws SQLException {
    watches.forEach(Watch::close);
    cuts.close();
    ledger.close();
    sourceLog.close();
  }
}
