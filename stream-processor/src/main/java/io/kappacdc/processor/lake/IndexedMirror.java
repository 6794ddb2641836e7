package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import io.kappacdc.processor.lake.MirrorSlice.StagedFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * One mirror with its files and, once changes have met it, the index of its keys; both are of one
 * version of the table and are read anew when the table has another one. Used by one thread at a
 * time.
 */
final class IndexedMirror implements AutoCloseable {
  /** Files that a mirror gets by appending before somebody looks for what to fold. */
  private static final int FILES_PER_LOOK = 16;

  private static final StructType POSITION_COLUMNS =
      new StructType()
          .add(MetadataColumns.MIRROR.apply(MetadataColumns.LSN))
          .add(MetadataColumns.MIRROR.apply(MetadataColumns.ORDINAL));

  private final LakeTable table;
  private final ParquetFiles parquet;
  private final KeyIndexes indexes;
  private final MirrorScans scans;
  private long version = -1;
  private @Nullable MirrorFiles files;
  private @Nullable KeyIndex index;
  private long filesAtLastLook;

  IndexedMirror(LakeTable table, ParquetFiles parquet, KeyIndexes indexes) {
    this.table = table;
    this.parquet = parquet;
    this.indexes = indexes;
    this.scans = new MirrorScans(table.spark());
  }

  /** Whether the index is that of the table's version. */
  boolean isIndexed() {
    return index != null && version == table.version();
  }

  /** Forgets everything; the table knows it all. */
  void forget() {
    forgetIndex();
    files = null;
    version = -1;
  }

  /** Forgets the index alone. */
  void forgetIndex() {
    if (index != null) {
      indexes.closed(table.path());
      index.close();
      index = null;
    }
  }

  @Override
  public void close() {
    forget();
  }

  private MirrorFiles files() {
    if (version != table.version()) {
      forget();
    }
    if (files == null) {
      files = MirrorFiles.load(table);
      version = table.version();
      files.all().stream().filter(file -> file.rows() < 0).forEach(this::count);
    }
    return files;
  }

  private void count(MirrorFile file) {
    long rows = 0;
    Iterator<InternalRow> all = scans.of(POSITION_COLUMNS).rows(file.path(), file.sizeBytes());
    for (; all.hasNext(); all.next()) {
      rows++;
    }
    file.countedRows(rows);
  }

  /** Adds rows that no row of the mirror has the key of. */
  void append(LakeTable.Commit commit, List<StagedFile> staged) {
    boolean isKnown = files != null && version == table.version();
    long before = table.version();
    table.commit(commit);
    if (!isKnown || table.version() != before + 1) {
      forget();
      return;
    }
    version = table.version();
    for (StagedFile slice : staged) {
      if (slice.file() != null) {
        MirrorFile file = Objects.requireNonNull(files).add(slice.file());
        file.committed();
        if (index != null) {
          KeyedRows keys = keys(slice, commit.shape());
          index.put(keys, placesOf(keys, file.number()));
        }
      }
    }
  }

  private static long[] placesOf(KeyedRows keys, int file) {
    long[] places = new long[keys.size()];
    Arrays.setAll(
        places,
        i ->
            keys.kind(i) == KeyedRows.Kind.DELETED
                ? KeyIndex.NONE
                : KeyIndex.place(file, keys.row(i)));
    return places;
  }

  /**
   * Applies changes that may meet rows of the mirror, in one commit.
   *
   * @return paths of files that were written and are not needed
   */
  List<String> apply(LakeTable.Commit commit, MirrorWriter.Changes changes) {
    MirrorFiles all = files();
    if (changes.hasNewBarrier()) {
      raise(all, changes.barrier());
    }
    if (!changes.files().isEmpty()) {
      KeyIndex keys = index(all, changes.shape());
      Completions completions = new Completions(changes);
      List<long[]> formerPlaces = new ArrayList<>();
      for (StagedFile slice : changes.files()) {
        formerPlaces.add(formerPlaces(slice, all, keys));
      }
      List<SliceChanges> slices = new ArrayList<>();
      for (int i = 0; i < formerPlaces.size(); i++) {
        StagedFile slice = changes.files().get(i);
        SliceChanges next =
            new SliceChanges(slice, all, keys, completions, changes, formerPlaces.get(i));
        next.applyRows();
        slices.add(next);
      }
      // A key may be in two slices, and of a row that is deleted nothing tells when it was.
      slices.forEach(SliceChanges::applyDeletions);
      completions.run();
    }
    long before = table.version();
    table.replace(commit, all.replacement(Objects.requireNonNull(commit.userMetadata())));
    List<String> unused = all.committed();
    if (wentPast(before)) {
      return unused;
    }
    if (!changes.shape().schema().hasKey()) {
      // Further rows of a table without key are appended without a look.
      forgetIndex();
    }
    return unused;
  }

