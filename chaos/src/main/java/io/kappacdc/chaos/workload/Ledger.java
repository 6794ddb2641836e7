package io.kappacdc.chaos.workload;

import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What the tellers counted up to a moment. From it follows what every table has at that moment.
 *
 * @param counted changes of each kind, and rows that truncates took away
 */
public record Ledger(Tally counted) {
  /** Nothing yet. */
  public static Ledger empty() {
    return new Ledger(new Tally());
  }

  /**
   * One row of the ledger's table.
   *
   * @param column the value of a column by its name
   */
  public static Ledger of(ToLongFunction<String> column) {
    Tally counted = new Tally();
    counted.add(new Kind(Bank.LEDGER, 'u'), column.applyAsLong("number"));
    for (Kind kind : Bank.COUNTED) {
      counted.add(kind, column.applyAsLong(Bank.column(kind)));
    }
    return new Ledger(counted);
  }

  /** The rows of all tellers together. */
  public static Ledger sum(Iterable<Ledger> rows) {
    Tally all = new Tally();
    rows.forEach(row -> all.addAll(row.counted()));
    return new Ledger(all);
  }

  /** The changes alone. */
  public Tally changes() {
    Tally changes = new Tally();
    for (Map.Entry<Kind, Long> each : counted.counts().entrySet()) {
      if (each.getKey().op() != Kind.EMPTIED) {
        changes.add(each.getKey(), each.getValue());
      }
    }
    return changes;
  }

  /** How many rows a table has. */
  public long rows(String table) {
    return Bank.rowsAtFirst(table)
        + counted.count(new Kind(table, 'c'))
        - counted.count(new Kind(table, 'd'))
        - counted.count(new Kind(table, Kind.EMPTIED));
  }
}
