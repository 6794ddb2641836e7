package io.kappacdc.cli.bench.measure;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A stage's progress in every partition, as it was watched. Thread-safe while it is written. */
public final class Stage {
  private final String name;
  private final Map<PartitionId, Timeline> timelines = new ConcurrentHashMap<>();

  public Stage(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }

  /** Everything of the partition before {@code nextOffset} can be read at that time. */
  public void reached(PartitionId partition, long atMicros, long nextOffset) {
    Timeline timeline = timelines.computeIfAbsent(partition, any -> new Timeline());
    synchronized (timeline) {
      timeline.reached(atMicros, nextOffset);
    }
  }

  Timeline timeline(PartitionId partition) {
    return timelines.getOrDefault(partition, new Timeline());
  }

  /** The times of all steps forwards, those at the same time counted once, in order. */
  public long[] stepMicros() {
    Map<Long, Boolean> times = new TreeMap<>();
    for (Timeline timeline : timelines.values()) {
      synchronized (timeline) {
        for (int i = 0; i < timeline.size(); i++) {
          times.put(timeline.microsOf(i), true);
        }
      }
    }
    return times.keySet().stream().mapToLong(Long::longValue).toArray();
  }
}
