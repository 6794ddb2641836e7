package io.kappacdc.processor.lake;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.lake.MirrorSlice.Plan;
import io.kappacdc.processor.lake.MirrorSlice.Result;
import io.kappacdc.processor.lake.MirrorSlice.StagedFile;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** The Delta mirror: each table's current rows, a commit a table and batch. */
public final class DeltaMirrorSink implements Sink {
  static final String NAME = "delta-mirror";

  /** Each round commits at least one schema more of a table, so no real batch comes near this. */
  private static final int ROUNDS_MAX = 1000;

  private static final Duration CUT_INTERVAL = Duration.ofSeconds(1);

  private final LakeTables tables;
  private final SchemaSource schemas;
  private final ParquetFiles parquet;
  private final MirrorWriter writer;
  private final CutLog cuts;
  private final Quarantine quarantine;
  private final MirrorVacuum vacuum;

  /** Of the batch at hand; tables add to it side by side. */
  private CommitTimes committed = new CommitTimes();

  private Map<String, Long> committedByTopic = new HashMap<>();

  /** Topics of the batch at hand of which several partitions have the same key. */
  private final Set<String> meeting = ConcurrentHashMap.newKeySet();

  private final TableWorkers workers = new TableWorkers(NAME);
  private final Map<String, MirrorState> states = new ConcurrentHashMap<>();

  /**
   * @param spark a session made with {@link LakeSession#configure}
   * @param lakePath the lake's root
   * @param schemas where tasks find the schemas of events
   */
  public DeltaMirrorSink(SparkSession spark, String lakePath, SchemaSource schemas) {
    this(spark, lakePath, schemas, MirrorSettings.of(MirrorSettings.Writer.INDEX));
  }

  /** As above, with other settings than the default ones. */
  DeltaMirrorSink(
      SparkSession spark, String lakePath, SchemaSource schemas, MirrorSettings settings) {
    this(spark, lakePath, schemas, settings, CUT_INTERVAL);
  }

  /**
   * @param spark a session made with {@link LakeSession#configure}
   * @param lakePath the lake's root
   * @param schemas where tasks find the schemas of events
   * @param settings how rows are written
   * @param cutInterval how often a moment of the source is recorded at most; zero for each
   */
  public DeltaMirrorSink(
      SparkSession spark,
      String lakePath,
      SchemaSource schemas,
      MirrorSettings settings,
      Duration cutInterval) {
    this.tables = LakeTables.mirrors(spark, LakePaths.mirror(lakePath), settings.history());
    this.vacuum = new MirrorVacuum(spark, settings.history(), Clock.systemUTC());
    this.schemas = schemas;
    this.parquet = ParquetFiles.ofBatches(spark);
    this.cuts = new CutLog(spark, lakePath, NAME, cutInterval, Clock.systemUTC());
    this.quarantine = new Quarantine(spark, lakePath, NAME, parquet);
    this.writer = settings.open(spark, ParquetFiles.create(spark));
    readStates();
    tables.byTopic().values().forEach(table -> tables.delete(LakePaths.staging(table.path())));
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
    readStates();
    workers.goOn();
    Map<TopicPartition, SinkPosition> positions = new HashMap<>();
    states.forEach(
        (topic, state) ->
            state
                .positions()
                .forEach(
                    (partition, position) ->
                        positions.put(new TopicPartition(topic, partition), position)));
    return positions;
  }

  private void readStates() {
    tables.refresh();
    states.clear();
    tables
        .byTopic()
        .forEach(
            (topic, table) ->
                states.put(
                    topic,
                    table
                        .newestUserMetadata(text -> MirrorState.read(text, topic))
                        .orElseGet(() -> unknown(table, topic))));
  }

  /** Positions are lost with the commit that held them; the number of commits is not. */
  private static MirrorState unknown(LakeTable table, String topic) {
    long commit = table.transactions().getOrDefault(MergeMirrorWriter.fence(topic), 0L);
    return new MirrorState(Map.of(), Position.ORIGIN, commit);
  }

