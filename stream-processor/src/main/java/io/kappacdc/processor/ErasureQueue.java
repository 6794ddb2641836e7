package io.kappacdc.processor;

import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.postgres.ErasureRequests;
import io.kappacdc.processor.postgres.TrailErasure;
import io.kappacdc.processor.stream.NewestCut;
import io.kappacdc.runtime.KappaException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the requests to erase a row, one after the other: waits until the stores have what
 * was published when it first saw the request, so that nothing of the row is still on its way, and
 * then wants to be the only writer. A request that was cut short is carried out again. Used by one
 * thread.
 */
final class ErasureQueue {
  private static final Logger LOG = LoggerFactory.getLogger(ErasureQueue.class);
  private static final Duration STORES_MAX = Duration.ofMinutes(10);
  private static final Duration TASKS_MAX = Duration.ofMinutes(1);
  private static final int ATTEMPTS_MAX = 3;

  private final SparkSession spark;
  private final ProcessorSettings settings;
  private final ErasureRequests requests;
  private final Consumer<String> steps;
  private @Nullable Waiting waiting;
  private int attempts;

  /**
   * A request that waits for the stores.
   *
   * @param cut what they are to have
   */
  private record Waiting(long id, Cut cut, long untilNanos) {}

  ErasureQueue(SparkSession spark, ProcessorSettings settings) {
    this(spark, settings, step -> {});
  }

  /**
   * @param steps told of each step before it is taken
   */
  ErasureQueue(SparkSession spark, ProcessorSettings settings, Consumer<String> steps) {
    this.spark = spark;
    this.settings = settings;
    this.requests = new ErasureRequests(settings.postgres());
    this.steps = steps;
  }

  /** The request that can be carried out now. */
  Optional<ErasureRequests.Request> due() throws SQLException {
    Optional<ErasureRequests.Request> next = requests.next();
    if (next.isEmpty()) {
      return next;
    }
    long id = next.get().id();
    try {
      Waiting now = waiting(id);
      Optional<String> lag = now == null ? Optional.empty() : erasure(next.get()).lag(now.cut());
      if (lag.isEmpty()) {
        return next;
      }
      requests.at(id, "waiting: " + lag.get());
      if (System.nanoTime() > now.untilNanos()) {
        fail(
            id,
            "The stores have not come as far as the topic was: "
                + lag.get()
                + ". ./kappa status tells why.");
      }
    } catch (KappaException e) {
      fail(id, e.problem() + ": " + e.reason() + ". " + e.remedy());
    } catch (RuntimeException e) {
      LOG.warn("Cannot look where the stores are: error={}", e.getClass().getSimpleName());
    }
    return Optional.empty();
  }

  private @Nullable Waiting waiting(long id) {
    if (waiting == null || waiting.id() != id) {
      attempts = 0;
      waiting =
          NewestCut.find(settings.kafka())
              .map(cut -> new Waiting(id, cut, System.nanoTime() + STORES_MAX.toNanos()))
              .orElse(null);
    }
    return waiting;
  }

  private Erasure erasure(ErasureRequests.Request request) throws SQLException {
    TableSchema schema =
        TrailErasure.schema(settings.postgres(), request.topic())
            .orElseThrow(() -> EraseErrors.unknownTable(request.topic()));
    return new Erasure(
        spark, settings, request.topic(), schema, Erasure.Request.fromJson(request.text()));
  }

  /** Carries a request out. Nobody else may be writing. */
  void carryOut(ErasureRequests.Request request) throws SQLException {
    long id = request.id();
    LOG.info("Erasing a row: request={} topic={}", id, request.topic());
    try {
      endStrayTasks();
      run(request);
      waiting = null;
    } catch (KappaException e) {
      fail(id, e.problem() + ": " + e.reason() + ". " + e.remedy());
    } catch (Exception e) {
      // Delta throws checked exceptions, too. What they say may have the key in it.
      attempts++;
      LOG.warn(
          "Erasing failed: request={} attempt={} error={}",
          id,
          attempts,
          e.getClass().getSimpleName());
      LOG.debug("Stack trace of the failed erasure", e);
      if (attempts >= ATTEMPTS_MAX) {
        fail(id, "It failed " + attempts + " times: " + e.getClass().getSimpleName());
      }
    }
  }

  /** What queries that were stopped had begun, a fold say, could write a file behind the search. */
  private void endStrayTasks() throws InterruptedException {
    spark.sparkContext().cancelAllJobs();
    long deadline = System.nanoTime() + TASKS_MAX.toNanos();
    while (Arrays.stream(spark.sparkContext().statusTracker().getExecutorInfos())
        .anyMatch(executor -> executor.numRunningTasks() > 0)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Tasks of queries that were stopped do not end");
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private void run(ErasureRequests.Request request) throws SQLException {
    long id = request.id();
    step(id, "looking for the row");
    Erasure erasure = erasure(request);
    Erasure.Request asked = Erasure.Request.fromJson(request.text());
    Erasure.Found found = erasure.find();
    if (found.isAlive() && !asked.evenIfAlive() && asked.lives() == null) {
      throw EraseErrors.alive();
    }
    Erasure.Request kept = erasure.keep(found);
    requests.keep(id, kept.toJson());
    erasure.remove(found, step -> step(id, step));
    step(id, "searching all files");
    Erasure.Proof proof = erasure.prove(found.lives());
    List<String> unreadable = asked.quarantineContaining() ? List.of() : found.unreadable();
    Erasure.Counts removed = kept.removed() == null ? found.counts() : kept.removed();
    requests.end(id, proof.isClean(), Erasure.outcome(removed, proof, unreadable));
    LOG.info("Erased a row: request={} topic={} clean={}", id, request.topic(), proof.isClean());
  }

  private void step(long id, String step) {
    steps.accept(step);
    try {
      requests.at(id, step);
    } catch (SQLException e) {
      throw new IllegalStateException("The trail's database does not answer", e);
    }
  }

  private void fail(long id, String reason) throws SQLException {
    LOG.warn("A row was not erased: request={}", id);
    requests.end(id, false, reason);
    waiting = null;
  }
}
