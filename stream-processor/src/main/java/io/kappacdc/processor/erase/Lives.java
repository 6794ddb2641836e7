package io.kappacdc.processor.erase;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kappacdc.event.Position;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Spans of the source's time in which keys were one person's. Immutable. */
public final class Lives implements Serializable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ArrayList<Life> all;
  private final HashMap<RowKey, ArrayList<Life>> byKey = new HashMap<>();

  /**
   * A key from one place on until before another.
   *
   * @param untilLsn together with the ordinal the first place that is no more of it
   */
  public record Life(RowKey key, long fromLsn, long fromOrdinal, long untilLsn, long untilOrdinal)
      implements Serializable {
    private static final Position END = new Position(-1, Long.MAX_VALUE);

    static Life of(RowKey key, Position from, @Nullable Position until) {
      Position end = until == null ? END : until;
      return new Life(key, from.lsn(), from.ordinal(), end.lsn(), end.ordinal());
    }

    static Life whole(RowKey key) {
      return of(key, Position.ORIGIN, null);
    }

    boolean has(Position position) {
      return !new Position(fromLsn, fromOrdinal).isAfter(position)
          && new Position(untilLsn, untilOrdinal).isAfter(position);
    }
  }

  public Lives(Collection<Life> lives) {
    all = new ArrayList<>(new LinkedHashSet<>(lives));
    all.forEach(life -> byKey.computeIfAbsent(life.key(), key -> new ArrayList<>()).add(life));
  }

  /** Keys for all time. */
  public static Lives whole(Collection<RowKey> keys) {
    return new Lives(keys.stream().map(Life::whole).toList());
  }

  public Lives and(Lives others) {
    List<Life> both = new ArrayList<>(all);
    both.addAll(others.all);
    return new Lives(both);
  }

  public Set<RowKey> keys() {
    Set<RowKey> keys = new LinkedHashSet<>();
    all.forEach(life -> keys.add(life.key()));
    return keys;
  }

  /** Whether a key at a place is the person's. */
  public boolean have(@Nullable RowKey key, Position position) {
    ArrayList<Life> lives = key == null ? null : byKey.get(key);
    if (lives == null) {
      return false;
    }
    for (Life life : lives) {
      if (life.has(position)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a change, or a row that a change has left so, shows the person. */
  public boolean have(@Nullable RowKey key, @Nullable RowKey former, Position position) {
    return have(key, position) || have(former, KeyedChange.departure(position));
  }

  public boolean have(KeyedChange change) {
    return have(change.key(), change.former(), change.position());
  }

  /** For a request that must be carried out again when the trails have it no more. */
  public String toJson() {
    ArrayNode lives = JSON.createArrayNode();
    for (Life life : all) {
      ObjectNode node = lives.addObject();
      life.key().texts().forEach(node.putArray("key")::add);
      node.putArray("from").add(life.fromLsn()).add(life.fromOrdinal());
      node.putArray("until").add(life.untilLsn()).add(life.untilOrdinal());
    }
    return lives.toString();
  }

  public static Lives fromJson(String json) {
    try {
      List<Life> lives = new ArrayList<>();
      for (JsonNode node : JSON.readTree(json)) {
        List<String> texts = new ArrayList<>();
        node.get("key").forEach(text -> texts.add(text.asText()));
        lives.add(
            new Life(
                new RowKey(texts),
                node.get("from").get(0).asLong(),
                node.get("from").get(1).asLong(),
                node.get("until").get(0).asLong(),
                node.get("until").get(1).asLong()));
      }
      return new Lives(lives);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not lives", e);
    }
  }
}
