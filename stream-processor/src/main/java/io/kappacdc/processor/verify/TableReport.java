package io.kappacdc.processor.verify;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the verification of a table found.
 *
 * @param table {@code schema.table}
 * @param sourceRows rows of the source at the fence; null if the source was not read
 * @param stores one a comparison
 * @param notes what a reader should know, for instance columns not compared
 */
public record TableReport(
    String table, @Nullable Long sourceRows, List<StoreReport> stores, List<String> notes) {
  public TableReport {
    stores = List.copyOf(stores);
    notes = List.copyOf(notes);
  }

  static TableReport notVerified(String table, String reason, List<String> notes) {
    return new TableReport(
        table, null, List.of(StoreReport.notVerified("all stores", reason)), notes);
  }

  public Verdict verdict() {
    return stores.stream().map(StoreReport::verdict).reduce(Verdict.MATCH, Verdict::and);
  }

  Optional<StoreReport> store(String name) {
    return stores.stream().filter(store -> store.store().equals(name)).findFirst();
  }
}
