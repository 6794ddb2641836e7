package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.stream.CommitTimes;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Reduces a slice to the latest change of each key and writes these to one Parquet file: rows ready
 * to be added to the mirror where none of them can be in it already, else staged changes.
 */
final class MirrorSlice implements SliceTask<MirrorSlice.Result> {
  private static final long serialVersionUID = 1L;
  private static final UTF8String DELETE = UTF8String.fromString("d");
  private static final UTF8String UPSERT = UTF8String.fromString("u");

  /**
   * Changes that a slice holds at most, by their size in Kafka; slices of other partitions and
   * sinks are in the same heap.
   */
  private static final long BYTES_MAX = Runtime.getRuntime().maxMemory() / 32;

  /** What becomes of changes that may meet rows of the mirror. */
  enum Form {
    /** Staged whole, in one file, for Delta's MERGE. */
    STAGED,
    /** Rows in the mirror's own layout; keys apart, for the driver's index. */
    KEYED,
    /** As {@link #KEYED}, with the keys of rows that meet none as well: the index is at work. */
    ALL_KEYED
  }

  /**
   * What a slice must know of its mirror.
   *
   * @param table columns and positions
   * @param form what to write
   * @param key the mirror's key; null for a mirror that does not exist yet
   * @param barrier rows before it are gone
   * @param snapshotLsns see {@link MirrorState#snapshotLsns()}
   * @param isEmpty whether the mirror has no rows, and no key is known to be in several slices
   * @param isExact whether the positions are known to be those of the rows
   */
  record Plan(
      TablePlan table,
      Form form,
      @Nullable ArrayList<String> key,
      long barrierLsn,
      long barrierOrdinal,
      HashMap<Integer, Long> snapshotLsns,
      boolean isEmpty,
      boolean isExact)
      implements Serializable {
    static Plan ofNew(Form form) {
      return new Plan(TablePlan.NEW, form, null, 0, 0, new HashMap<>(), true, true);
    }

    Position barrier() {
      return new Position(barrierLsn, barrierOrdinal);
    }

    /** How far a partition is. */
    Position reached(int partition) {
      SinkPosition known = table.positions().get(partition);
      return known == null ? Position.ORIGIN : known.position();
    }

    /** Changes of a partition up to here are in the mirror, or will never be. */
    Position start(int partition) {
      Position reached = reached(partition);
      return barrier().isAfter(reached) ? barrier() : reached;
    }
  }

  /**
   * A slice's changes.
   *
   * @param file rows, or staged changes; null if there are none but deletions and partial rows
   * @param partial rows that lack unchanged values, as staged changes; null if there are none, or
   *     {@code file} has them
   * @param formerKeys for a MERGE, keys under which the mirror has rows of changes, each with the
   *     position of its change; null if there are none
   * @param keys the keys of the changes; null if they are not wanted
   * @param isAppendable whether the file has the mirror's own layout and only rows that are not in
   *     it; if the mirror is empty, as long as no other slice has one of the keys
   * @param missing columns whose unchanged values some row lacks
   * @param first least position of its changes; of the rows alone if they are appendable
   */
  record StagedFile(
      @Nullable DataFile file,
      @Nullable DataFile partial,
      @Nullable DataFile formerKeys,
      @Nullable KeyedRows keys,
      boolean isAppendable,
      TreeSet<String> missing,
      long firstLsn,
      long firstOrdinal)
      implements Serializable {
    Position first() {
      return new Position(firstLsn, firstOrdinal);
    }

    boolean hasPartialRows() {
      return !missing.isEmpty();
    }

    /** Whether only a MERGE can apply it. */
    boolean isForMerge() {
      return !isAppendable && keys == null;
    }

    /** Files that no version of the mirror will ever name. */
    List<String> temporaryPaths() {
      List<String> paths = new ArrayList<>();
      if (file != null && isForMerge()) {
        paths.add(file.path());
      }
      Stream.of(partial, formerKeys)
          .filter(Objects::nonNull)
          .map(DataFile::path)
          .forEach(paths::add);
      return paths;
    }

    List<String> allPaths() {
      return Stream.of(file, partial, formerKeys)
          .filter(Objects::nonNull)
          .map(DataFile::path)
          .toList();
    }
  }

