package io.kappacdc.processor.schema;

import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.SchemaResolver;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.stream.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The schemas topic as a map, one in each JVM and Kafka cluster. Reads on when an id is missing: a
 * schema is published in the transaction of the first event that names it, so it is there when that
 * event is. Thread-safe. Holds as many entries as there are schemas.
 */
public final class SchemaRegistry implements SchemaResolver {
  private static final Map<KafkaSettings, SchemaRegistry> SHARED = new ConcurrentHashMap<>();
  private static final Duration POLL = Duration.ofMillis(500);

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

  @Override
  public TableSchema resolve(String schemaId) {
    TableSchema known = schemas.get(schemaId);
    return known != null ? known : readOn(schemaId);
  }

  private synchronized TableSchema readOn(String schemaId) {
    if (!schemas.containsKey(schemaId)) {
      readToEnd();
    }
    TableSchema schema = schemas.get(schemaId);
    if (schema == null) {
      throw new WireFormatException(
          "Schema " + schemaId + " is not in topic " + kafka.topics().schemas());
    }
    return schema;
  }

  private void readToEnd() {
    TopicPartition partition = new TopicPartition(kafka.topics().schemas(), 0);
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer())) {
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      consumer.assign(List.of(partition));
      consumer.seek(partition, nextOffset);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          schemas.put(
              new String(record.key(), StandardCharsets.US_ASCII), SchemaJson.read(record.value()));
        }
      }
      nextOffset = consumer.position(partition);
    }
  }
}
