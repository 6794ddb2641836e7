package io.kappacdc.capture.publish;

import io.kappacdc.capture.publish.EventBuffer.EncodedEvent;
import io.kappacdc.capture.publish.Publication.Segment;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.runtime.KappaException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes to Kafka, one transaction at a time. After an exception it is of no use any more: what
 * became of the transaction in hand is found out by {@link #open} of a new one. Not thread-safe.
 */
public final class TransactionalPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionalPublisher.class);

  /** Events of a table without key go to one partition in runs, which makes for full batches. */
  private static final int KEYLESS_RUN_BITS = 7;

  private final PublisherSettings settings;
  private final TopicCatalog topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final byte[] slotKey;
  private final Set<String> publishedSchemas = new HashSet<>();
  private SortedMap<String, long[]> endOffsets = new TreeMap<>();
  private Set<String> lostTopics = Set.of();

  public TransactionalPublisher(PublisherSettings settings) {
    this.settings = settings;
    this.topics = new TopicCatalog(settings);
    this.producer = new KafkaProducer<>(settings.producer());
    this.slotKey = settings.slot().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Fences an older publisher of the same slot, ends its open transaction, and finds out how far
   * the source is published; empty if it never was.
   */
  public Optional<SourceOffset> open() {
    topics.ensureControlTopics();
    try {
      producer.initTransactions();
    } catch (KafkaException e) {
      throw PublishErrors.of("open Kafka transactions at " + settings.bootstrapServers(), e);
    }
    Optional<StateReader.Found> found = new StateReader(settings).read(slotKey);
    found.ifPresent(
        known -> {
          endOffsets = new TreeMap<>(known.state().endOffsets());
          lostTopics = known.lostTopics();
          lostTopics.forEach(endOffsets::remove);
          topics.keepPartitionCounts(endOffsets);
        });
    return found.map(known -> known.state().offset());
  }

  /**
   * Refuses to go on behind events that Kafka no longer has; a new snapshot may.
   *
   * @throws KappaException if a table's topic was deleted or cut off
   */
  public void requireTopicsComplete() {
    if (!lostTopics.isEmpty()) {
      throw new KappaException(
          "Kafka has lost events: " + String.join(", ", lostTopics) + ".",
          "A topic ends before the last event that capture committed to it: it was deleted, or the"
              + " broker lost data.",
          "Start capture once with --resnapshot to restate all tables; what the topic held before"
              + " is not in it any more.");
    }
  }

  /** Whether events of this table have been published. */
  public boolean hasEventsOf(String schema, String table) {
    long[] ends = endOffsets.get(settings.topics().table(schema, table));
    if (ends == null) {
      return false;
    }
    for (long end : ends) {
      if (end > 0) {
        return true;
      }
    }
    return false;
  }

  /** Publishes in one Kafka transaction; when it returns, Kafka has committed. */
  public void publish(Publication publication) {
    Set<TableSchema> schemas = new LinkedHashSet<>();
    publication.segments().forEach(segment -> schemas.addAll(segment.events().schemas()));
    topics.ensureTables(schemas);
    SortedMap<String, long[]> ends;
    try {
      producer.beginTransaction();
      sendSchemas(schemas);
      ends = sendEvents(publication);
      sendPosition(new StreamState(publication.offset(), ends));
      producer.commitTransaction();
    } catch (KafkaException | ExecutionException | InterruptedException e) {
      throw PublishErrors.of(
          "publish to Kafka at " + settings.bootstrapServers(), abortedBecause(e));
    } catch (RuntimeException e) {
      throw abortedBecause(e) instanceof ProducerFencedException fenced
          ? PublishErrors.of("publish to Kafka", fenced)
          : e;
    }
    endOffsets = ends;
    schemas.forEach(schema -> publishedSchemas.add(schema.id()));
  }

  private void sendSchemas(Set<TableSchema> schemas) {
    for (TableSchema schema : schemas) {
      if (!publishedSchemas.contains(schema.id())) {
        LOG.info("table={} schema={} published", schema.qualifiedName(), schema.id());
        producer.send(
            new ProducerRecord<>(
                settings.topics().schemas(),
                0,
                schema.id().getBytes(StandardCharsets.US_ASCII),
                SchemaJson.write(schema)));
      }
    }
  }

  /** Sends all events and returns where they end in each partition. */
  private SortedMap<String, long[]> sendEvents(Publication publication)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Future<RecordMetadata>> lastSends = new HashMap<>();
    for (Segment segment : publication.segments()) {
      segment.events().forEach(event -> send(segment.lsn(), event, lastSends));
    }
    if (lastSends.isEmpty()) {
      return endOffsets;
    }
    producer.flush();
    SortedMap<String, long[]> ends = new TreeMap<>(endOffsets);
    Set<String> copied = new HashSet<>();
    for (Map.Entry<TopicPartition, Future<RecordMetadata>> send : lastSends.entrySet()) {
      String topic = send.getKey().topic();
      long[] before = ends.getOrDefault(topic, new long[topics.partitions(topic)]);
      long[] after = copied.add(topic) ? before.clone() : before;
      after[send.getKey().partition()] = send.getValue().get().offset() + 1;
      ends.put(topic, after);
    }
    return Collections.unmodifiableSortedMap(ends);
  }

  private void send(
      long lsn, EncodedEvent event, Map<TopicPartition, Future<RecordMetadata>> lastSends) {
    String topic = topics.topic(event.schema());
    int partition = partition(event, topics.partitions(topic));
    byte[] value = EventWriter.value(lsn, event.body());
    lastSends.put(
        new TopicPartition(topic, partition),
        producer.send(new ProducerRecord<>(topic, partition, event.key(), value)));
  }

  /** By key as Kafka's own partitioner does; a truncate, and only it, has no key beside others. */
  private static int partition(EncodedEvent event, int partitions) {
    byte[] key = event.key();
    if (key != null) {
      return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }
    return event.schema().hasKey()
        ? 0
        : (int) ((event.ordinal() >>> KEYLESS_RUN_BITS) % partitions);
  }

  private void sendPosition(StreamState state) {
    SourceOffset offset = state.offset();
    if (offset.isStreaming()) {
      Cut cut =
          new Cut(Cut.State.COMPLETE, offset.lsn(), offset.commitMicros(), 1, state.endOffsets());
      producer.send(new ProducerRecord<>(settings.topics().cuts(), 0, slotKey, CutJson.write(cut)));
    }
    producer.send(new ProducerRecord<>(settings.topics().offsets(), 0, slotKey, state.toJson()));
  }

  /**
   * Aborts the transaction in hand; what cannot be aborted the next start aborts.
   *
   * @return the error itself, or that another publisher has taken over, which only the attempt to
   *     abort tells apart from a transaction that timed out
   */
  private Exception abortedBecause(Exception error) {
    try {
      producer.abortTransaction();
    } catch (ProducerFencedException fenced) {
      fenced.addSuppressed(error);
      return fenced;
    } catch (RuntimeException e) {
      LOG.debug("The transaction in hand is aborted by the next start", e);
    }
    return error;
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(5));
    topics.close();
  }
}
