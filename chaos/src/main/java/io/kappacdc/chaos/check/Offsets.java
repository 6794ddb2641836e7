package io.kappacdc.chaos.check;

import io.kappacdc.event.Cut;
import java.util.Map;
import java.util.TreeMap;

/** The offsets that a store would read next, by topic and partition. */
final class Offsets {
  private Offsets() {}

  /** Whether these are at or behind the cut's, everywhere. */
  static boolean reached(Cut cut, Map<String, Map<Integer, Long>> next) {
    for (Map.Entry<String, long[]> ends : cut.endOffsets().entrySet()) {
      Map<Integer, Long> ofTopic = next.getOrDefault(ends.getKey(), Map.of());
      for (int i = 0; i < ends.getValue().length; i++) {
        if (ofTopic.getOrDefault(i, 0L) < ends.getValue()[i]) {
          return false;
        }
      }
    }
    return true;
  }

  static String text(Map<String, Map<Integer, Long>> next) {
    return new TreeMap<>(next).toString();
  }
}
