package io.kappacdc.chaos.workload;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** How many changes of each kind. Not thread-safe. */
public final class Tally {
  private final SortedMap<Kind, Long> counts = new TreeMap<>();

  public static Tally copyOf(Tally other) {
    Tally copy = new Tally();
    copy.addAll(other);
    return copy;
  }

  public void add(Kind kind, long count) {
    if (count != 0) {
      counts.merge(kind, count, Long::sum);
    }
  }

  public void addAll(Tally other) {
    other.counts.forEach(this::add);
  }

  /** What this has more than {@code other}; negative where it has less. */
  public Tally minus(Tally other) {
    Tally difference = new Tally();
    TreeSet<Kind> kinds = new TreeSet<>(counts.keySet());
    kinds.addAll(other.counts.keySet());
    for (Kind kind : kinds) {
      difference.add(kind, count(kind) - other.count(kind));
    }
    return difference;
  }

  /** The kinds that are more than none, without the others. */
  public Tally positive() {
    Tally positive = new Tally();
    counts.forEach((kind, count) -> positive.add(kind, Math.max(0, count)));
    return positive;
  }

  public void clear() {
    counts.clear();
  }

  public long count(Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  public long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  public SortedMap<Kind, Long> counts() {
    return Collections.unmodifiableSortedMap(counts);
  }

  public boolean isEmpty() {
    return total() == 0 && counts.values().stream().allMatch(count -> count == 0);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tally tally && minus(tally).isEmpty();
  }

  @Override
  public int hashCode() {
    return (int) total();
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
