package io.kappacdc.processor.verify;

import org.jspecify.annotations.Nullable;

/**
 * What one comparison of a table found.
 *
 * @param store the store, or pair of stores, for people
 * @param rows rows the store has at the fence; null if they could not be counted
 * @param differences what it has otherwise than expected
 * @param reason why it is not verified; null if it is
 */
public record StoreReport(
    String store,
    Verdict verdict,
    @Nullable Long rows,
    Differences differences,
    @Nullable String reason) {

  static StoreReport compared(String store, long rows, Differences differences) {
    Verdict verdict = differences.total() == 0 ? Verdict.MATCH : Verdict.MISMATCH;
    return new StoreReport(store, verdict, rows, differences, null);
  }

  static StoreReport notVerified(String store, String reason) {
    return new StoreReport(store, Verdict.NOT_VERIFIED, null, Differences.NONE, reason);
  }
}
