package io.kappacdc.chaos.check;

import io.kappacdc.chaos.workload.Kind;
import io.kappacdc.chaos.workload.Tally;
import java.util.Map;
import java.util.TreeMap;

/** Changes by LSN: those that have been accounted for, as a sum, and the later ones. */
final class Pending {
  private final Tally settled = new Tally();
  private final TreeMap<Long, Tally> later = new TreeMap<>();

  void add(long lsn, Kind kind, long count) {
    later.computeIfAbsent(lsn, any -> new Tally()).add(kind, count);
  }

  /** All changes at or before the LSN. */
  Tally upTo(long lsn) {
    Map<Long, Tally> now = later.headMap(lsn, true);
    now.values().forEach(settled::addAll);
    now.clear();
    return Tally.copyOf(settled);
  }
}
