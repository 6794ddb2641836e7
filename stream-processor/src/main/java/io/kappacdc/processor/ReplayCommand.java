package io.kappacdc.processor;

import io.kappacdc.processor.postgres.ErasureRequests;
import io.kappacdc.processor.postgres.ProcessorLock;
import io.kappacdc.processor.postgres.RebuildRequests;
import io.kappacdc.processor.stream.SinkProgress;
import io.kappacdc.processor.stream.SinkQuery;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import io.kappacdc.processor.stream.TopicReach;
import io.kappacdc.processor.verify.VerifyCommand;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.cli.OperatorAction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kappa replay}: through the topics once more, from their beginning. */
@OperatorAction(shows = {"--from", "--rebuild", "--table"})
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Read the topics again from the earliest record, then verify.",
      "Without --rebuild the sinks stay as they are and take only what they lack, which is nothing"
          + " when they are right. With --rebuild they are emptied first; a running processor is"
          + " asked to do it."
    })
final class ReplayCommand implements Callable<Integer> {
  private static final Duration REBUILD_BEGIN_MAX = Duration.ofMinutes(5);

  /** Where a replay can begin. */
  enum From {
    EARLIEST
  }

  @Option(
      names = "--from",
      required = true,
      paramLabel = "earliest",
      description = "Where to begin: ${COMPLETION-CANDIDATES}.")
  private From from = From.EARLIEST;

  @Option(
      names = "--table",
      paramLabel = "SCHEMA.TABLE",
      description = "Only this table; default: all.")
  private @Nullable String table;

  @Option(names = "--rebuild", description = "Empty the sinks first and fill them from the topics.")
  private boolean rebuild;

  @Option(names = "--no-verify", description = "Do not verify afterwards.")
  private boolean withoutVerify;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws Exception {
    ProcessorSettings settings = ProcessorSettings.from(common.load(Map.of()));
    Optional<String> topic = Optional.ofNullable(table).map(name -> topic(settings, name));
    System.out.println(
        "Replaying "
            + topic.orElse("all topics")
            + " from the "
            + from.name().toLowerCase(Locale.ROOT)
            + " record.");
    warnOfErasures(settings, topic);
    if (rebuild) {
      warnOfLoss(settings, topic);
      rebuild(settings, topic);
    } else {
      replayInto(settings, topic);
    }
    return withoutVerify ? ExitCode.OK : verify();
  }

  private static void warnOfErasures(ProcessorSettings settings, Optional<String> topic)
      throws SQLException {
    new ErasureRequests(settings.postgres())
        .erased(topic)
        .ifPresent(
            erased ->
                System.out.println(
                    "WARNING: rows were erased from here "
                        + erased.count()
                        + " times, last at "
                        + erased.last()
                        + ". What Kafka still has of them comes back with a rebuild: erase them"
                        + " again afterwards (kappa.erasures has the record)."));
  }

  private static void warnOfLoss(ProcessorSettings settings, Optional<String> topic) {
    TopicReach.shortfall(settings.kafka(), topic)
        .ifPresent(
            shortfall ->
                System.out.println(
                    "WARNING: Kafka no longer has everything: "
                        + shortfall
                        + ". What the stores have of before goes with this rebuild."));
  }

  private static String topic(ProcessorSettings settings, String table) {
    int dot = table.indexOf('.');
    if (dot <= 0 || dot == table.length() - 1) {
      throw new KappaException(
          "'" + table + "' is not a table's name",
          "a schema and a table are expected",
          "Write it as schema.table, e.g. public.fund_metadata.");
    }
    return settings.kafka().topics().table(table.substring(0, dot), table.substring(dot + 1));
  }

  private int verify() {
    CommandLine verify = io.kappacdc.runtime.cli.Cli.commandLine(new VerifyCommand());
    List<String> arguments = new java.util.ArrayList<>();
    arguments.add("--home=" + common.home().directory());
    if (common.configFile() != null) {
      arguments.add("--config=" + common.configFile());
    }
    if (table != null) {
      arguments.add("--table=" + table);
    }
    return verify.execute(arguments.toArray(String[]::new));
  }

  private void rebuild(ProcessorSettings settings, Optional<String> topic) throws Exception {
    RebuildRequests rebuilds = new RebuildRequests(settings.postgres());
    try (ProcessorLock lock = new ProcessorLock(settings.postgres())) {
      if (lock.hold()) {
        SparkSession spark = ProcessorSession.start(settings);
        SinkReset.empty(spark, settings, topic);
        replay(new Pipeline(spark, settings, topic, Start.EARLIEST_TO_LATEST));
        return;
      }
    }
    long request = rebuilds.submit(topic);
    System.out.println(
        "The running processor has been asked to rebuild (request " + request + ").");
    long deadline = System.nanoTime() + REBUILD_BEGIN_MAX.toNanos();
    while (!rebuilds.isBegun(request)) {
      if (System.nanoTime() > deadline) {
        throw new KappaException(
            "The running processor has not begun to rebuild",
            "it did not take up the request within " + REBUILD_BEGIN_MAX.toMinutes() + " minutes",
            "Look at its log and ./kappa status; the request stands, and a processor that comes up"
                + " carries it out.");
      }
      TimeUnit.MILLISECONDS.sleep(500);
    }
    System.out.println("The sinks are empty and are being filled from the topics.");
  }

  private static void replayInto(ProcessorSettings settings, Optional<String> topic)
      throws Exception {
    SparkSession spark = ProcessorSession.start(settings);
    replay(new Pipeline(spark, settings, topic, Start.EARLIEST_TO_SINK_POSITIONS));
  }

  private static void replay(Pipeline pipeline) throws Exception {
    try (pipeline) {
      pipeline.start();
      CompletableFuture<Void> ended = pipeline.ended();
      while (!isDone(ended)) {
        report("replaying", pipeline.queries());
      }
      report("replayed", pipeline.queries());
    }
  }

  private static boolean isDone(CompletableFuture<Void> ended) throws Exception {
    try {
      ended.get(5, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static void report(String what, List<SinkQuery> queries) {
    StringBuilder line = new StringBuilder(what).append(':');
    for (SinkQuery query : queries) {
      SinkProgress.Snapshot progress = query.progress().snapshot();
      line.append("  ").append(query.sink().name()).append(" wrote ").append(progress.rows());
      line.append(" changes in ").append(progress.batches()).append(" batches");
    }
    System.out.println(line);
  }
}