  /**
   * Plans the next fold of small files and of those with many dead rows.
   *
   * @return empty if none is due
   */
  Optional<Fold> planFold() {
    if (version != table.version() && table.fileCount() - filesAtLastLook < FILES_PER_LOOK) {
      return Optional.empty();
    }
    MirrorFiles all = files();
    filesAtLastLook = table.fileCount();
    List<MirrorFile> chosen = FoldPlan.next(all.all());
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    LakeSchema columns = table.columns();
    List<String> key = table.schema().orElseThrow().key();
    List<MirrorFold.Source> sources =
        chosen.stream()
            .map(
                file ->
                    new MirrorFold.Source(
                        file.number(), file.path(), file.sizeBytes(), file.deadRowsForTask()))
            .toList();
    return Optional.of(
        new Fold(
            all,
            chosen,
            new MirrorFold(
                sources,
                columns,
                key,
                table.path(),
                parquet,
                scans.of(MirrorFold.rowColumns(columns)))));
  }

  /** A fold, and the files it was planned on. */
  record Fold(MirrorFiles planned, List<MirrorFile> sources, MirrorFold work) {}

  /**
   * Puts a fold's file in the place of its sources. Rows that were replaced or removed while it was
   * written are dead in it.
   *
   * @return whether it could; if not, the mirror is as it was
   */
  boolean swap(Fold fold, MirrorFold.Result result, LakeTable.Commit commit) {
    MirrorFiles all = files;
    if (all == null
        || all != fold.planned()
        || version != table.version()
        || table.isOvertaken()
        || !fold.sources().stream().allMatch(file -> all.get(file.number()) == file)) {
      return false;
    }
    MirrorFile fresh = all.add(result.file());
    long[] origins = result.origins();
    for (int row = 0; row < origins.length; row++) {
      if (isDead(all, origins[row])) {
        fresh.kill(row);
      }
    }
    long before = table.version();
    table.replace(
        commit, all.folded(fold.sources(), fresh, Objects.requireNonNull(commit.userMetadata())));
    filesAtLastLook = table.fileCount();
    if (wentPast(before)) {
      return true;
    }
    if (index != null) {
      repoint(index, fresh, origins, result.keys());
    }
    all.remove(fold.sources());
    if (fresh.liveRows() == 0) {
      all.remove(List.of(fresh));
    }
    fresh.committed();
    return true;
  }

  /**
   * Forgets everything if the last commit went past another writer's, as one may that changes no
   * row: who knows what is in the table then.
   */
  private boolean wentPast(long before) {
    version = table.version();
    if (version == before + 1) {
      return false;
    }
    forget();
    return true;
  }

  private static boolean isDead(MirrorFiles all, long place) {
    return Objects.requireNonNull(all.get(KeyIndex.file(place))).isDead(KeyIndex.row(place));
  }

  private static void repoint(KeyIndex index, MirrorFile fresh, long[] origins, KeyedRows keys) {
    long[] places = index.find(keys);
    for (int i = 0; i < places.length; i++) {
      boolean isThere = places[i] == origins[keys.row(i)];
      if (isThere == fresh.isDead(keys.row(i))) {
        throw new IllegalStateException("The index of a mirror does not fit its files");
      }
      places[i] = isThere ? KeyIndex.place(fresh.number(), keys.row(i)) : KeyIndex.UNCHANGED;
    }
    index.put(keys, places);
  }

  /** Kills the rows before a barrier. */
  private void raise(MirrorFiles all, Position barrier) {
    for (MirrorFile file : all.all()) {
      if (file.lastLsn() < barrier.lsn()) {
        file.killAll();
      } else if (file.firstLsn() <= barrier.lsn()) {
        MirrorFiles.forEachLiveRow(
            file,
            scans.of(POSITION_COLUMNS),
            (row, values) -> {
              if (barrier.isAfter(KeyCodec.position(values, 0))) {
                file.kill(row);
              }
            });
      }
    }
    forgetIndex();
  }

  private KeyIndex index(MirrorFiles all, LakeTable.Shape shape) {
    KeyIndex known = index;
    if (known == null) {
      KeyCodec codec = KeyCodec.ofKeys(shape.columns(), shape.schema().key());
      long live = all.all().stream().mapToLong(MirrorFile::liveRows).sum();
      KeyIndexBuilder builder = new KeyIndexBuilder(all, codec, scans.of(codec.storedColumns()));
      known = indexes.open(table.path(), codec, live);
      index = known;
      if (!builder.fill(known, indexes::hasRoom)) {
        long filled = known.size();
        long filledBytes = known.heapBytes();
        forgetIndex();
        known = indexes.reopen(table.path(), live, filled, filledBytes);
        index = known;
        builder.fill(known, indexes::hasRoom);
      }
    }
    indexes.used(table.path());
    return known;
  }

