package io.kappacdc.processor.lake;

import io.kappacdc.processor.stream.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for the tables of a batch, upkeep of tables in the background, and the partitions that
 * stopped.
 */
final class TableWorkers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TableWorkers.class);
  private static final int TABLES_AT_ONCE = 4;
  private static final Duration END_MAX = Duration.ofSeconds(10);

  private final String sink;
  private final ExecutorService tables;
  private final ExecutorService upkeep;
  private final CheckpointPace checkpoints = new CheckpointPace(System::nanoTime);
  private final Set<String> inUpkeep = ConcurrentHashMap.newKeySet();
  private final Map<TopicPartition, String> stopped = new ConcurrentHashMap<>();

  TableWorkers(String sink) {
    this.sink = sink;
    this.tables = threads(TABLES_AT_ONCE, sink + "-table-");
    this.upkeep = threads(1, sink + "-upkeep-");
  }

  private static ExecutorService threads(int count, String name) {
    AtomicInteger number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        count,
        task -> {
          Thread thread = new Thread(task, name + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Applies the slices of each table, tables at the same time.
   *
   * @param topic of a slice's result
   * @param apply commits one table's slices; true if the batch must be read on for this table
   * @return whether any table must be read on
   * @throws RuntimeException the first table's failure, after all have ended
   */
  <R> boolean apply(
      List<R> results, Function<R, String> topic, BiPredicate<String, List<R>> apply) {
    Map<String, List<R>> byTopic = new HashMap<>();
    results.forEach(
        result -> byTopic.computeIfAbsent(topic.apply(result), t -> new ArrayList<>()).add(result));
    List<Callable<Boolean>> work = new ArrayList<>();
    byTopic.forEach((name, slices) -> work.add(() -> apply.test(name, slices)));
    boolean again = false;
    RuntimeException failure = null;
    try {
      for (Future<Boolean> done : tables.invokeAll(work)) {
        try {
          again |= done.get();
        } catch (ExecutionException e) {
          failure = merge(failure, e.getCause());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while committing to " + sink, e);
    }
    if (failure != null) {
      throw failure;
    }
    return again;
  }

  private static RuntimeException merge(@Nullable RuntimeException first, Throwable next) {
    RuntimeException failure =
        next instanceof RuntimeException runtime
            ? runtime
            : new IllegalStateException("A table's commit failed", next);
    if (first == null) {
      return failure;
    }
    first.addSuppressed(failure);
    return first;
  }

  /** Writes a checkpoint of the table when one is due; the batch does not wait for it. */
  void checkpointWhenDue(LakeTable table) {
    if (checkpoints.begin(table.versionsSinceCheckpoint())) {
      later("checkpoint", table.path(), checkpoints.timed(table.checkpointing()));
    }
  }

  /** Does work on a table in the background, unless the same work is waiting already. */
  void later(String what, String table, Runnable work) {
    String id = what + ' ' + table;
    if (!inUpkeep.add(id)) {
      return;
    }
    upkeep.execute(
        () -> {
          try {
            work.run();
          } catch (Exception e) {
            log.warn("Upkeep failed work={} table={} error={}", what, table, e.toString());
          } finally {
            inUpkeep.remove(id);
          }
        });
  }

  /** Takes no more records of this partition until somebody says {@link #goOn}. */
  void stop(TopicPartition partition, String reason) {
    if (stopped.put(partition, reason) == null) {
      log.error("Stopped sink={} partition={} reason={}", sink, partition, reason);
    }
  }

  /** Takes records of a topic's stopped partitions again. */
  void goOn(String topic) {
    if (stopped.keySet().removeIf(partition -> partition.topic().equals(topic))) {
      log.info("Going on sink={} topic={}", sink, topic);
    }
  }

  /** Gives all stopped partitions another try. */
  void goOn() {
    stopped.clear();
  }

  Map<TopicPartition, String> stopped() {
    return Map.copyOf(stopped);
  }

  Set<Integer> stoppedPartitions(String topic) {
    Set<Integer> partitions = new HashSet<>();
    for (TopicPartition partition : stopped.keySet()) {
      if (partition.topic().equals(topic)) {
        partitions.add(partition.partition());
      }
    }
    return partitions;
  }

  @Override
  public void close() {
    tables.shutdownNow();
    end(upkeep);
  }

  /** Gives up work at hand; waits a little, since what it writes late nobody expects any more. */
  static void end(ExecutorService work) {
    work.shutdownNow();
    try {
      if (!work.awaitTermination(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("Work in the background goes on after the end of its sink");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