  /**
   * What a slice came to.
   *
   * @param file its changes; null if there are none
   * @param columns the mirror's columns with those the slice adds
   * @param schema the slice's last schema, as {@link SchemaJson}; null if it had no new events
   * @param reached the mirror's position once this is committed; null if it had no new events
   * @param keyChanges changes of keys whose former rows must be looked for before anything of the
   *     table can be applied
   * @param startedBySnapshot LSN of the snapshot whose read is the partition's first event
   * @param unreadable what is to go to quarantine; null if there is nothing
   */
  record Result(
      TopicPartition partition,
      @Nullable StagedFile file,
      LakeSchema columns,
      byte @Nullable [] schema,
      @Nullable SinkPosition reached,
      ArrayList<KeyChange> keyChanges,
      long barrierLsn,
      long barrierOrdinal,
      @Nullable Long startedBySnapshot,
      CommitTimes commitTimes,
      QuarantineTask.@Nullable Written unreadable,
      SliceEnd end)
      implements Serializable {
    Position barrier() {
      return new Position(barrierLsn, barrierOrdinal);
    }
  }

  private final Map<String, Plan> plansByTopic;
  private final Plan planOfNew;
  private final @Nullable HashMap<String, FormerRows.Files> formerRows;
  private final String root;
  private final SchemaSource schemas;
  private final ParquetFiles parquet;
  private final QuarantineTask quarantine;

  /**
   * @param planOfNew for topics that have no mirror yet
   * @param formerRows what was looked for after the first look at the batch; other topics are left
   *     alone then. Null for the first look
   */
  MirrorSlice(
      Map<String, Plan> plansByTopic,
      Plan planOfNew,
      @Nullable Map<String, FormerRows.Files> formerRows,
      String root,
      SchemaSource schemas,
      ParquetFiles parquet,
      QuarantineTask quarantine) {
    this.plansByTopic = new HashMap<>(plansByTopic);
    this.planOfNew = planOfNew;
    this.formerRows = formerRows == null ? null : new HashMap<>(formerRows);
    this.root = root;
    this.schemas = schemas;
    this.parquet = parquet;
    this.quarantine = quarantine;
  }

  @Override
  public Result run(TopicPartition partition, Iterator<KafkaRecord> records) throws IOException {
    try (QuarantineTask.Slice unreadable = quarantine.open(partition)) {
      return run(partition, records, unreadable);
    }
  }

  private Result run(
      TopicPartition partition, Iterator<KafkaRecord> records, QuarantineTask.Slice unreadable)
      throws IOException {
    Plan plan = plansByTopic.getOrDefault(partition.topic(), planOfNew);
    FormerRows.Files former = formerRows == null ? null : formerRows.get(partition.topic());
    boolean isLeftAlone = formerRows != null && former == null;
    SliceReader reader =
        new SliceReader(
            partition,
            plan.table(),
            schemas,
            isLeftAlone ? Collections.emptyIterator() : records,
            unreadable);
    Reduction reduction = new Reduction(plan, partition.partition(), formerRows(former));
    if (former != null) {
      reader.readUpTo(former.upTo());
    }
    if (reader.isStopped() && !isLeftAlone) {
      reader.beginsAnewBehind(plan.barrier());
    }
    while (reader.next()) {
      if (reduction.hasOtherKey(reader)) {
        endAtOtherKey(reader, reduction);
        break;
      }
      Optional<String> reason = reduction.add(reader);
      if (reason.isPresent()) {
        reader.stop(reason.get());
        break;
      }
      if (reader.bytes() > BYTES_MAX && !mayLeaveItsKey(reader.event())) {
        reader.stopFull();
        break;
      }
    }
    TableSchema schema = reduction.schema;
    return new Result(
        partition,
        schema == null || reduction.needsFormerRows()
            ? null
            : write(reduction, reader.columns(), schema),
        reader.columns(),
        schema == null ? null : SchemaJson.write(schema),
        reduction.reached,
        reduction.reducer.keyChanges(),
        reduction.barrier.lsn(),
        reduction.barrier.ordinal(),
        reduction.startedBySnapshot,
        reader.commitTimes(),
        unreadable.finish(),
        reader.end());
  }

  /** Rows under another key take the place of the present ones where the table is truncated. */
  private static void endAtOtherKey(SliceReader reader, Reduction reduction) {
    ChangeEvent event = reader.event();
    if (event.operation() == Operation.TRUNCATE) {
      reader.beginAnewAt(event);
    } else if (!reader.beginsAnewBehind(event.position())) {
      reader.stop(
          "The primary key of %s changed from %s to %s. The mirror goes on once capture has read the"
                  .formatted(event.schema().qualifiedName(), reduction.key, event.schema().key())
              + " table again, which it does by itself; `kappa status` shows how far it is.");
    }
  }

  private @Nullable FormerRows formerRows(FormerRows.@Nullable Files files) throws IOException {
    return files == null
        ? null
        : FormerRows.read(files.paths(), parquet.hadoop(), new EventReader(schemas.resolver()));
  }

