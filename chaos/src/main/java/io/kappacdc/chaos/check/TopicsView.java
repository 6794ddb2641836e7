package io.kappacdc.chaos.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.chaos.check.Restatements.Restatement;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Kind;
import io.kappacdc.chaos.workload.Ledger;
import io.kappacdc.chaos.workload.Tally;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.TopicNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The topics: every committed change, and the cuts. Reads past the proxy. Also notices a change
 * whose position is not later than that of the one before it in its partition.
 */
final class TopicsView implements ChangeView {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int POLLS_MAX = 200;
  private static final ObjectMapper TREES = new ObjectMapper();

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicNames topics;
  private final String tablePrefix;
  private final TopicPartition cutPartition;
  private final Pending changes = new Pending();
  private final Map<TopicPartition, Position> last = new HashMap<>();
  private final List<String> disorder = new ArrayList<>();
  private final Restatements restatements = new Restatements();
  private final NavigableMap<Long, Tally> reads = new TreeMap<>();
  private long restatedAt;
  private @Nullable Cut newest;

  TopicsView(String bootstrapServers, TopicNames topics) {
    this.topics = topics;
    this.tablePrefix = topics.prefix() + ".public.";
    this.cutPartition = new TopicPartition(topics.cuts(), 0);
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("reconnect.backoff.max.ms", "200");
    properties.put("metadata.max.age.ms", "2000");
    properties.put("max.poll.records", "5000");
    properties.put("fetch.max.wait.ms", "50");
    properties.put("default.api.timeout.ms", "3000");
    properties.put("request.timeout.ms", "2500");
    properties.put(
        "key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    properties.put(
        "value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    this.consumer = new KafkaConsumer<>(properties);
    consumer.assign(List.of(cutPartition));
  }

  @Override
  public String name() {
    return "topics";
  }

  /** The newest complete cut at or behind the LSN, once there is one. */
  Optional<Cut> cutBehind(long lsn) {
    poll();
    return Optional.ofNullable(newest).filter(cut -> cut.lsn() >= lsn);
  }

  @Override
  public void catchUp() {
    int polls = 0;
    while (polls < POLLS_MAX && poll() > 0) {
      polls++;
    }
  }

  /** Returns the number of records read. */
  private int poll() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (record.topic().equals(topics.cuts())) {
        Cut cut = CutJson.read(record.value());
        newest = cut.isComplete() ? cut : newest;
      } else {
        count(record);
      }
    }
    join();
    return records.count();
  }

  /** Takes in the tables that the newest cut names for the first time. */
  private void join() {
    if (newest == null) {
      return;
    }
    TreeSet<String> wanted = new TreeSet<>();
    List<TopicPartition> all = new ArrayList<>(consumer.assignment());
    newest
        .endOffsets()
        .forEach(
            (topic, ends) -> {
              for (int i = 0; i < ends.length && topic.startsWith(tablePrefix); i++) {
                TopicPartition partition = new TopicPartition(topic, i);
                if (!all.contains(partition)) {
                  all.add(partition);
                  wanted.add(topic);
                }
              }
            });
    if (!wanted.isEmpty()) {
      consumer.assign(all); // new ones begin at the earliest
    }
  }

  /** What the topic held was counted, and another one has its name. */
  void beginAnew(String topic) {
    consumer.assignment().stream()
        .filter(partition -> partition.topic().equals(topic))
        .forEach(partition -> consumer.seek(partition, 0));
  }

  private void count(ConsumerRecord<byte[], byte[]> record) {
    Head head = Head.of(record.value());
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    Position before = last.put(partition, head.position());
    boolean isSnapshot = head.position().ordinal() >= Position.SNAPSHOT_ORDINAL_BASE;
    if (before != null && !isSnapshot && !head.position().isAfter(before)) {
      disorder.add(partition + " offset " + record.offset() + ": " + head.position());
    }
    String table = record.topic().substring(tablePrefix.length());
    Kind kind = new Kind(table, head.op());
    changes.add(head.position().lsn(), kind, 1);
    if (isSnapshot) { // rows, and the truncate before those of a table without a key
      reads.computeIfAbsent(head.position().lsn(), lsn -> new Tally()).add(kind, 1);
    }
    if (table.equals(Bank.LEDGER)) {
      countInLedger(head, record.value());
    }
  }

  private void countInLedger(Head head, byte[] value) {
    if (head.op() == 't') {
      restatements.begin(head.position());
      restatedAt = Math.max(restatedAt, head.position().lsn());
      return;
    }
    try {
      JsonNode row = TREES.readTree(value).path("after");
      restatements.add(
          head.position(),
          head.op(),
          row.path("teller").intValue(),
          Ledger.of(column -> row.path(column).longValue()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether all tables have been read anew behind an LSN, to the end. */
  boolean isRestatedBehind(long lsn) {
    poll();
    return restatedAt > lsn && newest != null && newest.lsn() >= restatedAt;
  }

  /** The times up to an LSN at which all tables were read anew. */
  List<Restatement> restatements(long lsn) {
    return restatements.upTo(lsn);
  }

  /**
   * Rows that capture read beside the stream, up to an LSN, since their table was changed, and the
   * truncates before them: all reads but those of the first snapshot and of the times at which all
   * tables were read anew. No ledger tells how many there must be; the stores must have as many as
   * the topics.
   */
  Tally readBeside(long lsn, List<Restatement> restatements) {
    Set<Long> snapshots =
        restatements.stream().map(Restatement::lsn).collect(Collectors.toCollection(HashSet::new));
    if (!reads.isEmpty()) {
      snapshots.add(reads.firstKey());
    }
    Tally beside = new Tally();
    reads
        .headMap(lsn, true)
        .forEach(
            (at, tally) -> {
              if (!snapshots.contains(at)) {
                beside.addAll(tally);
              }
            });
    return beside;
  }

  /** What a change says of itself before its images. */
  private record Head(Position position, char op) {
    private static final JsonFactory JSON = new JsonFactory();

    static Head of(byte[] value) {
      long lsn = 0;
      long ordinal = 0;
      try (JsonParser parser = JSON.createParser(value)) {
        parser.nextToken();
        while (parser.nextToken() != null) {
          String field = parser.currentName();
          parser.nextToken();
          switch (field) {
            case "lsn" -> lsn = Lsn.parse(parser.getText());
            case "ord" -> ordinal = parser.getLongValue();
            case "op" -> {
              return new Head(new Position(lsn, ordinal), parser.getText().charAt(0));
            }
            default -> parser.skipChildren();
          }
        }
        throw new IOException("a change without op");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Changes that stand behind a later or the same one of their partition. */
  List<String> disorder() {
    return List.copyOf(disorder);
  }

  @Override
  public boolean holds(Cut cut) {
    for (int i = 0; i < POLLS_MAX; i++) {
      if (hasRead(cut)) {
        return true;
      }
      poll();
    }
    return false;
  }

  private boolean hasRead(Cut cut) {
    for (Map.Entry<String, long[]> ends : cut.endOffsets().entrySet()) {
      for (int i = 0; i < ends.getValue().length; i++) {
        TopicPartition partition = new TopicPartition(ends.getKey(), i);
        if (ends.getKey().startsWith(tablePrefix)
            && ends.getValue()[i] > 0
            && (!consumer.assignment().contains(partition)
                || consumer.position(partition) < ends.getValue()[i])) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public Tally upTo(long lsn) {
    return changes.upTo(lsn);
  }

  @Override
  public String progress() {
    return newest == null ? "no cut yet" : "newest cut " + Lsn.format(newest.lsn());
  }

  @Override
  public void close() {
    consumer.close(Duration.ZERO);
  }
}
