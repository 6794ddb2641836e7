package io.kappacdc.processor.schema;

import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.SchemaResolver;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.stream.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas topic as a map, one in each JVM and Kafka cluster. Reads on when an id is missing: a
 * schema is published in the transaction of the first event that names it. Brokers end a
 * transaction partition by partition, so it may become readable somewhat later than the event, and
 * is waited for. Thread-safe. Holds as many entries as there are schemas.
 */
public final class SchemaRegistry implements SchemaResolver {
  private static final Map<KafkaSettings, SchemaRegistry> SHARED = new ConcurrentHashMap<>();
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistry.class);

  private final KafkaSettings kafka;
  private final Map<String, TableSchema> schemas = new ConcurrentHashMap<>();
  private long nextOffset;

  private SchemaRegistry(KafkaSettings kafka) {
    this.kafka = kafka;
  }

  /** This JVM's registry of that Kafka. */
  public static SchemaRegistry shared(KafkaSettings kafka) {
    return SHARED.computeIfAbsent(kafka, SchemaRegistry::new);
  }

  /**
   * Finds a schema.
   *
   * @throws WireFormatException if the topic does not have it
   * @throws IllegalStateException if transactions that may have it do not end
   */
  @Override
  public TableSchema resolve(String schemaId) {
    TableSchema known = schemas.get(schemaId);
    return known != null ? known : readOn(schemaId);
  }

  private synchronized TableSchema readOn(String schemaId) {
    if (!schemas.containsKey(schemaId)) {
      readUntil(schemaId);
    }
    TableSchema schema = schemas.get(schemaId);
    if (schema == null) {
      throw new WireFormatException(
          "Schema " + schemaId + " is not in topic " + kafka.topics().schemas());
    }
    return schema;
  }

  /** Reads on to the schema, or to the end of what is written, committed or not. */
  private void readUntil(String schemaId) {
    TopicPartition partition = new TopicPartition(kafka.topics().schemas(), 0);
    long end = writtenEnd(partition);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, nextOffset);
      while (consumer.position(partition) < end && !schemas.containsKey(schemaId)) {
        consumer.poll(POLL).forEach(this::take);
        nextOffset = consumer.position(partition);
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "Topic " + kafka.topics().schemas() + " has a transaction that does not end");
        }
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      TableSchema schema = SchemaJson.read(record.value());
      schemas.put(schema.id(), schema);
    } catch (WireFormatException e) {
      LOG.warn(
          "Skipped a record that is no schema: topic={} offset={}",
          record.topic(),
          record.offset());
    }
  }

  private long writtenEnd(TopicPartition partition) {
    Map<String, Object> properties = new HashMap<>(kafka.consumer());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
      return consumer.endOffsets(List.of(partition)).get(partition);
    }
  }
}
