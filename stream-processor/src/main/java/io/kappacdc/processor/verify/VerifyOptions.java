package io.kappacdc.processor.verify;

import java.time.Duration;
import java.util.List;

/**
 * What to verify.
 *
 * @param tables {@code schema.table} each; empty for all
 * @param timeout how long to wait for the fence and for the stores to pass it; reading the rows is
 *     not limited
 * @param rowsNamed how many rows that differ are named, for each table and store; all are counted
 */
public record VerifyOptions(
    Pipeline pipeline, List<String> tables, Duration timeout, int rowsNamed) {
  public static final Duration TIMEOUT = Duration.ofMinutes(2);
  public static final int ROWS_NAMED = 20;

  public VerifyOptions {
    tables = List.copyOf(tables);
  }

  /** All tables, with the defaults of {@code kappa verify}. */
  public static VerifyOptions of(Pipeline pipeline) {
    return new VerifyOptions(pipeline, List.of(), TIMEOUT, ROWS_NAMED);
  }
}
