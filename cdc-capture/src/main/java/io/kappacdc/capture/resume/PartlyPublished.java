package io.kappacdc.capture.resume;

import java.util.Objects;

/**
 * A transaction that takes several Kafka transactions, some of which are committed.
 *
 * @param ordinal events up to this rank in the transaction are published
 */
public record PartlyPublished(SourceTransaction transaction, long ordinal) {
  public PartlyPublished {
    Objects.requireNonNull(transaction, "transaction");
  }
}
