package io.kappacdc.processor.stream;

import io.kappacdc.runtime.config.ProcessorConfig.OnGap;
import java.util.Objects;

/**
 * What a sink's query reads.
 *
 * @param kafka where
 * @param topicPattern regular expression of the topics
 * @param workDirectory where Spark's checkpoints would be on a disk; they are kept in memory
 * @param changesPerBatchMax records that a micro-batch takes at most
 * @param onGap what to do about topics that were made anew
 * @param start where to begin
 */
public record SinkQuerySettings(
    KafkaSettings kafka,
    String topicPattern,
    String workDirectory,
    long changesPerBatchMax,
    OnGap onGap,
    Start start) {
  /** Where a query begins to read. */
  public enum Start {
    /** At the sink's own positions; then on and on. */
    SINK_POSITIONS,
    /**
     * At the earliest records, up to where the sink is: it has all of them and skips them all. What
     * comes after is left to the processor at work.
     */
    EARLIEST_TO_SINK_POSITIONS,
    /** At the earliest records, up to the latest at the start. */
    EARLIEST_TO_LATEST
  }

  public SinkQuerySettings {
    Objects.requireNonNull(kafka, "kafka");
    Objects.requireNonNull(start, "start");
  }

  boolean resumes() {
    return onGap == OnGap.RESUME;
  }

  boolean replays() {
    return start != Start.SINK_POSITIONS;
  }

  /**
   * Whether the sink stands at a moment of the source when it has read up to a cut: not if other
   * topics are left out, nor if it skips what it reads.
   */
  boolean makesMoments() {
    return !stopsAtSinkPositions() && topicPattern.equals(kafka.topics().tablePattern());
  }

  boolean stopsAtSinkPositions() {
    return start == Start.EARLIEST_TO_SINK_POSITIONS;
  }
}
