package io.kappacdc.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kappacdc.runtime.KappaException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
  private static final String TOPIC = "pgsrc.public.fund";
  private static final List<TopicPartition> PARTITIONS =
      IntStream.range(0, 10).mapToObj(i -> new TopicPartition(TOPIC, i)).toList();

  @TempDir Path directory;

  @Test
  void transactionsCommittedJustBeforeAKillStayCommitted() throws Exception {
    // Given: many commits at once, so that the kill comes before the markers of some
    EmbeddedKafka killed = EmbeddedKafka.builder(directory).start();
    createTopic(killed);
    List<KafkaProducer<String, String>> producers =
        IntStream.range(0, PARTITIONS.size())
            .mapToObj(i -> producerInTransaction(killed, i))
            .toList();
    producers.parallelStream().forEach(KafkaProducer::commitTransaction);
    killed.kill();
    producers.forEach(producer -> producer.close(Duration.ZERO));
    assertThat(Pids.running(List.of(killed.pid()))).isEmpty();
    assertThat(killed.isHealthy()).isFalse();

    // When
    try (EmbeddedKafka again = killed.startAgain()) {
      // Then
      assertThat(again.bootstrapServers()).isEqualTo(killed.bootstrapServers());
      await()
          .untilAsserted(
              () -> assertThat(committedValues(again)).hasSameElementsAs(valuesOf(PARTITIONS)));
    }
  }

  @Test
  void servesClientsUntilStoppedAndLeavesNoProcess() throws Exception {
    // Given
    EmbeddedKafka kafka =
        EmbeddedKafka.builder(directory).heap("256m").setting("num.io.threads", "2").start();
    List<Long> processes = new ArrayList<>(Pids.descendants());
    assertThat(processes).contains(kafka.pid());
    assertThat(kafka.isHealthy()).isTrue();
    try (Admin admin = admin(kafka)) {
      assertThat(admin.describeCluster().nodes().get()).hasSize(1);
      assertThatThrownBy(() -> admin.describeTopics(List.of("never.created")).allTopicNames().get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }

    // When
    kafka.stop();
    kafka.stop();

    // Then
    await().untilAsserted(() -> assertThat(Pids.running(processes)).isEmpty());
    assertThat(kafka.isHealthy()).isFalse();
  }

  @Test
  void quotesTheBrokersLogWhenItDoesNotStart() {
    // Given
    EmbeddedKafka.Builder wrong = EmbeddedKafka.builder(directory).setting("num.io.threads", "0");

    // When / Then
    assertThatThrownBy(wrong::start)
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).isEqualTo("The embedded Kafka did not start");
              assertThat(e.reason()).contains("num.io.threads");
              assertThat(e.remedy()).contains("server.log");
            });
  }

  private static Admin admin(EmbeddedKafka kafka) {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private static void createTopic(EmbeddedKafka kafka) throws Exception {
    try (Admin admin = admin(kafka)) {
      admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS.size(), (short) 1))).all().get();
    }
  }

  private static KafkaProducer<String, String> producerInTransaction(
      EmbeddedKafka kafka, int partition) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "test-" + partition);
    var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(TOPIC, partition, null, "value " + partition));
    producer.flush();
    return producer;
  }

  private static List<String> valuesOf(List<TopicPartition> partitions) {
    return partitions.stream().map(partition -> "value " + partition.partition()).toList();
  }

  private static List<String> committedValues(EmbeddedKafka kafka) {
    Map<String, Object> config =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed");
    try (var consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(PARTITIONS);
      consumer.seekToBeginning(PARTITIONS);
      Map<TopicPartition, Long> ends = consumer.endOffsets(PARTITIONS);
      var values = new ArrayList<String>();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
          values.add(record.value());
        }
      }
      return values;
    }
  }
}
