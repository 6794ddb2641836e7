package io.kappacdc.processor.stream;

import java.io.InterruptedIOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A batch in memory, whose tasks run in this JVM.
 *
 * @param batchId see {@link ChangeBatch#batchId}
 * @param slices records by partition, in the order of their offsets
 */
record SmallBatch(long batchId, Map<TopicPartition, List<KafkaRecord>> slices)
    implements ChangeBatch {
  /** More than cores, since tasks wait for stores. Tasks do not wait for each other. */
  private static final int THREADS = Math.max(4, Runtime.getRuntime().availableProcessors());

  private static final ExecutorService WORKERS = workers();

  private static ExecutorService workers() {
    AtomicInteger number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        THREADS,
        task -> {
          Thread thread = new Thread(task, "small-batch-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  @Override
  public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
    List<Future<R>> running = new ArrayList<>(slices.size());
    slices.forEach(
        (partition, records) ->
            running.add(WORKERS.submit(() -> task.run(partition, records.iterator()))));
    List<R> results = new ArrayList<>(running.size());
    Throwable failure = null;
    for (Future<R> one : running) {
      try {
        results.add(one.get());
      } catch (ExecutionException e) {
        failure = merged(failure, e.getCause());
      } catch (InterruptedException e) {
        running.forEach(other -> other.cancel(true));
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("Writing a batch");
        interrupted.initCause(e);
        throw new UncheckedIOException(interrupted);
      }
    }
    if (failure instanceof RuntimeException known) {
      throw known;
    } else if (failure instanceof Error error) {
      throw error;
    } else if (failure != null) {
      throw new IllegalStateException(failure);
    }
    return results;
  }

  /** The first failure, with the others beside it, once all tasks have ended. */
  private static Throwable merged(@Nullable Throwable first, Throwable next) {
    if (first == null) {
      return next;
    }
    if (first != next) {
      first.addSuppressed(next);
    }
    return first;
  }
}
