package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
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
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
   * What a slice must know of its mirror.
   *
   * @param table columns and positions
   * @param key the mirror's key; null for a mirror that does not exist yet
   * @param barrier rows before it are gone
   * @param snapshotLsns see {@link MirrorState#snapshotLsns()}
   * @param isEmpty whether the mirror has no rows
   * @param isExact whether the positions are known to be those of the rows
   */
  record Plan(
      TablePlan table,
      @Nullable ArrayList<String> key,
      long barrierLsn,
      long barrierOrdinal,
      HashMap<Integer, Long> snapshotLsns,
      boolean isEmpty,
      boolean isExact)
      implements Serializable {
    static final Plan NEW = new Plan(TablePlan.NEW, null, 0, 0, new HashMap<>(), true, true);

    Position barrier() {
      return new Position(barrierLsn, barrierOrdinal);
    }
  }

  /**
   * A file of changes.
   *
   * @param file the file
   * @param isAppendable whether it has the mirror's own layout and only rows that are not in it
   * @param hasPartialRows whether rows lack unchanged values
   * @param first least position of its rows
   */
  record StagedFile(
      DataFile file, boolean isAppendable, boolean hasPartialRows, long firstLsn, long firstOrdinal)
      implements Serializable {
    Position first() {
      return new Position(firstLsn, firstOrdinal);
    }
  }

  /**
   * What a slice came to.
   *
   * @param file its changes; null if there are none
   * @param columns the mirror's columns with those the slice adds
   * @param schema the slice's last schema, as {@link SchemaJson}; null if it had no new events
   * @param reached the mirror's position once this is committed; null if it had no new events
   * @param startedBySnapshot LSN of the snapshot whose read is the partition's first event
   */
  record Result(
      TopicPartition partition,
      @Nullable StagedFile file,
      LakeSchema columns,
      byte @Nullable [] schema,
      @Nullable SinkPosition reached,
      long barrierLsn,
      long barrierOrdinal,
      @Nullable Long startedBySnapshot,
      CommitTimes commitTimes,
      SliceEnd end)
      implements Serializable {
    Position barrier() {
      return new Position(barrierLsn, barrierOrdinal);
    }
  }

  private final Map<String, Plan> plansByTopic;
  private final String root;
  private final SchemaSource schemas;
  private final ParquetFiles parquet;

  MirrorSlice(
      Map<String, Plan> plansByTopic, String root, SchemaSource schemas, ParquetFiles parquet) {
    this.plansByTopic = new HashMap<>(plansByTopic);
    this.root = root;
    this.schemas = schemas;
    this.parquet = parquet;
  }

  @Override
  public Result run(TopicPartition partition, Iterator<KafkaRecord> records) throws IOException {
    Plan plan = plansByTopic.getOrDefault(partition.topic(), Plan.NEW);
    SliceReader reader = new SliceReader(partition, plan.table(), schemas, records);
    Reduction reduction = new Reduction(plan, partition.partition());
    while (reader.next()) {
      Optional<String> reason = reduction.add(reader);
      if (reason.isPresent()) {
        reader.stop(reason.get());
        break;
      }
    }
    TableSchema schema = reduction.schema;
    return new Result(
        partition,
        schema == null ? null : write(reduction, reader.columns(), schema),
        reader.columns(),
        schema == null ? null : SchemaJson.write(schema),
        reduction.reached,
        reduction.barrier.lsn(),
        reduction.barrier.ordinal(),
        reduction.startedBySnapshot,
        reader.commitTimes(),
        reader.end());
  }

  /** The slice's changes so far. */
  private static final class Reduction {
    private final Plan plan;
    private final int partition;
    private final KeyReducer reducer = new KeyReducer();
    private Position barrier;
    private @Nullable List<String> key;
    private @Nullable TableSchema schema;
    private @Nullable SinkPosition reached;
    private @Nullable Long startedBySnapshot;
    private boolean hasOnlySnapshotReads = true;

    Reduction(Plan plan, int partition) {
      this.plan = plan;
      this.partition = partition;
      this.barrier = plan.barrier();
      this.key = plan.key();
    }

    /** Takes the reader's event; the reason if it cannot. */
    Optional<String> add(SliceReader reader) {
      ChangeEvent event = reader.event();
      if (key == null) {
        key = event.schema().key();
      } else if (reader.schemaChanged() && !key.equals(event.schema().key())) {
        return Optional.of(
            "The primary key of "
                + event.schema().qualifiedName()
                + " changed from "
                + key
                + " to "
                + event.schema().key()
                + ". Move or delete this table's mirror directory and run"
                + " `kappa replay --from earliest` to rebuild it.");
      }
      if (event.operation() == Operation.TRUNCATE) {
        reducer.clear();
        barrier = event.position().isAfter(barrier) ? event.position() : barrier;
      } else if (event.position().isAfter(barrier)) {
        Optional<String> reason = reducer.add(event);
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

    /** Whether no row of the slice can be in the mirror already. */
    boolean isAppendable() {
      boolean isWhole = reducer.changes().stream().noneMatch(KeyReducer.Latest::isPartial);
      boolean isKeyless = key != null && key.isEmpty();
      return isWhole && plan.isExact() && (plan.isEmpty() || isKeyless || hasOnlySnapshotReads);
    }
  }

  private @Nullable StagedFile write(Reduction reduction, LakeSchema columns, TableSchema schema)
      throws IOException {
    Collection<KeyReducer.Latest> changes = reduction.reducer.changes();
    boolean isAppendable = reduction.isAppendable();
    if (isAppendable) {
      changes = changes.stream().filter(change -> !change.isDelete()).toList();
    }
    if (changes.isEmpty()) {
      return null;
    }
    String table = LakePaths.table(root, schema);
    StructType fields =
        columns.physical(isAppendable ? MetadataColumns.MIRROR : MetadataColumns.STAGED);
    Map<TableSchema, RowEncoder> encoders = new HashMap<>();
    InternalRow row = new SpecificInternalRow(fields);
    Position first = null;
    boolean hasPartialRows = false;
    try (ParquetFiles.Writer writer =
        parquet.open(isAppendable ? table : LakePaths.staging(table), fields)) {
      for (KeyReducer.Latest change : changes) {
        RowEncoder encoder =
            encoders.computeIfAbsent(
                change.event().schema(), source -> new RowEncoder(columns, source));
        fill(row, encoder, change, columns.columns().size(), isAppendable);
        Position position = change.event().position();
        writer.write(row, position.lsn());
        first = first == null || first.isAfter(position) ? position : first;
        hasPartialRows |= change.isPartial();
      }
      return new StagedFile(
          writer.finish(), isAppendable, hasPartialRows, first.lsn(), first.ordinal());
    }
  }

  private static void fill(
      InternalRow row,
      RowEncoder encoder,
      KeyReducer.Latest change,
      int metadataStart,
      boolean isAppendable) {
    Object exact = encoder.fill(row, change.image());
    int i = metadataStart;
    row.setLong(i++, change.event().position().lsn());
    row.setLong(i++, change.event().position().ordinal());
    row.update(i++, exact);
    if (!isAppendable) {
      row.update(i++, change.isDelete() ? DELETE : UPSERT);
      row.update(i, change.isPartial() ? encoder.unchangedLakeColumns(change.image()) : null);
    }
  }
}