  /** Whether the next change may be the create that belongs to a delete, and lack values. */
  private static boolean mayLeaveItsKey(ChangeEvent event) {
    return event.operation() == Operation.DELETE
        && event.schema().identity() != ReplicaIdentity.FULL;
  }

  /** The slice's changes so far. */
  private static final class Reduction {
    private final Plan plan;
    private final int partition;
    private final KeyReducer reducer;
    private Position barrier;
    private @Nullable List<String> key;
    private @Nullable TableSchema schema;
    private @Nullable SinkPosition reached;
    private @Nullable Long startedBySnapshot;
    private boolean hasOnlySnapshotReads = true;
    private boolean isOfOtherKey;

    Reduction(Plan plan, int partition, @Nullable FormerRows formerRows) {
      this.reducer = new KeyReducer(formerRows);
      this.plan = plan;
      this.partition = partition;
      this.barrier = plan.barrier();
      this.key = plan.key();
    }

    /** Whether the reader's event counts, and its key is not the mirror's. */
    boolean hasOtherKey(SliceReader reader) {
      ChangeEvent event = reader.event();
      if (key == null) {
        key = event.schema().key();
      } else if (reader.schemaChanged()) {
        isOfOtherKey = !key.equals(event.schema().key());
      }
      return isOfOtherKey && event.position().isAfter(barrier);
    }

    /** Takes the reader's event; the reason if it cannot. */
    Optional<String> add(SliceReader reader) {
      ChangeEvent event = reader.event();
      if (event.operation() == Operation.TRUNCATE) {
        reducer.clear();
        barrier = event.position().isAfter(barrier) ? event.position() : barrier;
      } else if (event.position().isAfter(barrier)) {
        Optional<String> reason = reducer.add(event, reader.columns());
        if (reason.isPresent()) {
          return reason;
        }
      }
      note(event);
      reached = reader.reached();
      return Optional.empty();
    }

    private void note(ChangeEvent event) {
      boolean isRead = event.operation() == Operation.READ;
      long lsn = event.position().lsn();
      if (reached == null && isRead && !plan.table().positions().containsKey(partition)) {
        startedBySnapshot = lsn;
      }
      boolean isKnown = plan.table().positions().containsKey(partition);
      Long snapshot = plan.snapshotLsns().get(isKnown ? partition : MirrorState.OTHERS);
      hasOnlySnapshotReads &= isRead && snapshot != null && snapshot == lsn;
      schema = event.schema();
    }

    boolean needsFormerRows() {
      return !reducer.keyChanges().isEmpty();
    }

    /** Whether no row of the slice can be in the mirror already. */
    boolean isAppendable() {
      boolean isWhole = reducer.changes().stream().noneMatch(KeyReducer.Latest::isPartial);
      return isWhole && plan.isExact() && (plan.isEmpty() || isKeyless() || hasOnlySnapshotReads);
    }

    /**
     * Whether other slices may have the same keys: a topic that got more partitions has keys in two
     * of them. A mirror that has rows is looked into for them.
     */
    boolean mayMeetOthers() {
      return plan.isEmpty() && !isKeyless();
    }

    private boolean isKeyless() {
      return key != null && key.isEmpty();
    }
  }

  private @Nullable StagedFile write(Reduction reduction, LakeSchema columns, TableSchema schema)
      throws IOException {
    Collection<KeyReducer.Latest> changes = reduction.reducer.changes();
    if (changes.isEmpty()) {
      return null;
    }
    boolean isAppendable = reduction.isAppendable();
    Form form = reduction.plan.form();
    boolean wantsKeys =
        form == Form.ALL_KEYED
            || form == Form.KEYED && !isAppendable
            || isAppendable && reduction.mayMeetOthers();
    String table = LakePaths.table(root, schema);
    Position first = Position.endOf(-1);
    for (KeyReducer.Latest change : changes) {
      Position position = change.event().position();
      boolean counts = !isAppendable || !change.isDelete();
      first = counts && first.isAfter(position) ? position : first;
    }
    TreeSet<String> missing = missing(changes, columns);
    if (!wantsKeys) {
      DataFile file =
          isAppendable
              ? writeRows(table, columns, changes, reduction.key)
              : stage(table, columns, changes);
      return new StagedFile(
          file,
          null,
          stageFormerKeys(table, columns, changes),
          null,
          isAppendable,
          missing,
          first.lsn(),
          first.ordinal());
    }
    List<KeyReducer.Latest> whole =
        changes.stream().filter(change -> !change.isDelete() && !change.isPartial()).toList();
    List<KeyReducer.Latest> partial =
        changes.stream().filter(KeyReducer.Latest::isPartial).toList();
    return new StagedFile(
        writeRows(table, columns, whole, reduction.key),
        stage(table, columns, partial),
        null,
        keys(changes, columns, reduction),
        isAppendable,
        missing,
        first.lsn(),
        first.ordinal());
  }

