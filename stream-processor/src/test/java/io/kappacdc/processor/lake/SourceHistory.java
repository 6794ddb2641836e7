package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.event.wire.SchemaResolver;
import io.kappacdc.processor.stream.KafkaRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Changes of one table as capture would publish them: each change its own transaction. */
final class SourceHistory {
  private static final Map<String, TableSchema> SCHEMAS = new ConcurrentHashMap<>();
  private static final EventWriter WRITER = new EventWriter();

  private final String topic;
  private final int partitions;
  private final long[] nextOffsets;
  private final List<KafkaRecord> records = new ArrayList<>();
  private final List<ChangeEvent> events = new ArrayList<>();

  /** Numbers of the records that are the second half of a change of key. */
  private final Set<Integer> secondHalves = new HashSet<>();

  private TableSchema schema;
  private long lsn = 1000;
  private long snapshotLsn = 1000;
  private long snapshotOrdinal = Position.SNAPSHOT_ORDINAL_BASE;

  SourceHistory(TableSchema schema, int partitions) {
    this.topic = "pgsrc." + schema.schema() + "." + schema.table();
    this.partitions = partitions;
    this.nextOffsets = new long[partitions];
    this.schema = schema;
    alter(schema);
  }

  /** The schemas of all histories, in tasks as well: they run in this JVM. */
  static SchemaResolver schemas() {
    return SCHEMAS::get;
  }

  /** A table of {@code name type} columns whose key is its first ones. */
  static TableSchema table(String name, int keyColumns, String... columns) {
    List<Column> all =
        Arrays.stream(columns)
            .map(c -> Column.of(c.substring(0, c.indexOf(' ')), c.substring(c.indexOf(' ') + 1)))
            .toList();
    List<String> key = all.stream().limit(keyColumns).map(Column::name).toList();
    return new TableSchema("public", name, all, key, ReplicaIdentity.DEFAULT);
  }

  String topic() {
    return topic;
  }

  SourceHistory alter(TableSchema next) {
    SCHEMAS.put(next.id(), next);
    schema = next;
    return this;
  }

  SourceHistory read(String... values) {
    Origin origin =
        new Origin(new Position(snapshotLsn, ++snapshotOrdinal), 0, 1_700_000_000_000_000L);
    return add(ChangeEvent.read(origin, schema, Row.of(values)));
  }

  /** Later reads belong to a new snapshot, taken now. */
  SourceHistory restartSnapshot() {
    snapshotLsn = lsn;
    snapshotOrdinal = Position.SNAPSHOT_ORDINAL_BASE;
    return this;
  }

  SourceHistory create(String... values) {
    return add(ChangeEvent.create(next(), schema, Row.of(values)));
  }

  SourceHistory update(String... values) {
    return add(ChangeEvent.update(next(), schema, null, Row.of(values)));
  }

  SourceHistory delete(String... key) {
    return add(ChangeEvent.delete(next(), schema, keyOnly(List.of(key))));
  }

  /** An update that changes the key. */
  SourceHistory rekey(String oldKey, String... values) {
    return rekey(List.of(oldKey), values);
  }

  SourceHistory rekey(List<String> oldKey, String... values) {
    Origin first = next();
    Origin second =
        new Origin(
            new Position(first.position().lsn(), 2), first.transactionId(), first.commitMicros());
    add(ChangeEvent.delete(first, schema, keyOnly(oldKey)));
    secondHalves.add(records.size());
    return add(ChangeEvent.rekey(second, schema, keyOnly(oldKey), Row.of(values)));
  }

  private Row keyOnly(List<String> key) {
    String[] row = new String[schema.columns().size()];
    Arrays.fill(row, Row.ABSENT);
    int[] indexes = schema.keyIndexes();
    for (int i = 0; i < indexes.length; i++) {
      row[indexes[i]] = key.get(i);
    }
    return Row.of(row);
  }

  /** This number of records, or one more if these would part the halves of a change of key. */
  int whole(int count) {
    return secondHalves.contains(count) ? count + 1 : count;
  }

  SourceHistory deleteFull(String... values) {
    return add(ChangeEvent.delete(next(), schema, Row.of(values)));
  }

  SourceHistory truncate() {
    return add(ChangeEvent.truncate(next(), schema));
  }

  /** A record that is no event. */
  SourceHistory garbage(int partition) {
    records.add(new KafkaRecord(topic, partition, nextOffsets[partition]++, null, new byte[] {1}));
    return this;
  }

  private Origin next() {
    lsn += 8;
    return new Origin(new Position(lsn, 1), lsn, 1_700_000_000_000_000L + lsn);
  }

  private SourceHistory add(ChangeEvent event) {
    int partition = 0;
    if (event.image() != null && schema.hasKey()) {
      StringBuilder key = new StringBuilder();
      for (int index : schema.keyIndexes()) {
        key.append(event.image().get(index)).append('/');
      }
      partition = Math.floorMod(key.toString().hashCode(), partitions);
    }
    events.add(event);
    records.add(
        new KafkaRecord(topic, partition, nextOffsets[partition]++, null, WRITER.write(event)));
    return this;
  }

  int size() {
    return records.size();
  }

  List<ChangeEvent> events() {
    return events;
  }

  List<KafkaRecord> all() {
    return List.copyOf(records);
  }

  /** Records from the first one not taken yet. */
  List<KafkaRecord> since(int from) {
    return List.copyOf(records.subList(from, records.size()));
  }

  List<KafkaRecord> between(int from, int to) {
    return List.copyOf(records.subList(from, to));
  }
}
