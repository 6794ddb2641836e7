package io.kappacdc.processor.stream;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * How many changes were committed at the source in which millisecond: small enough to travel from
 * tasks to the driver, which learns the latency of every change from it once the sink has
 * committed. Holds {@value #ENTRIES_MAX} entries at most; a batch that spans more milliseconds is
 * kept by the second. Not thread-safe.
 */
public final class CommitTimes implements Serializable {
  private static final int ENTRIES_MAX = 8192;
  private static final long serialVersionUID = 1L;

  private final Map<Long, Long> countByMillis = new HashMap<>();
  private long resolutionMillis = 1;

  /** Counts one change that was committed at {@code commitMicros} since 1970-01-01T00:00:00Z. */
  public void add(long commitMicros) {
    add(commitMicros / 1000, 1);
  }

  private void add(long millis, long count) {
    countByMillis.merge(millis - Math.floorMod(millis, resolutionMillis), count, Long::sum);
    if (countByMillis.size() > ENTRIES_MAX) {
      coarsen();
    }
  }

  private void coarsen() {
    resolutionMillis *= 1000;
    Map<Long, Long> fine = Map.copyOf(countByMillis);
    countByMillis.clear();
    fine.forEach(
        (millis, count) ->
            countByMillis.merge(
                millis - Math.floorMod(millis, resolutionMillis), count, Long::sum));
  }

  /** Counts all that {@code other} has counted. */
  public void addAll(CommitTimes other) {
    other.countByMillis.forEach(this::add);
  }

  /** How many changes were counted. */
  public long changes() {
    return countByMillis.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Calls {@code visitor} with each commit time (milliseconds since 1970) and its number of
   * changes.
   */
  public void forEach(Visitor visitor) {
    countByMillis.forEach(visitor::visit);
  }

  /** Receives commit times and counts. */
  @FunctionalInterface
  public interface Visitor {
    void visit(long commitMillis, long changes);
  }
}