  @Override
  public BatchOutcome write(ChangeBatch batch) {
    committed = new CommitTimes();
    committedByTopic = new HashMap<>();
    meeting.clear();
    try {
      int rounds = 0;
      boolean again = true;
      while (again) {
        if (++rounds > ROUNDS_MAX) {
          throw new IllegalStateException("Batch " + batch.batchId() + " makes no progress");
        }
        List<Result> results = read(batch);
        again = workers.apply(results, result -> result.partition().topic(), this::apply);
      }
      maintain();
      return new BatchOutcome(committed.changes(), committedByTopic, committed);
    } catch (Throwable e) { // Delta throws checked exceptions, too.
      quarantine.refresh();
      readStates();
      throw e;
    }
  }

  /** What the batch comes to: at one look, but for tables that need more. */
  private List<Result> read(ChangeBatch batch) {
    Map<String, Plan> plans = plans();
    Plan planOfNew = Plan.ofNew(writer.form(null));
    List<Result> results = read(batch, plans, null);
    KeyChanges keyChanges = KeyChanges.in(results, topic -> plans.getOrDefault(topic, planOfNew));
    if (keyChanges.isEmpty()) {
      return results;
    }
    List<Result> all = new ArrayList<>();
    for (Result result : results) {
      if (!keyChanges.concern(result)) {
        all.add(result);
      } else {
        deleteFiles(result);
      }
    }
    Map<String, FormerRows.Files> formerRows =
        keyChanges.found(
            batch.forEachSlice(
                new FormerRowsTask(keyChanges.wanted(), tables.root(), schemas, parquet)));
    try {
      read(batch, plans, formerRows).stream().filter(keyChanges::concern).forEach(all::add);
    } finally {
      formerRows.values().forEach(files -> files.paths().forEach(tables::delete));
    }
    return all;
  }

  private List<Result> read(
      ChangeBatch batch,
      Map<String, Plan> plans,
      @Nullable Map<String, FormerRows.Files> formerRows) {
    List<Result> results =
        batch.forEachSlice(
            new MirrorSlice(
                plans,
                Plan.ofNew(writer.form(null)),
                formerRows,
                tables.root(),
                schemas,
                parquet,
                quarantine.forTasks()));
    quarantine.commit(results.stream().map(Result::unreadable).filter(Objects::nonNull).toList());
    return results;
  }

  /** Also tables that this batch left alone. */
  private void maintain() {
    tables
        .byTopic()
        .forEach(
            (topic, table) -> {
              if (writer.isDue(table)) {
                writer.maintain(table, states.getOrDefault(topic, MirrorState.UNKNOWN));
              }
            });
    writer.rest();
  }

  private Map<String, Plan> plans() {
    Map<String, Plan> plans = new HashMap<>();
    tables.byTopic().forEach((topic, table) -> plans.put(topic, plan(topic, table)));
    for (TopicPartition partition : workers.stopped().keySet()) {
      plans.computeIfAbsent(partition.topic(), this::planOfNone);
    }
    meeting.forEach(topic -> plans.computeIfAbsent(topic, this::planOfNone));
    return plans;
  }

  private Plan plan(String topic, LakeTable table) {
    MirrorState state = states.getOrDefault(topic, MirrorState.UNKNOWN);
    return new Plan(
        new TablePlan(table.columns(), state.positions(), workers.stoppedPartitions(topic)),
        writer.form(table),
        table.schema().map(schema -> new ArrayList<>(schema.key())).orElse(null),
        state.barrier().lsn(),
        state.barrier().ordinal(),
        state.snapshotLsns(),
        table.isEmpty() && !meeting.contains(topic),
        table.isEmpty() || !state.partitions().isEmpty());
  }

  /** For a topic that has no mirror yet. */
  private Plan planOfNone(String topic) {
    return new Plan(
        new TablePlan(LakeSchema.EMPTY, Map.of(), workers.stoppedPartitions(topic)),
        writer.form(null),
        null,
        0,
        0,
        new HashMap<>(),
        !meeting.contains(topic),
        true);
  }

