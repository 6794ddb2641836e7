package io.kappacdc.processor.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.ServersForTests;
import io.kappacdc.processor.stream.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaRegistryTest {
  private final KafkaSettings kafka = ServersForTests.kafka();
  private final SchemaRegistry registry = SchemaRegistry.shared(kafka);
  private final TableSchema fund = table("fund");

  @BeforeEach
  void createTopic() {
    ServersForTests.createTopic(kafka, kafka.topics().schemas(), 1);
  }

  private static TableSchema table(String name) {
    return new TableSchema(
        "public",
        name,
        List.of(Column.of("id", "integer")),
        List.of("id"),
        ReplicaIdentity.DEFAULT);
  }

  private ProducerRecord<byte[], byte[]> record(byte[] value) {
    byte[] key = fund.id().getBytes(StandardCharsets.US_ASCII);
    return new ProducerRecord<>(kafka.topics().schemas(), 0, key, value);
  }

  /** Brokers end a transaction in one partition after the other. */
  @Test
  void aSchemaThatIsNotYetReadableIsWaitedFor() throws Exception {
    Map<String, Object> transactional = Map.of("transactional.id", kafka.topicPrefix());
    try (KafkaProducer<byte[], byte[]> producer = ServersForTests.producer(kafka, transactional)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(record(SchemaJson.write(fund))).get();

      CompletableFuture<TableSchema> found =
          CompletableFuture.supplyAsync(() -> registry.resolve(fund.id()));
      assertThat(found).isNotDone();
      producer.commitTransaction();

      assertThat(found.get(60, TimeUnit.SECONDS)).isEqualTo(fund);
    }
  }

  @Test
  void recordsThatAreNoSchemasHideNone() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = ServersForTests.producer(kafka, Map.of())) {
      producer.send(record(null)).get();
      producer.send(record(new byte[] {'x'})).get();
      producer.send(new ProducerRecord<>(kafka.topics().schemas(), 0, null, null)).get();
      producer.send(record(SchemaJson.write(fund))).get();
    }

    assertThat(registry.resolve(fund.id())).isEqualTo(fund);
    assertThatThrownBy(() -> registry.resolve(table("other").id()))
        .isInstanceOf(WireFormatException.class);
  }
}
