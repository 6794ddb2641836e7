package io.kappacdc.processor.stream;

import java.time.Duration;
import java.time.Instant;

/**
 * Told of what the query that feeds a sink does: per batch, on the query's thread. Must not wait,
 * nor fail.
 */
public interface QueryListener {
  /** Does not care. */
  QueryListener NONE = new QueryListener() {};

  /**
   * A batch that the store has committed.
   *
   * @param plan from its end being known to the first task
   * @param write from then until it was committed
   */
  record Batch(BatchOutcome outcome, Instant committedAt, Duration plan, Duration write) {}

  default void committed(Batch batch) {}

  /** The store has recorded the moment at which it stands. */
  default void recordedMoment(Duration took) {}

  /** Partitions can no longer be applied since the last batch. */
  default void stopped(int partitions) {}

  /** The query has ended with an error. */
  default void failed() {}
}
