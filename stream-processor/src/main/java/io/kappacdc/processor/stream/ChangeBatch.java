package io.kappacdc.processor.stream;

import java.io.Serializable;
import java.util.List;

/**
 * The records of one micro-batch: many are still in Kafka and go straight from there to the tasks
 * on executors, few are in memory.
 */
public interface ChangeBatch {
  /** Spark's number of the micro-batch within this run, for logs. */
  long batchId();

  /**
   * Runs {@code task} once for each topic partition that has records in this batch and returns its
   * results in no particular order. Each call may read Kafka anew.
   */
  <R extends Serializable> List<R> forEachSlice(SliceTask<R> task);
}
