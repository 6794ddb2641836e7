package io.kappacdc.chaos.workload;

import java.util.Comparator;

/**
 * A kind of change.
 *
 * @param table name in the schema public
 * @param op as in the trails: c, u, d, t, r
 */
public record Kind(String table, char op) implements Comparable<Kind> {
  /** No change of its own: a row that a truncate took away. */
  static final char EMPTIED = 'x';

  private static final Comparator<Kind> ORDER =
      Comparator.comparing(Kind::table).thenComparing(Kind::op);

  @Override
  public int compareTo(Kind other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return table + "/" + op;
  }
}
