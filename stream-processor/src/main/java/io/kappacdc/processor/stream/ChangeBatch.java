package io.kappacdc.processor.stream;

import java.io.Serializable;
import java.util.List;

/**
 * The records of one micro-batch, still in Kafka: they go straight from there to the executors'
 * tasks.
 */
public interface ChangeBatch {
  /** Spark's number of the micro-batch within this run, for logs. */
  long batchId();

  /**
   * Runs {@code task} once for each topic partition that has records in this batch and returns its
   * results in no particular order. Each call reads Kafka anew.
   */
  <R extends Serializable> List<R> forEachSlice(SliceTask<R> task);
}
