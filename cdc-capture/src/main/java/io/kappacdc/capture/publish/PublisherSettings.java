package io.kappacdc.capture.publish;

import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.CaptureConfig;
import io.kappacdc.runtime.config.KafkaConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How the publisher uses Kafka.
 *
 * @param clientProperties further properties of Kafka's clients
 * @param replicationFactor -1 for the broker's default
 * @param slot names the position in the offsets topic, and fences an older capture of the same slot
 * @param transactionBytesMax events that one Kafka transaction takes, as they are encoded
 */
public record PublisherSettings(
    String bootstrapServers,
    Map<String, String> clientProperties,
    TopicNames topics,
    int partitions,
    short replicationFactor,
    Duration retention,
    String slot,
    long transactionBytesMax) {
  /** The largest record that the topics admit: a row's old and new values together. */
  static final int RECORD_BYTES_MAX = 64 << 20;

  /**
   * The broker's own default maximum: so long may one Kafka transaction take. At 5 MB/s it is
   * enough for the largest that {@code capture.kafka-transaction-max} admits.
   */
  private static final Duration TRANSACTION_MAX = Duration.ofMinutes(15);

  private static final int BATCH_BYTES = 256 << 10;

  /** As Kafka's protocol writes it. */
  private static final short BROKERS_DEFAULT = -1;

  /**
   * @throws KappaException if no Kafka is configured
   */
  public static PublisherSettings of(KafkaConfig kafka, CaptureConfig capture, String slot) {
    if (kafka.bootstrapServers() == null) {
      throw new KappaException(
          "There is no Kafka.",
          "kafka.bootstrap-servers is not set.",
          "Set kafka.bootstrap-servers to host:port in kappa.yaml, or KAPPA_KAFKA_BOOTSTRAP_SERVERS.");
    }
    return new PublisherSettings(
        kafka.bootstrapServers(),
        kafka.clientProperties(),
        new TopicNames(kafka.topicPrefix()),
        kafka.partitions(),
        kafka.replicationFactor() == null
            ? BROKERS_DEFAULT
            : kafka.replicationFactor().shortValue(),
        kafka.retention(),
        slot,
        capture.kafkaTransactionMax().bytes());
  }

  Properties client() {
    Properties properties = new Properties();
    properties.putAll(clientProperties);
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, "kappa-capture");
    return properties;
  }

  Properties producer() {
    Properties properties = client();
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topics.prefix() + "-kappa-" + slot);
    properties.put(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(TRANSACTION_MAX.toMillis()));
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    // A flush ends every transaction, so waiting for fuller batches costs no latency.
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 50);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, RECORD_BYTES_MAX);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * RECORD_BYTES_MAX);
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return properties;
  }

  Properties consumer() {
    Properties properties = client();
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return properties;
  }
}