  private static TreeSet<String> missing(
      Collection<KeyReducer.Latest> changes, LakeSchema columns) {
    TreeSet<String> missing = new TreeSet<>();
    for (KeyReducer.Latest change : changes) {
      for (int i = 0; change.isPartial() && i < change.image().size(); i++) {
        if (change.image().isAbsent(i)) {
          String source = change.event().schema().columns().get(i).name();
          missing.add(columns.column(source).orElseThrow().name());
        }
      }
    }
    return missing;
  }

  /** In the order of the changes, like the rows in their files. */
  private static KeyedRows keys(
      Collection<KeyReducer.Latest> changes, LakeSchema columns, Reduction reduction) {
    KeyCodec codec = KeyCodec.ofKeys(columns, Objects.requireNonNull(reduction.key));
    KeyedRows keys = new KeyedRows();
    int whole = 0;
    int partial = 0;
    for (KeyReducer.Latest change : changes) {
      ChangeEvent event = change.event();
      KeyCodec.KeyBytes key = Objects.requireNonNull(codec.encode(event, change.image()));
      if (change.isDelete()) {
        keys.add(key, KeyedRows.Kind.DELETED, -1, event.position());
      } else if (change.isPartial()) {
        keys.add(key, KeyedRows.Kind.PARTIAL, partial++, event.position());
        KeyReducer.FormerKey former = change.formerKey();
        if (former != null) {
          keys.comesFrom(Objects.requireNonNull(codec.encode(former.schema(), former.key())));
        }
      } else {
        keys.add(key, KeyedRows.Kind.WHOLE, whole++, event.position());
      }
    }
    return keys;
  }

  /** Rows that have a former key and the position of the change that is to be completed by it. */
  private @Nullable DataFile stageFormerKeys(
      String table, LakeSchema columns, Collection<KeyReducer.Latest> changes) throws IOException {
    List<KeyReducer.Latest> keys = new ArrayList<>();
    for (KeyReducer.Latest change : changes) {
      KeyReducer.FormerKey former = change.formerKey();
      if (former != null) {
        ChangeEvent event = change.event();
        Row key = KeyReducer.inSchema(event.schema(), former.key(), former.schema());
        keys.add(new KeyReducer.Latest(event, key, null));
      }
    }
    return stage(table, columns, keys);
  }

  private @Nullable DataFile stage(
      String table, LakeSchema columns, Collection<KeyReducer.Latest> changes) throws IOException {
    StructType fields = columns.physical(MetadataColumns.STAGED);
    return write(LakePaths.staging(table), fields, new int[0], columns, changes);
  }

  /** Rows in the mirror's own layout. */
  private @Nullable DataFile writeRows(
      String table,
      LakeSchema columns,
      Collection<KeyReducer.Latest> changes,
      @Nullable List<String> key)
      throws IOException {
    int[] bounded = columns.ordinals(key == null ? List.of() : key);
    StructType fields = columns.physical(MetadataColumns.MIRROR);
    return write(table, fields, bounded, columns, changes);
  }

  private @Nullable DataFile write(
      String directory,
      StructType fields,
      int[] bounded,
      LakeSchema columns,
      Collection<KeyReducer.Latest> changes)
      throws IOException {
    if (changes.isEmpty()) {
      return null;
    }
    Map<TableSchema, RowEncoder> encoders = new HashMap<>();
    InternalRow row = new SpecificInternalRow(fields);
    try (ParquetFiles.Writer writer = parquet.open(directory, fields, bounded)) {
      for (KeyReducer.Latest change : changes) {
        RowEncoder encoder =
            encoders.computeIfAbsent(
                change.event().schema(), source -> new RowEncoder(columns, source));
        fill(row, encoder, change, columns.columns().size(), fields.size());
        writer.write(row, change.event().position().lsn());
      }
      return writer.finish();
    }
  }

  private static void fill(
      InternalRow row,
      RowEncoder encoder,
      KeyReducer.Latest change,
      int metadataStart,
      int fieldCount) {
    Object exact = encoder.fill(row, change.image());
    int i = metadataStart;
    row.setLong(i++, change.event().position().lsn());
    row.setLong(i++, change.event().position().ordinal());
    row.update(i++, exact);
    if (i < fieldCount) {
      row.update(i++, change.isDelete() ? DELETE : UPSERT);
      row.update(i, change.isPartial() ? encoder.unchangedLakeColumns(change.image()) : null);
    }
  }
}
