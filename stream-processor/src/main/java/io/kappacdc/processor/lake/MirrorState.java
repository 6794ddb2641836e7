package io.kappacdc.processor.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import io.kappacdc.processor.stream.SinkPosition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a mirror is, as each of its commits records it in the commit's user metadata.
 *
 * @param partitions by topic partition
 * @param barrier position of the last truncation: no row before it is in the mirror or may enter it
 * @param commit number of our commits of this table; also a Delta transaction identifier's version,
 *     so that of two writers that plan the same commit one fails
 */
record MirrorState(Map<Integer, Partition> partitions, Position barrier, long commit) {
  static final MirrorState UNKNOWN = new MirrorState(Map.of(), Position.ORIGIN, 0);

  /** Stands for every partition not seen yet. */
  static final int OTHERS = -1;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One topic partition.
   *
   * @param position how far it is
   * @param snapshotLsn LSN of the snapshot that began it; null if something else did
   */
  record Partition(SinkPosition position, @Nullable Long snapshotLsn) {}

  MirrorState {
    partitions = Map.copyOf(partitions);
  }

  Map<Integer, SinkPosition> positions() {
    Map<Integer, SinkPosition> positions = new HashMap<>();
    partitions.forEach((number, partition) -> positions.put(number, partition.position()));
    return positions;
  }

  /** The offset to read next, by partition. */
  Map<Integer, Long> nextOffsets() {
    Map<Integer, Long> offsets = new HashMap<>();
    partitions.forEach(
        (number, partition) -> offsets.put(number, partition.position().nextOffset()));
    return offsets;
  }

  /**
   * By partition, the LSN of the snapshot before whose reads the mirror has no rows of it; under
   * {@link #OTHERS} that of partitions not seen yet, when all partitions seen began with the same
   * snapshot. (A topic that got more partitions since keeps no key in its place.)
   */
  HashMap<Integer, Long> snapshotLsns() {
    HashMap<Integer, Long> snapshots = new HashMap<>();
    boolean isRestated = barrier.ordinal() == Position.SNAPSHOT_ORDINAL_BASE;
    for (Map.Entry<Integer, Partition> entry : partitions.entrySet()) {
      snapshots.put(
          entry.getKey(), isRestated ? (Long) barrier.lsn() : entry.getValue().snapshotLsn());
    }
    Set<Long> distinct = new HashSet<>(snapshots.values());
    if (isRestated) {
      snapshots.put(OTHERS, barrier.lsn());
    } else if (distinct.size() == 1) {
      snapshots.put(OTHERS, distinct.iterator().next());
    }
    return snapshots;
  }

  /** The state after the next commit, which moves these partitions. */
  MirrorState next(Map<Integer, Partition> moved, Position newBarrier) {
    Map<Integer, Partition> all = new HashMap<>(partitions);
    all.putAll(moved);
    return new MirrorState(all, newBarrier.isAfter(barrier) ? newBarrier : barrier, commit + 1);
  }

  String write(String topic) {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode kappa = root.putObject("kappa");
    ArrayNode all = kappa.putArray(topic);
    new TreeMap<>(partitions)
        .forEach(
            (number, partition) -> {
              ObjectNode node = all.addObject();
              node.put("partition", number);
              node.put("offset", partition.position().nextOffset());
              node.put("lsn", Lsn.format(partition.position().lsn()));
              node.put("ordinal", partition.position().ordinal());
              if (partition.snapshotLsn() != null) {
                node.put("snapshot", Lsn.format(partition.snapshotLsn()));
              }
            });
    kappa
        .putObject("barrier")
        .put("lsn", Lsn.format(barrier.lsn()))
        .put("ordinal", barrier.ordinal());
    kappa.put("commit", commit);
    return root.toString();
  }

  /** The state in a commit's user metadata; empty if it is not ours or of another topic. */
  static Optional<MirrorState> read(String userMetadata, String topic) {
    try {
      JsonNode kappa = JSON.readTree(userMetadata).path("kappa");
      if (!kappa.path(topic).isArray()) {
        return Optional.empty();
      }
      Map<Integer, Partition> partitions = new HashMap<>();
      for (JsonNode node : kappa.path(topic)) {
        SinkPosition position =
            new SinkPosition(
                Lsn.parse(node.path("lsn").asText()),
                node.path("ordinal").asLong(),
                node.path("offset").asLong());
        Long snapshot = node.has("snapshot") ? Lsn.parse(node.path("snapshot").asText()) : null;
        partitions.put(node.path("partition").asInt(), new Partition(position, snapshot));
      }
      JsonNode barrier = kappa.path("barrier");
      return Optional.of(
          new MirrorState(
              partitions,
              new Position(
                  Lsn.parse(barrier.path("lsn").asText()), barrier.path("ordinal").asLong()),
              kappa.path("commit").asLong()));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The user metadata of a line of a Delta commit file; empty if it has none. */
  static Optional<String> userMetadata(String commitLine) {
    try {
      JsonNode value = JSON.readTree(commitLine).path("commitInfo").path("userMetadata");
      return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
