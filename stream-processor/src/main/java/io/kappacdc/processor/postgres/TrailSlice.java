package io.kappacdc.processor.postgres;

import io.kappacdc.processor.stream.CommitTimes;
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
 */
record TrailSlice(
    TopicPartition partition,
    long rows,
    CommitTimes commitTimes,
    long unreadable,
    @Nullable String stoppedReason,
    boolean conflict)
    implements Serializable {}
