package io.kappacdc.processor.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.processor.ServersForTests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SmallBatchesTest {
  private static final int MEBIBYTE = 1 << 20;

  private final KafkaSettings kafka = ServersForTests.kafka();
  private final String topic = kafka.topics().table("public", "fund");
  private final SmallBatches batches = new SmallBatches(kafka, SmallBatches.OFFSETS_MAX);
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeEach
  void topic() {
    ServersForTests.createTopic(kafka, topic, 3);
    producer =
        ServersForTests.producer(
            kafka,
            Map.of("transactional.id", topic, "max.request.size", Integer.toString(10 * MEBIBYTE)));
    producer.initTransactions();
  }

  @AfterEach
  void close() {
    batches.close();
    producer.close();
  }

  private void send(int partition, int... values) throws Exception {
    for (int value : values) {
      send(partition, new byte[] {(byte) value});
    }
  }

  private void send(int partition, byte[] value) throws ExecutionException, InterruptedException {
    producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
  }

  private void transaction(int partition, int... values) throws Exception {
    producer.beginTransaction();
    send(partition, values);
    producer.commitTransaction();
  }

  private OffsetRange range(int partition, long begin, long end) {
    return new OffsetRange(new TopicPartition(topic, partition), begin, end);
  }

  /** The values of each partition, as tasks get them. */
  private static Map<Integer, List<Integer>> values(Optional<ChangeBatch> batch) {
    Map<Integer, List<Integer>> values = new TreeMap<>();
    batch
        .orElseThrow()
        .forEachSlice(
            (partition, records) -> {
              ArrayList<Integer> of = new ArrayList<>();
              records.forEachRemaining(record -> of.add((int) record.value()[0]));
              of.add(0, partition.partition());
              return of;
            })
        .forEach(slice -> values.put(slice.get(0), slice.subList(1, slice.size())));
    return values;
  }

  @Test
  void haveTheCommittedRecordsOfTheirRangesAndNoOthers() throws Exception {
    // Given: in partition 0 what was aborted and the ends of transactions take offsets as well
    transaction(0, 1, 2);
    producer.beginTransaction();
    send(0, 66);
    producer.abortTransaction();
    transaction(0, 3);
    transaction(1, 4, 5, 6);

    // When
    Optional<ChangeBatch> first = batches.read(1, List.of(range(0, 0, 3), range(1, 0, 2)));
    Optional<ChangeBatch> second = batches.read(2, List.of(range(0, 3, 7), range(1, 2, 4)));
    transaction(0, 7);
    transaction(2, 8);
    Optional<ChangeBatch> third = batches.read(3, List.of(range(0, 7, 9), range(2, 0, 2)));
    Optional<ChangeBatch> again = batches.read(4, List.of(range(0, 1, 6)));
    Optional<ChangeBatch> markers = batches.read(5, List.of(range(0, 6, 7)));

    // Then
    assertThat(values(first)).isEqualTo(Map.of(0, List.of(1, 2), 1, List.of(4, 5)));
    assertThat(values(first)).as("read twice").containsKeys(0, 1);
    assertThat(values(second)).isEqualTo(Map.of(0, List.of(3), 1, List.of(6)));
    assertThat(values(third)).isEqualTo(Map.of(0, List.of(7), 2, List.of(8)));
    assertThat(values(again)).isEqualTo(Map.of(0, List.of(2, 3)));
    assertThat(values(markers)).isEmpty();
    assertThat(first.orElseThrow().batchId()).isEqualTo(1);
  }

  @Test
  void areNeitherManyRecordsNorLargeOnes() throws Exception {
    producer.beginTransaction();
    for (int i = 0; i < 6; i++) {
      send(i % 3, new byte[4 * MEBIBYTE]);
    }
    producer.commitTransaction();

    assertThat(batches.read(1, List.of(range(0, 0, SmallBatches.OFFSETS_MAX + 1)))).isEmpty();
    assertThat(batches.read(2, List.of())).as("begins are not known").isEmpty();
    assertThat(batches.read(3, List.of(range(0, 0, 3)))).isPresent();
    assertThat(batches.read(4, List.of(range(0, 0, 3), range(1, 0, 3), range(2, 0, 3)))).isEmpty();
  }

  @Test
  void areLeftToSparkWhenRecordsAreLostOrDoNotCome() throws Exception {
    transaction(0, 1, 2, 3);
    transaction(1, 1);
    try (Admin admin = Admin.create(kafka.admin())) {
      admin
          .deleteRecords(
              Map.of(
                  new org.apache.kafka.common.TopicPartition(topic, 0),
                  RecordsToDelete.beforeOffset(2)))
          .all()
          .get();
    }

    assertThat(batches.read(1, List.of(range(0, 0, 4)))).as("lost").isEmpty();
    try (SmallBatches others = new SmallBatches(kafka, SmallBatches.OFFSETS_MAX)) {
      assertThat(others.read(1, List.of(range(1, 0, 3)))).as("beyond the end").isEmpty();
    }
    try (SmallBatches others = new SmallBatches(kafka, SmallBatches.OFFSETS_MAX)) {
      assertThat(values(others.read(1, List.of(range(0, 2, 4))))).isEqualTo(Map.of(0, List.of(3)));
    }
  }

  @Test
  void aTaskThatFailsIsWaitedForWithTheOthers() throws Exception {
    // Given
    transaction(0, 1);
    transaction(1, 2);
    transaction(2, 3);
    ChangeBatch batch =
        batches.read(1, List.of(range(0, 0, 2), range(1, 0, 2), range(2, 0, 2))).orElseThrow();
    CountDownLatch failed = new CountDownLatch(1);
    AtomicInteger ended = new AtomicInteger();

    // When, then
    assertThatThrownBy(
            () ->
                batch.forEachSlice(
                    (partition, records) -> {
                      if (partition.partition() == 0) {
                        failed.countDown();
                        throw new IllegalArgumentException("of a task");
                      }
                      failed.await();
                      return ended.incrementAndGet();
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("of a task");
    assertThat(ended).hasValue(2);
  }
}
