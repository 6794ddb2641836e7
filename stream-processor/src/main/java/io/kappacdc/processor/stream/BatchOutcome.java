package io.kappacdc.processor.stream;

import java.util.Objects;

/**
 * What a sink made of a batch.
 *
 * @param rows changes written; those skipped because the store had them already are not counted
 * @param commitTimes when these changes had been committed at the source
 */
public record BatchOutcome(long rows, CommitTimes commitTimes) {
  public BatchOutcome {
    Objects.requireNonNull(commitTimes, "commitTimes");
  }
}
