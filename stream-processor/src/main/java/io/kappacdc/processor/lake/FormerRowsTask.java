package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.lake.FormerRows.Former;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the rows that some changes of keys start from: follows the old keys through the slices
 * that have them, and notes what they had come to when their row left. Writes one file a slice;
 * holds a row of each old key in memory.
 */
final class FormerRowsTask implements SliceTask<FormerRowsTask.Found> {
  private static final long serialVersionUID = 1L;

  /**
   * What to look for in a topic.
   *
   * @param changes the changes of keys
   * @param columns the mirror's columns with those that the batch adds
   * @param key the table's key
   * @param plan what is known of the mirror
   */
  record Wanted(
      ArrayList<KeyChange> changes,
      LakeSchema columns,
      ArrayList<String> key,
      MirrorSlice.Plan plan)
      implements Serializable {}

  /**
   * What a slice has of it.
   *
   * @param path the file; null if the slice has nothing
   */
  record Found(String topic, @Nullable String path) implements Serializable {}

  private final HashMap<String, Wanted> wantedByTopic;
  private final String root;
  private final SchemaSource schemas;
  private final ParquetFiles parquet;

  /**
   * @param root the directory of all mirrors
   * @param parquet knows how to reach the lake's files
   */
  FormerRowsTask(
      Map<String, Wanted> wantedByTopic, String root, SchemaSource schemas, ParquetFiles parquet) {
    this.wantedByTopic = new HashMap<>(wantedByTopic);
    this.root = root;
    this.schemas = schemas;
    this.parquet = parquet;
  }

  @Override
  public Found run(TopicPartition partition, Iterator<KafkaRecord> records) throws IOException {
    Wanted wanted = wantedByTopic.get(partition.topic());
    if (wanted == null || wanted.plan().table().stopped().contains(partition.partition())) {
      return new Found(partition.topic(), null);
    }
    Search search = new Search(wanted, wanted.plan().start(partition.partition()));
    EventReader reader = new EventReader(schemas.resolver());
    while (records.hasNext() && !search.isOver()) {
      Optional<ChangeEvent> event = read(reader, records.next());
      event.ifPresent(search::add);
    }
    TableSchema schema = search.schema;
    if (schema == null) {
      return new Found(partition.topic(), null);
    }
    String path = LakePaths.staging(LakePaths.table(root, schema)) + "/former-" + UUID.randomUUID();
    FormerRows.write(path, parquet.hadoop(), search.found);
    return new Found(partition.topic(), path);
  }

  /** What is no event is in quarantine by now. */
  private static Optional<ChangeEvent> read(EventReader reader, KafkaRecord record) {
    try {
      return Optional.of(reader.read(record.value()));
    } catch (WireFormatException e) {
      return Optional.empty();
    }
  }

  /** The old keys on their way through a slice. */
  private static final class Search {
    private final Position start;
    private final Position last;
    private final KeyCodec codec;
    private final Set<ByteBuffer> oldKeys = new HashSet<>();
    private final Set<Position> departures = new HashSet<>();
    private final Map<ByteBuffer, Former> present = new HashMap<>();
    private final Map<Position, Former> found = new HashMap<>();
    private @Nullable TableSchema schema;
    private Position reached = Position.ORIGIN;

    /**
     * @param start changes up to here do not count
     */
    Search(Wanted wanted, Position start) {
      this.start = start;
      List<Position> positions = new ArrayList<>();
      for (KeyChange change : wanted.changes()) {
        oldKeys.add(ByteBuffer.wrap(change.oldKey()));
        departures.add(change.departure());
        positions.add(change.departure());
      }
      this.last = Collections.max(positions);
      this.codec = KeyCodec.ofKeys(wanted.columns(), wanted.key());
    }

    boolean isOver() {
      return !last.isAfter(reached);
    }

    void add(ChangeEvent event) {
      reached = event.position();
      if (!reached.isAfter(start)) {
        return;
      }
      if (event.operation() == Operation.TRUNCATE) {
        oldKeys.forEach(key -> present.put(key, new Former.Gone()));
        return;
      }
      KeyCodec.KeyBytes bytes = codec.encode(event.schema(), Objects.requireNonNull(event.image()));
      ByteBuffer key = bytes == null ? null : ByteBuffer.wrap(bytes.copy());
      if (key == null || !oldKeys.contains(key)) {
        return;
      }
      if (departures.contains(reached)) {
        found.put(reached, present.getOrDefault(key, new Former.Untouched()));
        schema = event.schema();
      }
      present.put(key, next(present.get(key), event));
    }

    private static Former next(@Nullable Former former, ChangeEvent event) {
      return switch (event.operation()) {
        case DELETE, TRUNCATE -> new Former.Gone();
        case READ, CREATE -> new Former.Changed(event);
        case UPDATE ->
            former == null
                ? new Former.Changed(event)
                : former instanceof Former.Changed changed
                    ? updated(changed.event(), event)
                    : former;
      };
    }

    private static Former updated(ChangeEvent last, ChangeEvent update) {
      TableSchema schema = update.schema();
      Row sent = Objects.requireNonNull(update.after());
      Row image = KeyReducer.completed(schema, sent, last);
      if (!image.hasAbsent() || last.operation() == Operation.UPDATE) {
        return new Former.Changed(ChangeEvent.update(origin(update), schema, null, image));
      }
      Row oldKey = last.before();
      return new Former.Changed(
          oldKey == null
              ? ChangeEvent.create(origin(last), schema, image)
              : ChangeEvent.rekey(
                  origin(last), schema, KeyReducer.inSchema(schema, oldKey, last.schema()), image));
    }

    private static Origin origin(ChangeEvent event) {
      return new Origin(event.position(), event.transactionId(), event.commitMicros());
    }
  }
}
