package io.kappacdc.processor.lake;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.lake.TrailSlice.TrailFile;
import io.kappacdc.processor.stream.BatchOutcome;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.CommitTimes;
import io.kappacdc.processor.stream.Pacing;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** The Delta trail: every change a row, a commit a table and batch. */
public final class DeltaTrailSink implements Sink {
  static final String NAME = "delta-trail";

  /** Each round commits at least one schema more of a table, so no real batch comes near this. */
  private static final int ROUNDS_MAX = 1000;

  private static final int FILES_PER_COMPACTION = 400;

  private static final Duration CUT_INTERVAL = Duration.ofSeconds(1);

  private final LakeTables tables;
  private final SchemaSource schemas;
  private final ParquetFiles parquet;
  private final Compaction compaction;
  private final CutLog cuts;
  private final Quarantine quarantine;

  /** Of the batch at hand; tables add to it side by side. */
  private CommitTimes committed = new CommitTimes();

  private Map<String, Long> committedByTopic = new HashMap<>();

  private final TableWorkers workers = new TableWorkers(NAME);
  private final Map<String, Map<Integer, SinkPosition>> positionsByTopic =
      new ConcurrentHashMap<>();

  /**
   * @param spark a session made with {@link LakeSession#configure}
   * @param lakePath the lake's root
   * @param schemas where tasks find the schemas of events
   */
  public DeltaTrailSink(SparkSession spark, String lakePath, SchemaSource schemas) {
    this(spark, lakePath, schemas, CUT_INTERVAL);
  }