  private void count(String topic, CommitTimes times) {
    synchronized (this) {
      committed.addAll(times);
      committedByTopic.merge(topic, times.changes(), Long::sum);
    }
  }

  /** Commits what a table's slices came to; true if the batch must be read again from there. */
  private boolean apply(String topic, List<Result> results) {
    LakeTable table = tables.get(topic);
    if (!meeting.contains(topic) && keysMeet(table, results)) {
      meeting.add(topic);
      results.forEach(this::deleteFiles);
      return true;
    }
    List<Result> taken = new ArrayList<>();
    boolean again = false;
    LakeSchema columns = table == null ? LakeSchema.EMPTY : table.columns();
    for (Result result : results) {
      if (result.schema() != null) {
        if (!columns.reads(result.columns())) {
          again = true;
          deleteFiles(result);
          continue;
        }
        columns = columns.plus(result.columns());
      }
      taken.add(result);
    }
    List<Result> fresh = taken.stream().filter(result -> result.schema() != null).toList();
    if (!fresh.isEmpty()) {
      table = table == null ? tables.of(topic, schema(fresh.get(0))) : table;
      again |= commit(topic, table, columns, fresh);
    }
    SliceEnd.BegunAnew begunAnew = null;
    for (Result result : taken) {
      count(topic, result.commitTimes());
      if (result.end() instanceof SliceEnd.BegunAnew found) {
        begunAnew = later(begunAnew, found);
      } else {
        again |= end(topic, table, result);
      }
    }
    if (begunAnew != null && table != null) {
      beginAnew(topic, table, begunAnew);
      again = true;
    }
    return again;
  }

  private void deleteFiles(Result result) {
    if (result.file() != null) {
      result.file().allPaths().forEach(tables::delete);
    }
  }

  /**
   * Whether rows that could be added to an empty mirror have a key in common, or may have one with
   * changes that are staged without telling theirs.
   */
  private static boolean keysMeet(@Nullable LakeTable table, List<Result> results) {
    if (table != null && !table.isEmpty()) {
      return false;
    }
    List<KeyedRows> slices = new ArrayList<>();
    boolean hasStaged = false;
    for (Result result : results) {
      StagedFile file = result.file();
      if (file != null && file.isAppendable() && file.keys() != null) {
        slices.add(file.keys());
      }
      hasStaged |= file != null && file.isForMerge();
    }
    return hasStaged && !slices.isEmpty() || slices.size() > 1 && KeyedRows.meet(slices);
  }

  private static SliceEnd.BegunAnew later(
      SliceEnd.@Nullable BegunAnew known, SliceEnd.BegunAnew found) {
    return known == null || found.position().isAfter(known.position()) ? found : known;
  }

  /**
   * Empties the mirror as of a truncate and gives it the key that the table has there. All that
   * came before in the stream is over with it.
   */
  private void beginAnew(String topic, LakeTable table, SliceEnd.BegunAnew found) {
    MirrorState before = states.getOrDefault(topic, MirrorState.UNKNOWN);
    TableSchema schema = SchemaJson.read(found.schema());
    LakeTable.Shape shape = new LakeTable.Shape(topic, table.columns(), schema, found.position());
    boolean hasRows = !table.isEmpty();
    MirrorState after = before.next(Map.of(), found.position());
    states.put(
        topic,
        writer.apply(
            table, new MirrorWriter.Changes(shape, List.of(), !hasRows, hasRows, before, after)));
    workers.goOn(topic);
  }

  private static TableSchema schema(Result result) {
    return SchemaJson.read(Objects.requireNonNull(result.schema()));
  }