  /** The keys of a slice, from its file if it did not bring them. */
  private KeyedRows keys(StagedFile slice, LakeTable.Shape shape) {
    if (slice.keys() != null) {
      return slice.keys();
    }
    DataFile file = Objects.requireNonNull(slice.file());
    KeyCodec codec = KeyCodec.ofKeys(shape.columns(), shape.schema().key());
    KeyedRows keys = new KeyedRows();
    Iterator<InternalRow> rows =
        scans.of(codec.storedColumns()).rows(file.path(), file.sizeBytes());
    for (int row = 0; rows.hasNext(); row++) {
      InternalRow values = rows.next();
      keys.add(
          Objects.requireNonNull(codec.read(values)),
          KeyedRows.Kind.WHOLE,
          row,
          codec.position(values));
    }
    return keys;
  }

  /**
   * Where the rows are, before any change of the batch, that changes of a slice took from their
   * former keys: in the order of {@link KeyedRows#formerKeys()}; {@link KeyIndex#NONE} for a row
   * that is not there, or is a later one.
   */
  private long[] formerPlaces(StagedFile slice, MirrorFiles all, KeyIndex keyIndex) {
    KeyedRows former = slice.keys() == null ? null : slice.keys().formerKeys();
    if (former == null) {
      return new long[0];
    }
    long[] places = keyIndex.find(former);
    Map<Integer, Map<Integer, Position>> known = positionsInDoubt(former, places, all);
    for (int i = 0; i < places.length; i++) {
      if (places[i] != KeyIndex.NONE && !isNewer(former.position(i), places[i], known)) {
        places[i] = KeyIndex.NONE;
      }
    }
    return places;
  }

  private static boolean isNewer(
      Position change, long place, Map<Integer, Map<Integer, Position>> known) {
    Map<Integer, Position> inDoubt = known.get(KeyIndex.file(place));
    Position present = inDoubt == null ? null : inDoubt.get(KeyIndex.row(place));
    return present == null || change.isAfter(present);
  }

  /**
   * The positions of rows that a change may be older than, by file and row; all other changes come
   * after every row of the file that has the key.
   */
  private Map<Integer, Map<Integer, Position>> positionsInDoubt(
      KeyedRows changes, long[] places, MirrorFiles all) {
    Map<Integer, Map<Integer, Position>> wanted = new HashMap<>();
    for (int i = 0; i < places.length; i++) {
      if (places[i] != KeyIndex.NONE
          && changes.lsn(i)
              <= Objects.requireNonNull(all.get(KeyIndex.file(places[i]))).lastLsn()) {
        wanted
            .computeIfAbsent(KeyIndex.file(places[i]), n -> new HashMap<>())
            .put(KeyIndex.row(places[i]), Position.ORIGIN);
      }
    }
    wanted.forEach(
        (number, rows) ->
            MirrorFiles.forEachLiveRow(
                Objects.requireNonNull(all.get(number)),
                scans.of(POSITION_COLUMNS),
                (row, values) -> rows.replace(row, KeyCodec.position(values, 0))));
    return wanted;
  }

  /** What the changes of one slice do to files and index. */
  private final class SliceChanges {
    private final StagedFile slice;
    private final MirrorFiles all;
    private final KeyIndex keyIndex;
    private final Completions completions;
    private final Position barrier;
    private final KeyedRows keys;
    private final @Nullable MirrorFile fresh;
    private final long[] old;

    /** The rows that partial changes complete: those they replace, or those of former keys. */
    private final long[] sources;

    private final long[] next;

    SliceChanges(
        StagedFile slice,
        MirrorFiles all,
        KeyIndex keyIndex,
        Completions completions,
        MirrorWriter.Changes changes,
        long[] formerPlaces) {
      this.slice = slice;
      this.all = all;
      this.keyIndex = keyIndex;
      this.completions = completions;
      this.barrier = changes.barrier();
      this.keys = keys(slice, changes.shape());
      this.fresh = slice.file() == null ? null : all.add(slice.file());
      this.old = keyIndex.find(keys);
      this.sources = old.clone();
      for (int i = 0; i < formerPlaces.length; i++) {
        sources[Objects.requireNonNull(keys.formerKeys()).row(i)] = formerPlaces[i];
      }
      this.next = new long[keys.size()];
      Arrays.fill(next, KeyIndex.UNCHANGED);
    }

