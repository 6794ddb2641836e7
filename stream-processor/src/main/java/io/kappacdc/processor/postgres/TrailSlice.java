package io.kappacdc.processor.postgres;

import io.kappacdc.processor.stream.CommitTimes;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a task did with a slice.
 *
 * @param rows changes committed to the trail
 * @param unreadable records that are in quarantine now
 * @param stoppedReason why the partition cannot go on, null if it can
 * @param conflict whether the trail held a change that the ledger did not know of, so that nothing
 *     was written
 * @param reached how far the partition is in the store; null if that was not looked at
 * @param refused the record at which the slice ended, as the trail does not take it; null if there
 *     is none
 */
record TrailSlice(
    TopicPartition partition,
    long rows,
    CommitTimes commitTimes,
    long unreadable,
    @Nullable String stoppedReason,
    boolean conflict,
    @Nullable SinkPosition reached,
    @Nullable Refused refused)
    implements Serializable {
  /** A record with a value that a column of the trail does not take, and why. */
  record Refused(long offset, String reason) implements Serializable {}
}