  private boolean commit(String topic, LakeTable table, LakeSchema columns, List<Result> results) {
    MirrorState before = states.getOrDefault(topic, MirrorState.UNKNOWN);
    MirrorWriter.Changes changes = changes(topic, table, columns, before, results);
    try {
      states.put(topic, writer.apply(table, changes));
      workers.checkpointWhenDue(table);
      writer.maintain(table, states.getOrDefault(topic, before));
      if (vacuum.isDue(table)) {
        workers.later("vacuum", table.path(), () -> vacuum.run(table.path()));
      }
      return false;
    } catch (MirrorWriter.MissingRowException e) {
      for (Result result : results) {
        if (result.file() != null && result.file().hasPartialRows()) {
          workers.stop(
              result.partition(),
              "An update of "
                  + changes.shape().schema().qualifiedName()
                  + " after "
                  + before.positions().get(result.partition().partition())
                  + " lacks values that PostgreSQL did not send, and the mirror has no such row."
                  + " Rebuild the table with "
                  + KeyReducer.rebuild(changes.shape().schema())
                  + '.');
        }
      }
      table.refresh();
      states.put(
          topic, table.newestUserMetadata(text -> MirrorState.read(text, topic)).orElse(before));
      changes.files().forEach(file -> file.allPaths().forEach(tables::delete));
      return true;
    } finally {
      // Of a commit that failed, nobody knows here whether it stands: its rows stay for VACUUM.
      changes.files().forEach(file -> file.temporaryPaths().forEach(tables::delete));
    }
  }

  private static MirrorWriter.Changes changes(
      String topic, LakeTable table, LakeSchema columns, MirrorState before, List<Result> results) {
    Position barrier = before.barrier();
    Result newest = results.get(0);
    List<StagedFile> files = new ArrayList<>();
    Map<Integer, MirrorState.Partition> moved = new HashMap<>();
    for (Result result : results) {
      barrier = result.barrier().isAfter(barrier) ? result.barrier() : barrier;
      newest = reached(result).position().isAfter(reached(newest).position()) ? result : newest;
      if (result.file() != null) {
        files.add(result.file());
      }
      int partition = result.partition().partition();
      MirrorState.Partition known = before.partitions().get(partition);
      Long snapshot = known == null ? result.startedBySnapshot() : known.snapshotLsn();
      moved.put(partition, new MirrorState.Partition(reached(result), snapshot));
    }
    boolean hasNewBarrier = barrier.isAfter(before.barrier()) && !table.isEmpty();
    Position last = barrier;
    boolean canAppend =
        !hasNewBarrier
            && files.stream().allMatch(file -> file.isAppendable() && file.first().isAfter(last));
    return new MirrorWriter.Changes(
        new LakeTable.Shape(topic, columns, schema(newest), reached(newest).position()),
        files,
        canAppend,
        hasNewBarrier,
        before,
        before.next(moved, barrier));
  }

  private static SinkPosition reached(Result result) {
    return Objects.requireNonNull(result.reached());
  }

  private boolean end(String topic, @Nullable LakeTable table, Result result) {
    if (result.end() instanceof SliceEnd.Stopped stop) {
      workers.stop(result.partition(), stop.reason());
    } else if (result.end() instanceof SliceEnd.Clash clash) {
      workers.stop(result.partition(), clash.reason(LakeCatalog.Store.MIRROR));
    } else if (result.end() instanceof SliceEnd.NeedsWiderColumns needs) {
      if (table != null) {
        MirrorState state = states.getOrDefault(topic, MirrorState.UNKNOWN);
        table.widen(needs.columns(), state.write(topic));
      }
      return true;
    }
    return result.end() instanceof SliceEnd.Full;
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
      String topic = next.getKey().topic();
      LakeTable table = Objects.requireNonNull(tables.get(topic));
      MirrorState before = states.getOrDefault(topic, MirrorState.UNKNOWN);
      MirrorState.Partition known = before.partitions().get(next.getKey().partition());
      MirrorState.Partition moved =
          new MirrorState.Partition(
              SinkPosition.of(known.position().position(), next.getValue()), known.snapshotLsn());
      MirrorState after = before.next(Map.of(next.getKey().partition(), moved), before.barrier());
      states.put(
          topic,
          writer.apply(
              table,
              new MirrorWriter.Changes(table.shape(), List.of(), true, false, before, after)));
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
    writer.close();
    cuts.close();
  }
}
