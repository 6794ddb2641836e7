package io.kappacdc.processor.stream;

import java.util.Map;
import java.util.Objects;

/**
 * What a sink made of a batch.
 *
 * @param rows changes written; those skipped because the store had them already are not counted
 * @param rowsByTopic the same, by the topic they came from
 * @param commitTimes when these changes had been committed at the source
 */
public record BatchOutcome(long rows, Map<String, Long> rowsByTopic, CommitTimes commitTimes) {
  public BatchOutcome {
    rowsByTopic = Map.copyOf(rowsByTopic);
    Objects.requireNonNull(commitTimes, "commitTimes");
  }
}
