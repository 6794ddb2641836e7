package io.kappacdc.capture.publish;

import java.util.Map;

/**
 * A Kafka transaction that was committed.
 *
 * @param byTopic what it brought to the tables' topics; empty if it was only about the position
 * @param nanos from its beginning until it was committed
 */
public record Committed(Map<String, Volume> byTopic, long nanos) {
  /**
   * Events and their size.
   *
   * @param bytes of keys and values, before compression
   */
  public record Volume(long events, long bytes) {
    static final Volume NOTHING = new Volume(0, 0);

    Volume plus(Volume more) {
      return new Volume(events + more.events, bytes + more.bytes);
    }
  }

  public Committed {
    byTopic = Map.copyOf(byTopic);
  }

  /** All tables together. */
  public Volume total() {
    return byTopic.values().stream().reduce(Volume.NOTHING, Volume::plus);
  }
}
