package io.kappacdc.processor.stream;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.processor.ServersForTests;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.utils.Utils;

/** Publishes as capture does: source transactions in Kafka transactions, each with its cut. */
public final class CapturedTopics implements AutoCloseable {
  private static final int PARTITIONS = 2;
  private static final long EPOCH_MICROS = 1_700_000_000_000_000L;

  private final KafkaSettings kafka;
  private KafkaProducer<byte[], byte[]> producer;
  private final EventWriter writer = new EventWriter();
  private final SortedMap<String, long[]> ends = new TreeMap<>();
  private final Map<TopicPartition, Future<RecordMetadata>> sends = new HashMap<>();
  private int generation = 1;
  private long lsn;
  private long ordinal;

  public CapturedTopics(KafkaSettings kafka) {
    this.kafka = kafka;
    ServersForTests.createTopic(kafka, kafka.topics().cuts(), 1);
    this.producer = start(kafka);
  }

  private static KafkaProducer<byte[], byte[]> start(KafkaSettings kafka) {
    KafkaProducer<byte[], byte[]> producer =
        ServersForTests.producer(
            kafka, Map.of("transactional.id", kafka.topicPrefix(), "compression.type", "lz4"));
    producer.initTransactions();
    return producer;
  }

  public CapturedTopics createTable(TableSchema schema) {
    ServersForTests.publish(kafka, schema);
    ServersForTests.createTopic(kafka, topic(schema), PARTITIONS);
    return this;
  }

  public String topic(TableSchema schema) {
    return kafka.topics().table(schema.schema(), schema.table());
  }

  /** Begins the next source transaction. */
  public CapturedTopics begin() {
    producer.beginTransaction();
    lsn += 8;
    ordinal = 0;
    return this;
  }

  /** Goes on with the same source transaction in another Kafka transaction. */
  public CapturedTopics goOn() {
    producer.beginTransaction();
    return this;
  }

  /** Begins a snapshot: its rows rank behind all commits before. */
  public CapturedTopics beginSnapshot() {
    begin();
    ordinal = Position.SNAPSHOT_ORDINAL_BASE - 1;
    return this;
  }

  /** The truncates before the rows of a snapshot share an ordinal. */
  public CapturedTopics restartOrdinal() {
    ordinal = Position.SNAPSHOT_ORDINAL_BASE - 1;
    return this;
  }

  public CapturedTopics add(BiFunction<Origin, TableSchema, ChangeEvent> change, TableSchema of) {
    Origin origin = new Origin(new Position(lsn, ++ordinal), lsn, EPOCH_MICROS + lsn);
    ChangeEvent event = change.apply(origin, of);
    byte[] key = writer.key(event);
    int partition = key == null ? 0 : Utils.toPositive(Utils.murmur2(key)) % PARTITIONS;
    TopicPartition to = new TopicPartition(topic(of), partition);
    sends.put(
        to, producer.send(new ProducerRecord<>(to.topic(), partition, key, writer.write(event))));
    return this;
  }

  public CapturedTopics create(TableSchema schema, String... values) {
    return add((origin, table) -> ChangeEvent.create(origin, table, Row.of(values)), schema);
  }

  public CapturedTopics update(TableSchema schema, String... values) {
    return add((origin, table) -> ChangeEvent.update(origin, table, null, Row.of(values)), schema);
  }

  public CapturedTopics read(TableSchema schema, String... values) {
    return add((origin, table) -> ChangeEvent.read(origin, table, Row.of(values)), schema);
  }

  public CapturedTopics truncate(TableSchema schema) {
    return add(ChangeEvent::truncate, schema);
  }

  /** A record that is no event, in partition 0. */
  public CapturedTopics garbage(TableSchema schema) {
    TopicPartition to = new TopicPartition(topic(schema), 0);
    sends.put(to, producer.send(new ProducerRecord<>(to.topic(), 0, null, new byte[] {1})));
    return this;
  }

  /** A record with a key of ours that cannot be read. */
  public CapturedTopics garbage(TableSchema schema, String key, String value) {
    TopicPartition to = new TopicPartition(topic(schema), 0);
    sends.put(
        to,
        producer.send(
            new ProducerRecord<>(
                to.topic(),
                0,
                key.getBytes(StandardCharsets.UTF_8),
                value.getBytes(StandardCharsets.UTF_8))));
    return this;
  }

  public Cut commit() {
    return commit(Cut.State.COMPLETE);
  }

  public Cut commitPart() {
    return commit(Cut.State.PARTIAL);
  }

  /** A sign of life of an idle source. */
  public Cut heartbeat() {
    return begin().commit();
  }

  private Cut commit(Cut.State state) {
    try {
      producer.flush();
      for (Map.Entry<TopicPartition, Future<RecordMetadata>> send : sends.entrySet()) {
        long[] known =
            ends.computeIfAbsent(send.getKey().topic(), topic -> new long[PARTITIONS]).clone();
        known[send.getKey().partition()] = send.getValue().get().offset() + 1;
        ends.put(send.getKey().topic(), known);
      }
      sends.clear();
      Cut cut = new Cut(state, lsn, EPOCH_MICROS + lsn, generation, ends);
      producer.send(new ProducerRecord<>(kafka.topics().cuts(), 0, null, CutJson.write(cut)));
      producer.commitTransaction();
      return cut;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public void abort() {
    producer.flush();
    producer.abortTransaction();
    sends.clear();
  }

  /** Begins topics anew because Kafka has lost them. */
  public CapturedTopics beginGeneration(TableSchema... lost) {
    generation++;
    producer.close(); // it would go on with the sequence numbers of the topics that are lost
    producer = start(kafka);
    Arrays.stream(lost).forEach(schema -> ends.remove(topic(schema)));
    return this;
  }

  /** Speaks no more of a table, as after its topic was made anew without notice. */
  void forget(TableSchema schema) {
    ends.remove(topic(schema));
  }

  /** Where all topics end now. */
  public SortedMap<String, long[]> ends() {
    return new TreeMap<>(ends);
  }

  static Map<String, List<Long>> lists(SortedMap<String, long[]> offsets) {
    Map<String, List<Long>> lists = new TreeMap<>();
    offsets.forEach((topic, all) -> lists.put(topic, Arrays.stream(all).boxed().toList()));
    return lists;
  }

  @Override
  public void close() {
    producer.close();
  }
}
