package io.kappacdc.processor.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The offset to read next of topic partitions, some of which may not be known. In JSON as Spark's
 * Kafka source has it: {@code {"topic":{"0":5,"1":7}}}. Not thread-safe.
 */
final class Offsets {
  /** In place of an offset that is not known. */
  static final long UNKNOWN = -1;

  private static final JsonFactory JSON = new JsonFactory();

  private final TreeMap<String, long[]> byTopic = new TreeMap<>();

  Offsets() {}

  /** A copy. */
  Offsets(Offsets other) {
    other.byTopic.forEach((topic, offsets) -> byTopic.put(topic, offsets.clone()));
  }

  static Offsets of(Map<TopicPartition, SinkPosition> positions) {
    Offsets offsets = new Offsets();
    positions.forEach(
        (partition, position) ->
            offsets.put(partition.topic(), partition.partition(), position.nextOffset()));
    return offsets;
  }

  /**
   * Reads Spark's JSON.
   *
   * @param json null for none
   */
  static Offsets parse(@Nullable String json) {
    Offsets offsets = new Offsets();
    if (json == null) {
      return offsets;
    }
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String topic = parser.currentName();
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          int partition = Integer.parseInt(parser.currentName());
          parser.nextToken();
          offsets.put(topic, partition, parser.getLongValue());
        }
      }
      return offsets;
    } catch (IOException e) {
      throw new UncheckedIOException("Spark's offsets are not JSON", e);
    }
  }

  String json() {
    StringWriter json = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(json)) {
      generator.writeStartObject();
      for (Map.Entry<String, long[]> topic : byTopic.entrySet()) {
        generator.writeObjectFieldStart(topic.getKey());
        long[] offsets = topic.getValue();
        for (int partition = 0; partition < offsets.length; partition++) {
          if (offsets[partition] != UNKNOWN) {
            generator.writeNumberField(Integer.toString(partition), offsets[partition]);
          }
        }
        generator.writeEndObject();
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return json.toString();
  }

  void put(String topic, int partition, long offset) {
    long[] known = byTopic.get(topic);
    if (known == null || known.length <= partition) {
      long[] grown = new long[partition + 1];
      Arrays.fill(grown, UNKNOWN);
      if (known != null) {
        System.arraycopy(known, 0, grown, 0, known.length);
      }
      known = grown;
      byTopic.put(topic, known);
    }
    known[partition] = offset;
  }

  /** The offset, or {@link #UNKNOWN}. */
  long get(String topic, int partition) {
    long[] known = byTopic.get(topic);
    return known == null || known.length <= partition ? UNKNOWN : known[partition];
  }

  boolean isEmpty() {
    return byTopic.isEmpty();
  }

  /** Takes over what {@code other} knows and this does not. */
  void addMissing(Offsets other) {
    other.forEach(
        (topic, partition, offset) -> {
          if (get(topic, partition) == UNKNOWN) {
            put(topic, partition, offset);
          }
        });
  }

  /** Visits the offsets that are known. */
  void forEach(Visitor visitor) {
    byTopic.forEach(
        (topic, offsets) -> {
          for (int partition = 0; partition < offsets.length; partition++) {
            if (offsets[partition] != UNKNOWN) {
              visitor.visit(topic, partition, offsets[partition]);
            }
          }
        });
  }

  /** Takes an offset. */
  @FunctionalInterface
  interface Visitor {
    void visit(String topic, int partition, long offset);
  }

  /** By topic, with 0 for what is not known. */
  SortedMap<String, long[]> byTopic() {
    SortedMap<String, long[]> copy = new TreeMap<>();
    byTopic.forEach(
        (topic, offsets) ->
            copy.put(topic, Arrays.stream(offsets).map(offset -> Math.max(0, offset)).toArray()));
    return copy;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Offsets offsets && json().equals(offsets.json());
  }

  @Override
  public int hashCode() {
    return json().hashCode();
  }

  @Override
  public String toString() {
    return json();
  }
}
