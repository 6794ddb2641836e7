package io.kappacdc.processor.verify;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a verification found.
 *
 * @param fenceLsn the moment of the source that was compared
 * @param startedAt when it began, by this machine's clock
 * @param waited until every store had passed the fence
 * @param duration all in all
 */
public record VerificationReport(
    long fenceLsn,
    Instant startedAt,
    Duration waited,
    Duration duration,
    List<TableReport> tables) {
  public VerificationReport {
    tables = List.copyOf(tables);
  }

  /** The verdict over all tables. */
  public Verdict verdict() {
    return tables.stream().map(TableReport::verdict).reduce(Verdict.MATCH, Verdict::and);
  }
}
