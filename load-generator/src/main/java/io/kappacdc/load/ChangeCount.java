package io.kappacdc.load;

/** Row changes by kind. */
public record ChangeCount(long inserts, long updates, long deletes) {
  public static final ChangeCount NONE = new ChangeCount(0, 0, 0);

  public long total() {
    return inserts + updates + deletes;
  }

  public ChangeCount plus(ChangeCount other) {
    return new ChangeCount(
        inserts + other.inserts, updates + other.updates, deletes + other.deletes);
  }
}
