package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import io.kappacdc.processor.stream.CutTopic.Placed;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the topics since a sink was fed from them: capture counts, in the generation
 * of its cuts, how often Kafka had lost topics so that it restated all tables.
 *
 * @param generation the newest
 * @param lastLsns by topic that was begun anew, the greatest LSN that had been published before
 */
record Renewal(int generation, Map<String, Long> lastLsns) {
  private static final Duration READ_MAX = Duration.ofSeconds(30);

  /**
   * Compares the cuts on both sides of each change of generation.
   *
   * @param known the generation that the sink knows
   */
  static Renewal since(CutTopic cuts, int known) {
    Placed newest = cuts.exists() ? cuts.newest() : null;
    if (newest == null) {
      return new Renewal(known, Map.of());
    }
    Map<String, Long> lastLsns = new HashMap<>();
    for (int next = known + 1; next <= newest.cut().generation(); next++) {
      int generation = next;
      Placed last = cuts.seekBehind(cut -> cut.generation() < generation);
      Placed first = last == null ? null : await(cuts);
      if (last != null && first != null) {
        compare(last.cut(), first.cut(), lastLsns);
      }
    }
    return new Renewal(newest.cut().generation(), lastLsns);
  }

  private static @Nullable Placed await(CutTopic cuts) {
    long deadline = System.nanoTime() + READ_MAX.toNanos();
    Placed next = cuts.next(Duration.ofMillis(200));
    while (next == null && System.nanoTime() < deadline) {
      next = cuts.next(Duration.ofMillis(200));
    }
    return next;
  }

  private static void compare(Cut last, Cut first, Map<String, Long> lastLsns) {
    last.endOffsets()
        .forEach(
            (topic, ends) -> {
              long[] left = first.endOffsets().get(topic);
              for (int partition = 0; partition < ends.length; partition++) {
                if (left == null || partition >= left.length || left[partition] < ends[partition]) {
                  lastLsns.putIfAbsent(topic, first.lsn());
                }
              }
            });
  }

  /**
   * The sink's partitions of the topics that were begun anew.
   *
   * @param earliest finds the first offset of a topic's partitions
   * @return where to begin in each
   * @throws GapException if the sink has read of a topic's new records already, and may have missed
   *     some
   */
  Map<TopicPartition, Long> begins(Map<TopicPartition, SinkPosition> positions, CutTopic earliest) {
    Map<String, Map<Integer, Long>> begins = new HashMap<>();
    Map<TopicPartition, Long> anew = new HashMap<>();
    positions.forEach(
        (partition, position) -> {
          Long lastLsn = lastLsns.get(partition.topic());
          if (lastLsn == null) {
            return;
          }
          if (position.position().isAfter(Position.endOf(lastLsn))) {
            throw GapException.mixed(partition, position, Lsn.format(lastLsn));
          }
          long begin =
              begins
                  .computeIfAbsent(partition.topic(), earliest::earliest)
                  .getOrDefault(partition.partition(), 0L);
          anew.put(partition, begin);
        });
    return anew;
  }
}
