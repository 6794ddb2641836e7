package io.kappacdc.processor.lake;

import io.kappacdc.processor.stream.SinkPosition;
import java.util.HashMap;
import java.util.Map;

/** A trail's positions as Delta transaction identifiers {@code kappa/<topic>/<partition>/…}. */
final class TrailPositions {
  private static final String OFFSET = "offset";
  private static final String LSN = "lsn";
  private static final String ORDINAL = "ordinal";

  private TrailPositions() {}

  private static String id(String topic, int partition, String part) {
    return "kappa/" + topic + '/' + partition + '/' + part;
  }

  static void write(
      Map<String, Long> transactions, String topic, int partition, SinkPosition position) {
    transactions.put(id(topic, partition, OFFSET), position.nextOffset());
    transactions.put(id(topic, partition, LSN), position.lsn());
    transactions.put(id(topic, partition, ORDINAL), position.ordinal());
  }

  /** The positions of a topic's partitions among a table's transaction identifiers. */
  static Map<Integer, SinkPosition> read(Map<String, Long> transactions, String topic) {
    Map<Integer, SinkPosition> positions = new HashMap<>();
    nextOffsets(transactions, topic)
        .forEach(
            (partition, offset) ->
                positions.put(
                    partition,
                    new SinkPosition(
                        transactions.get(id(topic, partition, LSN)),
                        transactions.get(id(topic, partition, ORDINAL)),
                        offset)));
    return positions;
  }

  /** The next offset of each of a topic's partitions among a table's transaction identifiers. */
  static Map<Integer, Long> nextOffsets(Map<String, Long> transactions, String topic) {
    Map<Integer, Long> offsets = new HashMap<>();
    String prefix = "kappa/" + topic + '/';
    String suffix = '/' + OFFSET;
    transactions.forEach(
        (id, version) -> {
          if (id.startsWith(prefix) && id.endsWith(suffix)) {
            String partition = id.substring(prefix.length(), id.length() - suffix.length());
            offsets.put(Integer.parseInt(partition), version);
          }
        });
    return offsets;
  }
}
