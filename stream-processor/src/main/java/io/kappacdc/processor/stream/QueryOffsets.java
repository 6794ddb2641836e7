package io.kappacdc.processor.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Next offsets by topic and partition, from positions or from Spark's JSON of a Kafka source's
 * offsets.
 */
final class QueryOffsets {
  private static final ObjectMapper JSON = new ObjectMapper();

  private QueryOffsets() {}

  static SortedMap<String, long[]> of(Map<TopicPartition, SinkPosition> positions) {
    SortedMap<String, long[]> offsets = new TreeMap<>();
    positions.forEach(
        (partition, position) ->
            put(offsets, partition.topic(), partition.partition(), position.nextOffset()));
    return offsets;
  }

  /**
   * @param json e.g. {@code {"topic":{"0":5,"1":7}}}; null before the first batch
   */
  static SortedMap<String, long[]> parse(@Nullable String json) {
    SortedMap<String, long[]> offsets = new TreeMap<>();
    if (json == null) {
      return offsets;
    }
    try {
      JsonNode topics = JSON.readTree(json);
      topics
          .fields()
          .forEachRemaining(
              topic ->
                  topic
                      .getValue()
                      .fields()
                      .forEachRemaining(
                          partition ->
                              put(
                                  offsets,
                                  topic.getKey(),
                                  Integer.parseInt(partition.getKey()),
                                  partition.getValue().asLong())));
      return offsets;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Spark's offsets are not JSON", e);
    }
  }

  private static void put(
      SortedMap<String, long[]> offsets, String topic, int partition, long offset) {
    long[] known = offsets.getOrDefault(topic, new long[0]);
    long[] grown = known.length > partition ? known : Arrays.copyOf(known, partition + 1);
    grown[partition] = offset;
    offsets.put(topic, grown);
  }
}
