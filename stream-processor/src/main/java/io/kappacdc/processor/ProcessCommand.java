package io.kappacdc.processor;

import io.kappacdc.processor.health.ProcessorHealth;
import io.kappacdc.processor.postgres.ErasureRequests;
import io.kappacdc.processor.postgres.ProcessorLock;
import io.kappacdc.processor.postgres.RebuildRequests;
import io.kappacdc.processor.stream.KafkaLogin;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.telemetry.Contact;
import io.kappacdc.telemetry.HealthServer;
import io.kappacdc.telemetry.Meters;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
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

  /** Spark's is 30 above that of the file systems. */
  private static final int STOP_PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 50;

  private static final Duration STOP_MAX = Duration.ofSeconds(30);

  @Mixin private CommonOptions common = new CommonOptions();

  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  @Override
  public Integer call() throws Exception {
    KappaConfig config = common.load(Map.of());
    ProcessorSettings settings = ProcessorSettings.from(config);
    KafkaLogin.check(settings.kafka());
    stopOnSignal();
    CompletableFuture<SparkSession> spark =
        CompletableFuture.supplyAsync(() -> ProcessorSession.start(settings));
    try (Meters meters = Meters.ofThisJvm();
        ProcessorHealth health =
            ProcessorHealth.watch(settings.kafka(), meters, Clock.systemUTC());
        HealthServer http =
            HealthServer.startIfOn(
                config.processor().httpAddress(),
                "processor.http-address",
                meters,
                health::health);
        ProcessorLock lock = new ProcessorLock(settings.postgres())) {
      String url = http == null ? "" : http.url();
      if (http != null) {
        System.out.println("KAPPA HTTP processor " + url);
      }
      if (takeLock(lock, health)) {
        Files.createDirectories(common.home().directory());
        StatusFile statusFile = new StatusFile(common.home().resolve("processor-status.json"), url);
        runUnlessSparkEnds(new Running(started(spark), settings, lock, health, statusFile));
      }
      return ExitCode.OK;
    } finally {
      spark
          .handle(
              (session, error) -> {
                if (session != null) {
                  session.stop();
                }
                return null;
              })
          .join();
      stopped.countDown();
    }
  }

  private void runUnlessSparkEnds(Running running) throws Exception {
    try {
      run(running);
    } catch (Exception e) {
      boolean isForUsers = e instanceof KappaException;
      throw running.isEndedBySpark() && !isForUsers ? endedBySpark(e) : e;
    }
  }

  private static SparkSession started(CompletableFuture<SparkSession> spark) throws Exception {
    try {
      return spark.join();
    } catch (CompletionException e) {
      if (String.valueOf(e.getMessage()).contains("stopped SparkContext")) {
        throw endedBySpark(e);
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** No query can be started again then, so another process has to go on. */
  private static KappaException endedBySpark(@Nullable Exception cause) {
    return new KappaException(
        "Spark has ended this application",
        "the cluster removed it: its executors failed too often, or somebody killed it",
        "Look for the reason in the executors' logs, which are on the workers (on a standalone cluster"
            + " work/<application>/<executor>/stderr), and start the processor again: it goes on at"
            + " the stores' positions.",
        cause);
  }

  /** Before Spark's own hook, which would stop it under the batches at hand. */
  private void stopOnSignal() {
    ShutdownHookManager.get()
        .addShutdownHook(
            () -> {
              stopRequested.countDown();
              try {
                stopped.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            STOP_PRIORITY,
            STOP_MAX.toSeconds(),
            TimeUnit.SECONDS);
  }

  /** Waits for the database, and for a processor that is just going away. */
  private boolean takeLock(ProcessorLock lock, ProcessorHealth health) throws InterruptedException {
    long deadline = System.nanoTime() + LOCK_WAIT_MAX.toNanos();
    do {
      try {
        boolean isHeld = lock.hold();
        health.database().answered();
        if (isHeld) {
          return true;
        }
        if (System.nanoTime() > deadline) {
          throw lock.taken();
        }
      } catch (SQLException e) {
        health.database().failed(Contact.kind(e));
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

  /** What is needed while it runs. */
  private record Running(
      SparkSession spark,
      ProcessorSettings settings,
      ProcessorLock lock,
      ProcessorHealth health,
      StatusFile statusFile) {
    boolean isEndedBySpark() {
      return spark.sparkContext().isStopped();
    }

    Pipeline startPipeline() {
      Pipeline pipeline =
          new Pipeline(spark, settings, Optional.empty(), Start.SINK_POSITIONS, health::listenerOf);
      health.show(pipeline.queries(), pipeline.ready());
      pipeline.start();
      return pipeline;
    }
  }

  private void run(Running running) throws Exception {
    RebuildRequests rebuilds = new RebuildRequests(running.settings().postgres());
    ErasureQueue erasures = new ErasureQueue(running.spark(), running.settings());
    Pipeline pipeline = running.startPipeline();
    pipeline.ready().thenRun(() -> System.out.println("KAPPA READY processor"));
    try {
      while (!stopRequested.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (pipeline.ended().isDone()) {
          pipeline.ended().join();
        }
        if (running.isEndedBySpark()) {
          throw endedBySpark(null);
        }
        writeStatus(running.statusFile(), pipeline);
        boolean mayPause =
            isStillTheOne(running.lock(), running.health()) && pipeline.ready().isDone();
        Optional<RebuildRequests.Request> rebuild =
            mayPause ? asked(rebuilds::next) : Optional.empty();
        if (rebuild.isPresent()) {
          pipeline.close();
          SinkReset.empty(running.spark(), running.settings(), rebuild.get().topic());
          rebuilds.markBegun(rebuild.get().id());
          pipeline = running.startPipeline();
        }
        Optional<ErasureRequests.Request> erasure =
            mayPause && rebuild.isEmpty() ? asked(erasures::due) : Optional.empty();
        if (erasure.isPresent()) {
          pipeline.close();
          erase(erasures, erasure.get());
          pipeline = running.startPipeline();
        }
      }
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      pipeline.close();
      writeStatus(running.statusFile(), pipeline);
    }
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
  private static boolean isStillTheOne(ProcessorLock lock, ProcessorHealth health) {
    try {
      boolean isHeld = lock.hold();
      health.database().answered();
      if (!isHeld) {
        throw lock.taken();
      }
      return true;
    } catch (SQLException e) {
      health.database().failed(Contact.kind(e));
      LOG.warn("The trail's database does not answer: sqlState={}", e.getSQLState());
      return false;
    }
  }

  /** A request in the trail's database. */
  private interface Request<T> {
    Optional<T> find() throws SQLException;
  }

  private static <T> Optional<T> asked(Request<T> request) {
    try {
      return request.find();
    } catch (SQLException e) {
      LOG.warn("The trail's database does not answer: sqlState={}", e.getSQLState());
      return Optional.empty();
    }
  }

  private static void erase(ErasureQueue erasures, ErasureRequests.Request request) {
    try {
      erasures.carryOut(request);
    } catch (SQLException e) {
      LOG.warn("The trail's database does not answer: sqlState={}", e.getSQLState());
    }
  }
}
