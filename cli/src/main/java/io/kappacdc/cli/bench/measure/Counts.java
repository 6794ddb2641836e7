package io.kappacdc.cli.bench.measure;

import java.util.TreeMap;

/** How many changes passed a stage in which second of the window; those around it, too. */
public final class Counts {
  private final TreeMap<Integer, Long> bySecond = new TreeMap<>();

  void add(int second, long changes) {
    bySecond.merge(second, changes, Long::sum);
  }

  /** The changes of each second from 0 to {@code seconds} - 1. */
  public long[] perSecond(int seconds) {
    long[] counts = new long[seconds];
    for (int i = 0; i < seconds; i++) {
      counts[i] = bySecond.getOrDefault(i, 0L);
    }
    return counts;
  }

  /** The changes up to the end of each second from 0 to {@code seconds} - 1, from the begin on. */
  public long[] upToSecond(int seconds) {
    long[] sums = new long[seconds];
    for (int i = 0; i < seconds; i++) {
      long before = i == 0 ? sum(bySecond.headMap(0)) : sums[i - 1];
      sums[i] = before + bySecond.getOrDefault(i, 0L);
    }
    return sums;
  }

  private static long sum(java.util.Map<Integer, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  public long total() {
    return sum(bySecond);
  }
}
