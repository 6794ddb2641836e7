package io.kappacdc.processor.stream;

import io.kappacdc.event.wire.TopicNames;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * How to reach Kafka, on the driver and on executors.
 *
 * @param bootstrapServers host:port, separated by commas
 * @param topicPrefix first part of every topic's name
 * @param clientProperties further properties of Kafka clients
 */
public record KafkaSettings(
    String bootstrapServers, String topicPrefix, Map<String, String> clientProperties)
    implements Serializable {
  public KafkaSettings {
    clientProperties = new HashMap<>(clientProperties);
  }

  public TopicNames topics() {
    return new TopicNames(topicPrefix);
  }

  /** Properties of an admin client. */
  public Map<String, Object> admin() {
    Map<String, Object> properties = new HashMap<>(clientProperties);
    properties.put("bootstrap.servers", bootstrapServers);
    return properties;
  }

  /** Properties of a consumer that sees committed transactions only and belongs to no group. */
  public Map<String, Object> consumer() {
    Map<String, Object> properties = new HashMap<>(clientProperties);
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put(
        "key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    properties.put(
        "value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    return properties;
  }
}
