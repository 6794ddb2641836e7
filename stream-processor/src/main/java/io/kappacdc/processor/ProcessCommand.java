package io.kappacdc.processor;

import io.kappacdc.processor.postgres.ProcessorLock;
import io.kappacdc.processor.postgres.RebuildRequests;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kappa process}: Kafka to the sinks, until it is told to stop. */
@Command(
    name = "process",
    mixinStandardHelpOptions = true,
    description = "Stream changes from Kafka to the PostgreSQL trail and the Delta Lake.")
final class ProcessCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessCommand.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration LOCK_WAIT_MAX = Duration.ofSeconds(60);

  @Mixin private CommonOptions common = new CommonOptions();

  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  @Override
  public Integer call() throws Exception {
    ProcessorSettings settings = ProcessorSettings.from(common.load(Map.of()));
    stopOnSignal();
    CompletableFuture<SparkSession> spark =
        CompletableFuture.supplyAsync(() -> ProcessorSession.start(settings));
    try (ProcessorLock lock = new ProcessorLock(settings.postgres())) {
      if (takeLock(lock)) {
        run(spark.join(), settings, lock);
      }
      return ExitCode.OK;
    } finally {
      spark.join().stop();
      stopped.countDown();
    }
  }

  private void stopOnSignal() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stopRequested.countDown();
                  try {
                    stopped.await(30, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "stop-on-signal"));
  }

  /** Waits for the database, and for a processor that is just going away. */
  private boolean takeLock(ProcessorLock lock) throws InterruptedException {
    long deadline = System.nanoTime() + LOCK_WAIT_MAX.toNanos();
    do {
      try {
        if (lock.hold()) {
          return true;
        }
        if (System.nanoTime() > deadline) {
          throw lock.taken();
        }
      } catch (SQLException e) {
        LOG.warn("The trail's database does not answer: sqlState={}", e.getSQLState());
        if (System.nanoTime() > deadline) {
          throw new KappaException(
              "The trail's database does not answer",
              String.valueOf(e.getMessage()),
              "Check sink.url, sink.user and sink.password, and that the server is up.",
              e);
        }
      }
    } while (!stopRequested.await(TICK.toMillis(), TimeUnit.MILLISECONDS));
    return false;
  }

  private void run(SparkSession spark, ProcessorSettings settings, ProcessorLock lock)
      throws Exception {
    RebuildRequests rebuilds = new RebuildRequests(settings.postgres());
    Files.createDirectories(common.home().directory());
    StatusFile statusFile = new StatusFile(common.home().resolve("processor-status.json"));
    Pipeline pipeline = startPipeline(spark, settings);
    pipeline.ready().thenRun(() -> System.out.println("KAPPA READY processor"));
    try {
      while (!stopRequested.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (pipeline.ended().isDone()) {
          pipeline.ended().join();
        }
        writeStatus(statusFile, pipeline);
        Optional<RebuildRequests.Request> rebuild =
            isStillTheOne(lock) && pipeline.ready().isDone()
                ? nextRebuild(rebuilds)
                : Optional.empty();
        if (rebuild.isPresent()) {
          pipeline.close();
          SinkReset.empty(spark, settings, rebuild.get().topic());
          rebuilds.markBegun(rebuild.get().id());
          pipeline = startPipeline(spark, settings);
        }
      }
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      pipeline.close();
      writeStatus(statusFile, pipeline);
    }
  }

  private static Pipeline startPipeline(SparkSession spark, ProcessorSettings settings) {
    Pipeline pipeline = new Pipeline(spark, settings, Optional.empty(), Start.SINK_POSITIONS);
    pipeline.start();
    return pipeline;
  }

  private static void writeStatus(StatusFile statusFile, Pipeline pipeline) {
    try {
      statusFile.write(pipeline.queries(), System.currentTimeMillis());
    } catch (IOException e) {
      LOG.warn("The status file cannot be written: {}", e.getMessage());
    }
  }

  /**
   * Whether the lock is held; not known while the database is away, and the queries wait for it
   * too.
   */
  private static boolean isStillTheOne(ProcessorLock lock) {
    try {
      if (!lock.hold()) {
        throw lock.taken();
      }
      return true;
    } catch (SQLException e) {
      LOG.warn("The trail's database does not answer: sqlState={}", e.getSQLState());
      return false;
    }
  }

  private static Optional<RebuildRequests.Request> nextRebuild(RebuildRequests rebuilds) {
    try {
      return rebuilds.next();
    } catch (SQLException e) {
      LOG.warn("The trail's database does not answer: sqlState={}", e.getSQLState());
      return Optional.empty();
    }
  }
}
