package io.kappacdc.capture.publish;

import io.kappacdc.capture.publish.EventBuffer.EncodedEvent;
import io.kappacdc.capture.publish.Publication.Segment;
import io.kappacdc.capture.resume.GapException;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableName;
import io.kappacdc.capture.resume.TableNote;
import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.event.wire.SchemaJson;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
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
  private final Consumer<Committed> onCommit;
  private final TopicCatalog topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final byte[] slotKey;
  private final Set<String> publishedSchemas = new HashSet<>();
  private volatile @Nullable StreamState state;

  /** What was published under another slot, or before the position was lost. */
  private @Nullable Cut former;

  private SortedMap<String, long[]> lostTopics = new TreeMap<>();
  private @Nullable KafkaTransaction transaction;

  public TransactionalPublisher(PublisherSettings settings) {
    this(settings, committed -> {});
  }

  /**
   * @param onCommit told of each Kafka transaction, on the publishing thread
   */
  public TransactionalPublisher(PublisherSettings settings, Consumer<Committed> onCommit) {
    this.settings = settings;
    this.onCommit = onCommit;
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
    StateReader reader = new StateReader(settings);
    Optional<StateReader.Found> found = reader.read(slotKey);
    if (found.isPresent()) {
      state = found.get().state();
      lostTopics = found.get().lostTopics();
      keepPartitionCounts(state.endOffsets());
    } else {
      former = reader.newestCut().orElse(null);
      if (former != null) {
        lostTopics = reader.lostTopics(former);
        keepPartitionCounts(former.endOffsets());
      }
    }
    return found.map(known -> known.state().offset());
  }

  private void keepPartitionCounts(Map<String, long[]> endOffsets) {
    SortedMap<String, long[]> whole = new TreeMap<>(endOffsets);
    whole.keySet().removeAll(lostTopics.keySet());
    whole.values().removeIf(StreamState::isBlank);
    topics.keepPartitionCounts(whole);
  }

  /**
   * What was published here under another slot, or before the position was lost; empty if nothing
   * was, or if {@link #open} has found the position.
   */
  public Optional<Cut> former() {
    return Optional.ofNullable(former);
  }

  /** What is remembered of tables, as of {@link #open}. */
  public Map<TableName, TableForm> tableForms() {
    return new StateReader(settings).forms(settings.slot());
  }

  /**
   * Refuses to go on behind events that Kafka no longer has; a new snapshot may.
   *
   * @throws GapException if a table's topic was deleted or cut off
   */
  public void requireTopicsComplete() {
    if (!lostTopics.isEmpty()) {
      throw lost(lostTopics.keySet());
    }
  }

  static GapException lost(Collection<String> topics) {
    return GapException.of(
        "Kafka has lost events: " + String.join(", ", topics) + ".",
        "A topic ends before the last event that capture committed to it: it was deleted, or the"
            + " broker lost data.",
        "Find out why; what the topic held before is not in a new snapshot");
  }

  /**
   * Begins a snapshot: what Kafka has lost by now is begun anew with it.
   *
   * @param because why tables that were published before are read again; null if they were not, or
   *     if it takes the place of a snapshot that was not completed
   * @param micros the time of this, microseconds since 1970-01-01T00:00:00Z
   */
  public void beginSnapshot(SourceOffset before, @Nullable String because, long micros) {
    StreamState known = state == null ? StreamState.behind(former, before) : state;
    TreeMap<String, long[]> ends = new TreeMap<>(known.endOffsets());
    ends.putAll(lostTopics);
    state =
        new StreamState(
            before,
            lostTopics.isEmpty() ? known.generation() : known.generation() + 1,
            because == null ? known.resnapshots() : known.resnapshots().another(because, micros),
            ends);
    lostTopics = new TreeMap<>();
    publish(Publication.of(before));
  }

  /** How often what was published had to be restated; none before {@link #open}. */
  public Resnapshots resnapshots() {
    return state == null ? Resnapshots.NONE : state.resnapshots();
  }

  /** Where the committed events end in each topic; from any thread. */
  SortedMap<String, long[]> endOffsets() {
    StreamState committed = state;
    return committed == null ? new TreeMap<>() : committed.endOffsets();
  }

  /** Whether events of this table have ever been published. */
  public boolean hasEventsOf(String schema, String table) {
    return state != null && state.endOffsets().containsKey(settings.topics().table(schema, table));
  }

  /**
   * Publishes in as few Kafka transactions as their size allows; when it returns, Kafka has
   * committed. Each ends at a transaction's end, but for those within a transaction that is larger
   * than one may be.
   */
  public void publish(Publication publication) {
    Set<TableSchema> schemas = new LinkedHashSet<>();
    publication.segments().forEach(segment -> schemas.addAll(segment.events().schemas()));
    topics.ensureTables(schemas);
    SourceOffset reached = publication.begin();
    try {
      sendSchemas(schemas);
      for (Segment segment : publication.segments()) {
        if (inHand().isFilledBy(segment.events().bytes())) {
          commit(reached);
        }
        send(segment, reached);
        reached = segment.behind();
      }
      publication.notes().forEach(this::send);
      commit(publication.offset());
    } catch (KafkaException | ExecutionException | InterruptedException e) {
      throw PublishErrors.of(
          "publish to Kafka at " + settings.bootstrapServers(), abortedBecause(e));
    } catch (RuntimeException e) {
      throw abortedBecause(e) instanceof ProducerFencedException fenced
          ? PublishErrors.of("publish to Kafka", fenced)
          : e;
    }
    schemas.forEach(schema -> publishedSchemas.add(schema.id()));
  }

  private void send(Segment segment, SourceOffset before)
      throws ExecutionException, InterruptedException {
    SourceTransaction source = segment.transaction();
    try (EventBuffer.Cursor cursor = segment.events().cursor()) {
      long published = segment.published();
      for (EncodedEvent event = cursor.next(); event != null; event = cursor.next()) {
        if (event.ordinal() <= published && source != null) {
          continue;
        }
        // Some rows of a table are read again from their first if not all of them are there.
        boolean isDivisible = source != null || !segment.behind().isStreaming();
        boolean mayPause = isDivisible && !event.isSecondHalf();
        if (mayPause && inHand().isFilledBy(event.bytes())) {
          commit(source == null ? segment.behind() : before.within(source, published));
        } else if (mayPause && inHand().isCutDue() && source != null) {
          cut(published == 0 ? before : before.within(source, published));
        }
        send(segment.lsn(), event);
        published = event.ordinal();
      }
    }
  }

  /** The Kafka transaction in hand, begun when there is none. */
  private KafkaTransaction inHand() {
    KafkaTransaction current = transaction;
    if (current == null) {
      producer.beginTransaction();
      current = new KafkaTransaction(settings.transactionBytesMax(), System.nanoTime());
      transaction = current;
    }
    return current;
  }

  private void sendSchemas(Set<TableSchema> schemas) {
    for (TableSchema schema : schemas) {
      if (!publishedSchemas.contains(schema.id())) {
        LOG.info("table={} schema={} published", schema.qualifiedName(), schema.id());
        inHand();
        producer.send(
            new ProducerRecord<>(
                settings.topics().schemas(),
                0,
                schema.id().getBytes(StandardCharsets.US_ASCII),
                SchemaJson.write(schema)));
      }
    }
  }

  private void send(TableNote note) {
    inHand();
    String topic = settings.topics().table(note.name().schema(), note.name().table());
    producer.send(
        new ProducerRecord<>(
            settings.topics().tables(),
            0,
            StateReader.noteKey(settings.slot(), topic),
            TableNoteJson.write(note)));
  }

  private void send(long lsn, EncodedEvent event) {
    String topic = topics.topic(event.schema());
    int partition = partition(event, topics.partitions(topic));
    byte[] value = EventWriter.value(lsn, event.body());
    KafkaTransaction current = inHand();
    current.sent(
        new TopicPartition(topic, partition),
        event.bytes(),
        value.length + (event.key() == null ? 0 : event.key().length),
        producer.send(new ProducerRecord<>(topic, partition, event.key(), value)));
    if (current.isFlushDue()) {
      producer.flush();
    }
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

  /** Marks a place within the Kafka transaction in hand, for readers who do not take all of it. */
  private void cut(SourceOffset reached) throws ExecutionException, InterruptedException {
    KafkaTransaction current = inHand();
    producer.flush();
    StreamState before = state == null ? StreamState.nothing(reached) : state;
    StreamState here = before.with(reached, endsBehind(before, current));
    producer.send(
        new ProducerRecord<>(
            settings.topics().cuts(), 0, slotKey, CutJson.write(here.cut(settings.topics()))));
    current.cut();
  }

  /** Ends the Kafka transaction in hand with how far the source is published by then. */
  private void commit(SourceOffset reached) throws ExecutionException, InterruptedException {
    KafkaTransaction ending = inHand();
    StreamState before = state == null ? StreamState.nothing(reached) : state;
    producer.flush();
    StreamState after = before.with(reached, endsBehind(before, ending));
    producer.send(
        new ProducerRecord<>(
            settings.topics().cuts(), 0, slotKey, CutJson.write(after.cut(settings.topics()))));
    producer.send(new ProducerRecord<>(settings.topics().offsets(), 0, slotKey, after.toJson()));
    // Kafka's client may otherwise commit without what was sent last: its sender asks whether
    // everything is sent before it asks whether there is something to commit (Sender of 4.3,
    // maybeSendAndPollTransactionalRequest), and both may happen between the two questions.
    producer.flush();
    producer.commitTransaction();
    transaction = null;
    state = after;
    onCommit.accept(ending.committed(System.nanoTime()));
  }

  /**
   * Where the topics end.
   *
   * @throws GapException if one of them went on before where it ended: it is not the same any more
   */
  private SortedMap<String, long[]> endsBehind(StreamState before, KafkaTransaction ending)
      throws ExecutionException, InterruptedException {
    SortedMap<String, long[]> ends = new TreeMap<>();
    before.endOffsets().forEach((topic, known) -> ends.put(topic, known.clone()));
    for (Map.Entry<TopicPartition, KafkaTransaction.Range> sent : ending.ranges().entrySet()) {
      String topic = sent.getKey().topic();
      long[] end = ends.compute(topic, (name, known) -> sized(known, topics.partitions(name)));
      int partition = sent.getKey().partition();
      if (sent.getValue().begin() < end[partition]) {
        throw lost(List.of(topic));
      }
      end[partition] = sent.getValue().end();
    }
    return ends;
  }

  /** A topic that was begun anew may have another number of partitions. */
  private static long[] sized(long @Nullable [] known, int partitions) {
    return known == null || StreamState.isBlank(known) && known.length != partitions
        ? new long[partitions]
        : known;
  }

  /**
   * Aborts the transaction in hand; what cannot be aborted the next start aborts.
   *
   * @return the error itself, or that another publisher has taken over, which only the attempt to
   *     abort tells apart from a transaction that timed out
   */
  private Exception abortedBecause(Exception error) {
    transaction = null;
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

  /** Makes what is under way fail soon; from any thread. */
  public void abandon() {
    producer.close(java.time.Duration.ZERO);
    topics.abandon();
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(5));
    topics.close();
  }
}