  /**
   * @param spark a session made with {@link LakeSession#configure}
   * @param lakePath the lake's root
   * @param schemas where tasks find the schemas of events
   * @param cutInterval how often a moment of the source is recorded at most; zero for each
   */
  public DeltaTrailSink(
      SparkSession spark, String lakePath, SchemaSource schemas, Duration cutInterval) {
    this.tables = new LakeTables(spark, LakeTable.Kind.TRAIL, LakePaths.trail(lakePath));
    this.schemas = schemas;
    this.parquet = ParquetFiles.ofBatches(spark);
    this.compaction = new Compaction(spark, FILES_PER_COMPACTION);
    this.cuts = new CutLog(spark, lakePath, NAME, cutInterval, Clock.systemUTC());
    this.quarantine = new Quarantine(spark, lakePath, NAME, parquet);
    readPositions();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Pacing pacing() {
    return LakeTables.PACING;
  }

  @Override
  public Map<TopicPartition, SinkPosition> positions() {
    cuts.refresh();
    quarantine.refresh();
    readPositions();
    workers.goOn();
    Map<TopicPartition, SinkPosition> positions = new HashMap<>();
    positionsByTopic.forEach(
        (topic, byPartition) ->
            byPartition.forEach(
                (partition, position) ->
                    positions.put(new TopicPartition(topic, partition), position)));
    return positions;
  }

  private void readPositions() {
    tables.refresh();
    positionsByTopic.clear();
    tables
        .byTopic()
        .forEach(
            (topic, table) ->
                positionsByTopic.put(topic, TrailPositions.read(table.transactions(), topic)));
  }

  @Override
  public BatchOutcome write(ChangeBatch batch) {
    committed = new CommitTimes();
    committedByTopic = new HashMap<>();
    try {
      int rounds = 0;
      boolean again = true;
      while (again) {
        if (++rounds > ROUNDS_MAX) {
          throw new IllegalStateException("Batch " + batch.batchId() + " makes no progress");
        }
        List<TrailSlice.Result> results =
            batch.forEachSlice(
                new TrailSlice(plans(), tables.root(), schemas, parquet, quarantine.forTasks()));
        quarantine.commit(
            results.stream().map(TrailSlice.Result::unreadable).filter(Objects::nonNull).toList());
        again = workers.apply(results, result -> result.partition().topic(), this::apply);
      }
      return new BatchOutcome(committed.changes(), committedByTopic, committed);
    } catch (Throwable e) { // Delta throws checked exceptions, too.
      quarantine.refresh();
      readPositions();
      throw e;
    }
  }

  private Map<String, TablePlan> plans() {
    Map<String, TablePlan> plans = new HashMap<>();
    tables
        .byTopic()
        .forEach(
            (topic, table) ->
                plans.put(
                    topic,
                    new TablePlan(
                        table.columns(),
                        positionsByTopic.getOrDefault(topic, Map.of()),
                        workers.stoppedPartitions(topic))));
    workers
        .stopped()
        .keySet()
        .forEach(
            partition ->
                plans.computeIfAbsent(
                    partition.topic(),
                    topic ->
                        new TablePlan(
                            LakeSchema.EMPTY, Map.of(), workers.stoppedPartitions(topic))));
    return plans;
  }

  private void count(String topic, CommitTimes times) {
    synchronized (this) {
      committed.addAll(times);
      committedByTopic.merge(topic, times.changes(), Long::sum);
    }
  }

  /** Commits what a table's slices wrote; true if the batch must be read again from there. */
  private boolean apply(String topic, List<TrailSlice.Result> results) {
    Selection selection = select(topic, results);
    selection.left.forEach(file -> tables.delete(file.file().path()));
    if (selection.table != null && !selection.files.isEmpty()) {
      commit(topic, selection.table, selection);
      workers.checkpointWhenDue(selection.table);
      compactWhenDue(selection.table);
    }
    boolean again = !selection.left.isEmpty();
    for (TrailSlice.Result result : selection.whole) {
      count(topic, result.commitTimes());
      if (result.end() instanceof SliceEnd.Stopped stop) {
        workers.stop(result.partition(), stop.reason());
      } else if (result.end() instanceof SliceEnd.Clash clash) {
        workers.stop(result.partition(), clash.reason(LakeCatalog.Store.TRAIL));
      } else if (result.end() instanceof SliceEnd.NeedsWiderColumns needs) {
        if (selection.table != null) {
          selection.table.widen(needs.columns(), null);
        }
        again = true;
      }
    }
    return again;
  }

  /** The files that the table can take now, which have one key, and the rest. */
  private static final class Selection {
    private @Nullable LakeTable table;
    private @Nullable List<String> key;
    private LakeSchema columns = LakeSchema.EMPTY;
    private final List<TrailFile> files = new ArrayList<>();
    private final List<TrailFile> left = new ArrayList<>();
    private final List<TrailSlice.Result> whole = new ArrayList<>();
    private final Map<Integer, SinkPosition> ends = new HashMap<>();
  }

  private Selection select(String topic, List<TrailSlice.Result> results) {
    Selection selection = new Selection();
    selection.table = tables.get(topic);
    for (TrailSlice.Result result : results) {
      boolean fits = true;
      for (TrailFile file : result.files()) {
        TableSchema schema = SchemaJson.read(file.schema());
        if (selection.table == null) {
          selection.table = tables.of(topic, schema);
        }
        if (selection.key == null) {
          selection.key = schema.key();
        }
        if (selection.columns.columns().isEmpty()) {
          selection.columns = selection.table.columns();
        }
        fits =
            fits && selection.columns.reads(file.columns()) && schema.key().equals(selection.key);
        if (fits) {
          selection.columns = selection.columns.plus(file.columns());
          selection.files.add(file);
          selection.ends.put(result.partition().partition(), file.end());
        } else {
          selection.left.add(file);
        }
      }
      if (fits) {
        selection.whole.add(result);
      }
    }
    return selection;
  }

  private void commit(String topic, LakeTable table, Selection selection) {
    Map<String, Long> transactions = new HashMap<>();
    selection.ends.forEach(
        (partition, end) -> TrailPositions.write(transactions, topic, partition, end));
    TrailFile newest = selection.files.get(0);
    for (TrailFile file : selection.files) {
      newest = first(file).isAfter(first(newest)) ? file : newest;
    }
    TableSchema schema = SchemaJson.read(newest.schema());
    table.commit(
        new LakeTable.Commit(
            new LakeTable.Shape(topic, selection.columns, schema, first(newest)),
            selection.files.stream().map(TrailFile::file).toList(),
            transactions,
            null));
    Map<Integer, SinkPosition> positions =
        new HashMap<>(positionsByTopic.getOrDefault(topic, Map.of()));
    positions.putAll(selection.ends);
    positionsByTopic.put(topic, Map.copyOf(positions));
  }

  /** Appends and compaction do not get in each other's way, so batches need not wait for it. */
  private void compactWhenDue(LakeTable table) {
    if (compaction.isDue(table)) {
      workers.later("compaction", table.path(), () -> compaction.run(table.path(), null));
    }
  }

  private static Position first(TrailFile file) {
    return new Position(file.firstLsn(), file.firstOrdinal());
  }

  @Override
  public void completed(Cut cut) {
    cuts.completed(cut, tables.byTopic(), workers.stopped().keySet());
  }

  @Override
  public int generation() {
    return cuts.generation();
  }

  @Override
  public void beginAnew(Map<TopicPartition, Long> nextOffsets, int generation) {
    for (Map.Entry<TopicPartition, Long> next : nextOffsets.entrySet()) {
      TopicPartition partition = next.getKey();
      LakeTable table = Objects.requireNonNull(tables.get(partition.topic()));
      SinkPosition known = positionsByTopic.get(partition.topic()).get(partition.partition());
      Map<String, Long> transactions = new HashMap<>();
      TrailPositions.write(
          transactions,
          partition.topic(),
          partition.partition(),
          SinkPosition.of(known.position(), next.getValue()));
      table.commit(new LakeTable.Commit(table.shape(), List.of(), transactions, null));
    }
    quarantine.beginAnew(nextOffsets);
    cuts.generation(generation);
  }

  @Override
  public Map<TopicPartition, String> stopped() {
    return workers.stopped();
  }

  @Override
  public long quarantined() {
    return quarantine.count();
  }

  @Override
  public void close() {
    workers.close();
    cuts.close();
  }
}
