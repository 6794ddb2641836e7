package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads what capture committed, as a consumer with read_committed sees it. */
final class TopicReader implements AutoCloseable {
  private final TopicNames names;
  private final String prefix;
  private final String bootstrapServers;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** An event and the record that brought it. */
  record Captured(
      String topic, int partition, long offset, @Nullable String key, ChangeEvent event) {
    /** Operation and row as on the wire: {@code c {"id":1}}. */
    String summary() {
      return TopicReader.summary(event);
    }

    boolean isBefore(Cut cut) {
      long[] ends = cut.endOffsets().get(topic);
      return ends != null && offset < ends[partition];
    }
  }

  TopicReader(String bootstrapServers, String prefix) {
    this.names = new TopicNames(prefix);
    this.prefix = prefix;
    this.bootstrapServers = bootstrapServers;
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.put("allow.auto.create.topics", false);
    this.consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** All events of all tables, in the source's order. */
  List<Captured> events() {
    Map<String, TableSchema> schemas = new HashMap<>();
    records(List.of(names.schemas()))
        .forEach(
            record ->
                schemas.put(
                    new String(record.key(), StandardCharsets.US_ASCII),
                    SchemaJson.read(record.value())));
    EventReader reader = new EventReader(schemas::get);
    List<String> topics =
        consumer.listTopics().keySet().stream()
            .filter(topic -> topic.matches(names.tablePattern()))
            .toList();
    List<Captured> events = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records(topics)) {
      String key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
      events.add(
          new Captured(
              record.topic(),
              record.partition(),
              record.offset(),
              key,
              reader.read(record.value())));
    }
    events.sort(Comparator.comparing(captured -> captured.event().position()));
    return events;
  }

  /** Events of one table, in the source's order. */
  List<Captured> events(String table) {
    String topic = names.table("public", table);
    return events().stream().filter(event -> event.topic().equals(topic)).toList();
  }

  List<String> summaries(String table) {
    return events(table).stream().map(Captured::summary).toList();
  }

  /** Offsets given out in a table's topic, markers of transactions included. */
  long size(String table) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(names.table("public", table)).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    return consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many events a table's topic has. */
  int count(String table) {
    return records(List.of(names.table("public", table))).size();
  }

  List<String> rawValues(String table) {
    return records(List.of(names.table("public", table))).stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }

  /**
   * Every byte of keys, values and headers in all topics of this capture, one character a byte; of
   * aborted transactions, too.
   */
  String bytesOfAllTopics() {
    StringBuilder all = new StringBuilder();
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", "read_uncommitted");
    try (KafkaConsumer<byte[], byte[]> any =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<String> topics =
          any.listTopics().keySet().stream().filter(topic -> topic.contains(prefix)).toList();
      assertThat(topics).contains(names.schemas(), names.cuts(), names.offsets());
      for (ConsumerRecord<byte[], byte[]> record : records(any, topics)) {
        append(all, record.key());
        append(all, record.value());
        record.headers().forEach(header -> append(all, header.value()));
      }
    }
    return all.toString();
  }

  private static void append(StringBuilder all, byte @Nullable [] bytes) {
    if (bytes != null) {
      all.append(new String(bytes, StandardCharsets.ISO_8859_1)).append('\n');
    }
  }

  /** Whether a table has a topic. */
  boolean hasTable(String table) {
    return consumer.listTopics().containsKey(names.table("public", table));
  }

  List<Cut> cuts() {
    return records(List.of(names.cuts())).stream().map(r -> CutJson.read(r.value())).toList();
  }

  /** The last moment of the source that is published; 0 if there is none. */
  long lastCutLsn() {
    if (!consumer.listTopics().containsKey(names.cuts())) {
      return 0;
    }
    return cuts().stream().filter(Cut::isComplete).mapToLong(Cut::lsn).max().orElse(0);
  }

