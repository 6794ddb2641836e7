package io.kappacdc.processor.health;

import io.kappacdc.event.Cut;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a sink is behind.
 *
 * @param events offsets up to the newest cut, markers of transactions among them; null if there is
 *     no cut
 * @param seconds since the source's time of the moment at which the store is complete; null before
 *     it is at one
 */
record SinkLag(@Nullable Long events, @Nullable Double seconds) {

  /**
   * @param newest the newest cut in Kafka, if it is known
   * @param next for each topic, the offset of each partition that the sink reads next
   * @param completed the moment at which the store is complete, if it is known
   */
  static SinkLag of(
      @Nullable Cut newest, Map<String, long[]> next, @Nullable Cut completed, Instant now) {
    return new SinkLag(
        newest == null ? null : (Long) missing(newest, next),
        completed == null ? null : (Double) secondsSince(completed, now));
  }

  private static double secondsSince(Cut cut, Instant now) {
    Instant commit = Instant.EPOCH.plus(cut.commitMicros(), ChronoUnit.MICROS);
    return Math.max(0, Duration.between(commit, now).toNanos() / 1e9);
  }

  private static long missing(Cut newest, Map<String, long[]> next) {
    long missing = 0;
    for (Map.Entry<String, long[]> topic : newest.endOffsets().entrySet()) {
      long[] ends = topic.getValue();
      long[] reached = next.getOrDefault(topic.getKey(), new long[0]);
      for (int partition = 0; partition < ends.length; partition++) {
        long from = partition < reached.length ? reached[partition] : 0;
        missing += Math.max(0, ends[partition] - from);
      }
    }
    return missing;
  }
}