    /** Applies all but the deletions. */
    void applyRows() {
      completions.provide(old);
      Map<Integer, Map<Integer, Position>> known = positionsInDoubt(keys, old, all);
      List<Integer> partial = new ArrayList<>();
      for (int i = 0; i < next.length; i++) {
        if (keys.kind(i) == KeyedRows.Kind.DELETED) {
          continue;
        }
        boolean isApplied =
            !barrier.isAfter(keys.position(i))
                && (old[i] == KeyIndex.NONE || isNewer(keys.position(i), old[i], known));
        if (keys.kind(i) == KeyedRows.Kind.WHOLE) {
          if (isApplied) {
            next[i] = KeyIndex.place(Objects.requireNonNull(fresh).number(), keys.row(i));
          } else {
            Objects.requireNonNull(fresh).kill(keys.row(i));
          }
        } else if (isApplied) {
          if (sources[i] == KeyIndex.NONE) {
            throw new MirrorWriter.MissingRowException();
          }
          partial.add(i);
        }
        if (isApplied && old[i] != KeyIndex.NONE) {
          file(old[i]).kill(KeyIndex.row(old[i]));
        }
      }
      if (!partial.isEmpty()) {
        complete(partial);
      }
      keyIndex.put(keys, next);
    }

    /** Deletes what is older, also rows that other slices have brought. */
    void applyDeletions() {
      KeyedRows deleted = keys.deleted();
      if (deleted.size() == 0) {
        return;
      }
      long[] places = keyIndex.find(deleted);
      completions.provide(places);
      Map<Integer, Map<Integer, Position>> known = positionsInDoubt(deleted, places, all);
      for (int i = 0; i < places.length; i++) {
        boolean isApplied =
            places[i] != KeyIndex.NONE
                && !barrier.isAfter(deleted.position(i))
                && isNewer(deleted.position(i), places[i], known);
        if (isApplied) {
          file(places[i]).kill(KeyIndex.row(places[i]));
        }
        places[i] = isApplied ? KeyIndex.NONE : KeyIndex.UNCHANGED;
      }
      keyIndex.put(deleted, places);
    }

    private MirrorFile file(long place) {
      return Objects.requireNonNull(all.get(KeyIndex.file(place)));
    }

    /** The completed rows stand in their file in the order of the rows that they complete. */
    private void complete(List<Integer> partial) {
      partial.sort((a, b) -> Long.compareUnsigned(sources[a], sources[b]));
      Map<Integer, RowCompletion.Base> bases = new TreeMap<>();
      int number = all.reserve();
      for (int row = 0; row < partial.size(); row++) {
        int i = partial.get(row);
        MirrorFile base = file(sources[i]);
        bases
            .computeIfAbsent(
                base.number(),
                n -> new RowCompletion.Base(base.path(), base.sizeBytes(), new ArrayList<>()))
            .pairs()
            .add(new RowCompletion.Pair(KeyIndex.row(sources[i]), keys.row(i)));
        next[i] = KeyIndex.place(number, row);
      }
      completions.add(number, slice, new ArrayList<>(bases.values()));
    }
  }

  /** Rows to be completed by tasks, before the commit or as soon as a later slice needs them. */
  private final class Completions {
    private final MirrorWriter.Changes changes;
    private final Map<Integer, RowCompletion> waiting = new TreeMap<>();

    Completions(MirrorWriter.Changes changes) {
      this.changes = changes;
    }

    void add(int number, StagedFile slice, List<RowCompletion.Base> bases) {
      LakeSchema columns = changes.shape().columns();
      waiting.put(
          number,
          new RowCompletion(
              Objects.requireNonNull(slice.partial()),
              bases,
              columns,
              changes.shape().schema().key(),
              table.path(),
              parquet,
              scans.of(RowCompletion.partialColumns(columns)),
              scans.of(RowCompletion.baseColumns(columns, slice.missing()))));
    }

    /** Sees to it that the files of these places exist. */
    void provide(long[] places) {
      for (long place : places) {
        if (place != KeyIndex.NONE && waiting.containsKey(KeyIndex.file(place))) {
          run();
        }
      }
    }

    void run() {
      if (waiting.isEmpty()) {
        return;
      }
      List<Integer> numbers = List.copyOf(waiting.keySet());
      List<DataFile> written =
          JavaSparkContext.fromSparkContext(table.spark().sparkContext())
              .parallelize(new ArrayList<>(waiting.values()), waiting.size())
              .map(RowCompletion::run)
              .collect();
      for (int i = 0; i < numbers.size(); i++) {
        Objects.requireNonNull(files).add(numbers.get(i), written.get(i));
      }
      waiting.clear();
    }
  }
}
