package io.kappacdc.processor;

import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.stack.LocalStack;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Real servers, started once for all tests of the module and stopped with the JVM. */
public final class ServersForTests {
  private static final LocalStack STACK = LocalStack.startTemporary();

  private ServersForTests() {}

  public static LocalStack stack() {
    return STACK;
  }

  /** Kafka under a topic prefix that no other test has. */
  public static KafkaSettings kafka() {
    String prefix = "t" + UUID.randomUUID().toString().replace("-", "");
    return new KafkaSettings(STACK.kafka().bootstrapServers(), prefix, Map.of());
  }

  /** A sink database of a test's own. */
  public static PostgresSettings sinkDatabase() {
    String name = "sink_" + UUID.randomUUID().toString().replace("-", "");
    try {
      STACK.sink().createDatabaseIfMissing(name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new PostgresSettings(
        STACK.sink().jdbcUrl(name), STACK.sink().user(), STACK.sink().password(), 4);
  }

  public static Connection connect(PostgresSettings settings) throws SQLException {
    return java.sql.DriverManager.getConnection(
        settings.url(), settings.user(), settings.password());
  }

  public static KafkaProducer<byte[], byte[]> producer(
      KafkaSettings kafka, Map<String, Object> more) {
    Map<String, Object> properties = new java.util.HashMap<>(kafka.admin());
    properties.putAll(more);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Publishes a schema as capture does. */
  public static void publish(KafkaSettings kafka, TableSchema schema) {
    createTopic(kafka, kafka.topics().schemas(), 1);
    try (KafkaProducer<byte[], byte[]> producer = producer(kafka, Map.of())) {
      producer
          .send(
              new ProducerRecord<>(
                  kafka.topics().schemas(),
                  schema.id().getBytes(StandardCharsets.US_ASCII),
                  SchemaJson.write(schema)))
          .get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public static void createTopic(KafkaSettings kafka, String topic, int partitions) {
    try (var admin = org.apache.kafka.clients.admin.Admin.create(kafka.admin())) {
      admin
          .createTopics(
              java.util.List.of(
                  new org.apache.kafka.clients.admin.NewTopic(topic, partitions, (short) 1)))
          .all()
          .get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof org.apache.kafka.common.errors.TopicExistsException)) {
        throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