  /**
   * Asserts what readers of cuts rely on: within a generation they only move forward, and all that
   * a complete cut's LSN says lies before its offsets, and nothing else.
   */
  void assertCutsHold() {
    List<Captured> events = events();
    List<Cut> cuts = cuts();
    int generation = cuts.get(cuts.size() - 1).generation();
    Cut before = null;
    for (Cut cut : cuts) {
      if (before != null && before.generation() == cut.generation()) {
        assertThat(cut.lsn()).isGreaterThanOrEqualTo(before.lsn());
        before
            .endOffsets()
            .forEach(
                (topic, ends) -> {
                  for (int i = 0; i < ends.length; i++) {
                    assertThat(cut.endOffsets().get(topic)[i]).isGreaterThanOrEqualTo(ends[i]);
                  }
                });
      }
      if (cut.isComplete() && cut.generation() == generation) {
        assertThat(events)
            .as("before and behind the cut at %s", Lsn.format(cut.lsn()))
            .allMatch(e -> (e.event().position().lsn() <= cut.lsn()) == e.isBefore(cut));
      }
      before = cut;
    }
  }

  /** What a consumer that folds by position has at the end: rows by their first column. */
  static Map<String, String> fold(List<Captured> events) {
    Map<String, String> rows = new TreeMap<>();
    for (Captured captured : events) {
      ChangeEvent event = captured.event();
      switch (event.operation()) {
        case TRUNCATE -> rows.clear();
        case DELETE -> rows.remove(event.before().get(0));
        default -> rows.put(event.after().get(0), text(event.after()));
      }
    }
    return rows;
  }

  private static String text(Row row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      text.append('/').append(row.get(i));
    }
    return text.toString();
  }

  /** Deletes a table's topic. */
  void delete(String table) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrapServers))) {
      admin.deleteTopics(List.of(names.table("public", table))).all().get(60, TimeUnit.SECONDS);
    }
  }

  /** Deletes a table's topic and makes it again, empty. */
  void remake(String table, int partitions) throws Exception {
    delete(table);
    NewTopic topic = new NewTopic(names.table("public", table), partitions, (short) 1);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrapServers))) {
      await()
          .atMost(CaptureFixture.PATIENCE)
          .ignoreExceptions() // the old one may not be gone everywhere
          .until(
              () -> {
                admin.createTopics(List.of(topic)).all().get(60, TimeUnit.SECONDS);
                return true;
              });
    }
  }

  /** Asserts that the changes of each transaction are there, once, from the first on. */
  static void assertWholeTransactionsOnce(List<Captured> events) {
    assertThat(events).extracting(e -> e.event().position()).doesNotHaveDuplicates();
    Map<Long, List<Long>> ordinals =
        events.stream()
            .filter(e -> e.event().operation() != Operation.READ)
            .filter(e -> e.event().position().ordinal() < Position.SNAPSHOT_ORDINAL_BASE)
            .collect(
                Collectors.groupingBy(
                    e -> e.event().position().lsn(),
                    TreeMap::new,
                    Collectors.mapping(e -> e.event().position().ordinal(), Collectors.toList())));
    ordinals.forEach(
        (lsn, of) -> {
          List<Long> expected = new ArrayList<>();
          for (long i = 1; i <= of.size(); i++) {
            expected.add(i);
          }
          assertThat(of).isEqualTo(expected);
        });
  }

  private List<ConsumerRecord<byte[], byte[]>> records(List<String> topics) {
    return records(consumer, topics);
  }

  private static List<ConsumerRecord<byte[], byte[]>> records(
      KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
      consumer.poll(Duration.ofMillis(100)).forEach(records::add);
    }
    return records;
  }

  static String summary(ChangeEvent event) {
    var rows = new io.kappacdc.event.wire.RowJson(event.schema());
    String before = event.before() == null ? "" : " " + rows.write(event.before());
    String after = event.after() == null ? "" : " " + rows.write(event.after());
    String arrow = before.isEmpty() || after.isEmpty() ? "" : " ->";
    return event.operation().code() + before + arrow + after;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
