package io.kappacdc.cli.status;

import io.kappacdc.event.Cut;
import java.util.List;
import java.util.Map;

/**
 * How far a sink is behind the last cut.
 *
 * @param events at most so many: markers of transactions count as well
 * @param secondsBehind between the newest cut that the sink has reached and the last one
 * @param atLeast true if the sink has reached none of the cuts looked at: it is further behind
 */
public record Lag(long events, double secondsBehind, boolean atLeast) {

  /**
   * @param cuts the last cuts, oldest first, at least one
   * @param positions for each topic, the next offset of each partition
   */
  static Lag of(List<Cut> cuts, Map<String, long[]> positions) {
    Cut last = cuts.get(cuts.size() - 1);
    for (int i = cuts.size() - 1; i >= 0; i--) {
      Cut cut = cuts.get(i);
      if (missing(cut, positions) == 0) {
        return new Lag(missing(last, positions), seconds(cut, last), false);
      }
    }
    return new Lag(missing(last, positions), seconds(cuts.get(0), last), true);
  }

  private static double seconds(Cut from, Cut to) {
    return Math.max(0, to.commitMicros() - from.commitMicros()) / 1e6;
  }

  private static long missing(Cut cut, Map<String, long[]> positions) {
    long missing = 0;
    for (Map.Entry<String, long[]> topic : cut.endOffsets().entrySet()) {
      long[] next = positions.getOrDefault(topic.getKey(), new long[0]);
      long[] ends = topic.getValue();
      for (int partition = 0; partition < ends.length; partition++) {
        long reached = partition < next.length ? next[partition] : 0;
        missing += Math.max(0, ends[partition] - reached);
      }
    }
    return missing;
  }
}
