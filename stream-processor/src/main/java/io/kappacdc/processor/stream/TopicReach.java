package io.kappacdc.processor.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** How far back the tables' topics reach. */
public final class TopicReach {
  private static final int NAMED_MAX = 5;

  private TopicReach() {}

  /**
   * What Kafka no longer has of all that was ever published.
   *
   * @param topic the one topic that is looked at; empty for those of all tables
   * @return a sentence; empty if it has everything
   */
  public static Optional<String> shortfall(KafkaSettings kafka, Optional<String> topic) {
    String pattern = topic.map(Pattern::quote).orElse(kafka.topics().tablePattern());
    List<String> later =
        StartingOffsets.earliest(kafka, pattern).entrySet().stream()
            .filter(earliest -> earliest.getValue() > 0)
            .map(earliest -> earliest.getKey() + " begins at offset " + earliest.getValue())
            .sorted()
            .toList();
    List<String> reasons = new ArrayList<>(later.subList(0, Math.min(NAMED_MAX, later.size())));
    if (later.size() > NAMED_MAX) {
      reasons.add((later.size() - NAMED_MAX) + " more partitions do not begin at 0");
    }
    int generation = generation(kafka);
    if (generation > 1) {
      reasons.add("topics were lost and begun anew (generation " + generation + ")");
    }
    return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons));
  }

  private static int generation(KafkaSettings kafka) {
    try (CutTopic cuts = new CutTopic(kafka)) {
      CutTopic.Placed newest = cuts.exists() ? cuts.newest() : null;
      return newest == null ? 1 : newest.cut().generation();
    }
  }
}
