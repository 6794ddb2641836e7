package io.kappacdc.processor.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * Plans where a query begins to read: at a sink's own positions, and at the beginning of what the
 * sink has never seen.
 */
final class StartingOffsets {
  private static final long EARLIEST = -2;
  private static final long TIMEOUT_SECONDS = 60;

  private StartingOffsets() {}

  /**
   * Spark's {@code startingOffsets} for all topics that match.
   *
   * @param positions where the sink is
   */
  static String plan(
      KafkaSettings kafka, String topicPattern, Map<TopicPartition, SinkPosition> positions) {
    SortedMap<String, Integer> topics = partitionCounts(kafka, topicPattern);
    if (topics.isEmpty()) {
      return "earliest";
    }
    StringWriter json = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(json)) {
      generator.writeStartObject();
      for (Map.Entry<String, Integer> topic : topics.entrySet()) {
        generator.writeObjectFieldStart(topic.getKey());
        for (int partition = 0; partition < topic.getValue(); partition++) {
          SinkPosition position = positions.get(new TopicPartition(topic.getKey(), partition));
          generator.writeNumberField(
              Integer.toString(partition), position == null ? EARLIEST : position.nextOffset());
        }
        generator.writeEndObject();
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return json.toString();
  }

  /** Number of partitions of each table's topic whose name matches. */
  static SortedMap<String, Integer> partitionCounts(KafkaSettings kafka, String topicPattern) {
    Pattern pattern = Pattern.compile(topicPattern);
    try (Admin admin = Admin.create(kafka.admin())) {
      var names =
          admin.listTopics().names().get(TIMEOUT_SECONDS, TimeUnit.SECONDS).stream()
              .filter(name -> pattern.matcher(name).matches())
              .toList();
      SortedMap<String, Integer> counts = new TreeMap<>();
      for (TopicDescription topic :
          admin
              .describeTopics(names)
              .allTopicNames()
              .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .values()) {
        counts.put(topic.name(), topic.partitions().size());
      }
      return counts;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "Kafka at " + kafka.bootstrapServers() + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking Kafka for topics", e);
    }
  }
}
