package io.kappacdc.processor.stream;

import java.io.Serializable;
import java.util.Iterator;

/**
 * Work on the records of one topic partition of a micro-batch, run on an executor, or here by
 * several threads at once: what changes belongs to a run, not to the task.
 *
 * @param <R> a small result for the driver: descriptions, never rows
 */
@FunctionalInterface
public interface SliceTask<R> extends Serializable {
  /**
   * @param partition whose records these are
   * @param records in the order of their offsets; to be read once
   */
  R run(TopicPartition partition, Iterator<KafkaRecord> records) throws Exception;
}
