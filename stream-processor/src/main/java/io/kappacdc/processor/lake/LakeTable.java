package io.kappacdc.processor.lake;

import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.TruncationGranularity;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.Format;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.delta.actions.SetTransaction;
import org.apache.spark.sql.delta.commands.DeletionVectorUtils$;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * One Delta table of the lake as of one version, and commits on top of exactly that version's
 * positions. Driver only; used by one thread at a time.
 */
final class LakeTable {
  private static final String TOPIC = "kappa.topic";
  private static final String SCHEMA = "kappa.schema";
  private static final String SCHEMA_POSITION = "kappa.schema.position";
  private static final String REKEYED = "kappa.rekeyed";
  private static final String FILE_RETENTION = "delta.deletedFileRetentionDuration";

  /** What trail and mirror tables have different. */
  enum Kind {
    TRAIL(MetadataColumns.TRAIL, MetadataColumns.NONE),
    MIRROR(MetadataColumns.NONE, MetadataColumns.MIRROR);

    private final StructType first;
    private final StructType last;

    Kind(StructType first, StructType last) {
      this.first = first;
      this.last = last;
    }
  }

  /**
   * The shape that a table is to have.
   *
   * @param topic the table's topic
   * @param columns all its columns
   * @param schema the newest source schema
   * @param seenAt where the stream first had that schema
   */
  record Shape(String topic, LakeSchema columns, TableSchema schema, Position seenAt) {}

  /**
   * What to commit.
   *
   * @param shape the table's shape afterwards
   * @param files rows to add
   * @param transactions Delta transaction identifiers to set; a concurrent commit of one of them
   *     makes this one fail
   * @param userMetadata text to record with the commit
   */
  record Commit(
      Shape shape,
      List<DataFile> files,
      Map<String, Long> transactions,
      @Nullable String userMetadata) {}

  private final SparkSession spark;
  private final Kind kind;
  private final String path;
  private final @Nullable Duration history;
  private final DeltaLog log;
  private final FileSystem logFiles;
  private Snapshot snapshot;

  /** Version of the newest checkpoint that this object wrote; -1 for none, as Delta has it. */
  private volatile long checkpointed = -1;

  private LakeTable(SparkSession spark, Kind kind, String path, @Nullable Duration history) {
    this.history = history;
    this.spark = spark;
    this.kind = kind;
    this.path = path;
    this.log = DeltaLog.forTable(spark, path);
    try {
      this.logFiles = log.logPath().getFileSystem(spark.sessionState().newHadoopConf());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.snapshot = latest();
  }

  /** The same table, fixed at another's version. */
  private LakeTable(LakeTable other) {
    this.history = null;
    this.spark = other.spark;
    this.kind = other.kind;
    this.path = other.path;
    this.log = other.log;
    this.logFiles = other.logFiles;
    this.snapshot = other.snapshot;
  }

  /** This version of the table, to read from; what is done with this object does not move it. */
  LakeTable pinned() {
    return new LakeTable(this);
  }

  Kind kind() {
    return kind;
  }

  static LakeTable open(SparkSession spark, Kind kind, String path) {
    return new LakeTable(spark, kind, path, null);
  }

  /**
   * Opens a mirror to write to it.
   *
   * @param history how long its replaced versions are kept
   */
  static LakeTable openMirror(SparkSession spark, String path, Duration history) {
    return new LakeTable(spark, Kind.MIRROR, path, history);
  }

  private Snapshot latest() {
    // Whatever thread this is: without its checksum, a version's state takes a Spark job.
    SparkSession.setActiveSession(spark);
    return log.update(false, Option.empty(), Option.empty());
  }

  /** Looks for newer versions; true if there was one. */
  boolean refresh() {
    Snapshot newest = latest();
    boolean isNewer = newest.version() != snapshot.version();
    snapshot = newest;
    return isNewer;
  }

  /**
   * Goes on to the newest version that a commit of this process has made, without listing the log.
   *
   * @return false if there are newer ones, or if the table does not exist yet
   */
  boolean catchUp() {
    Snapshot newest = log.unsafeVolatileSnapshot();
    if (newest.version() > snapshot.version()) {
      snapshot = newest;
    }
    return exists() && !isOvertaken();
  }

  String path() {
    return path;
  }

  SparkSession spark() {
    return spark;
  }

  long version() {
    return snapshot.version();
  }

  boolean exists() {
    return snapshot.version() >= 0;
  }

  /** Whether the table is known to have no rows. */
  boolean isEmpty() {
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    return !exists() || checksum.isDefined() && checksum.get().numFiles() == 0;
  }

  long fileCount() {
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    return checksum.isDefined() ? checksum.get().numFiles() : snapshot.numOfFiles();
  }

  LakeSchema columns() {
    return exists() ? LakeSchema.of(snapshot.metadata().schema()) : LakeSchema.EMPTY;
  }

  /** The newest source schema; empty if the table does not exist or is not ours. */
  Optional<TableSchema> schema() {
    return property(SCHEMA).map(json -> SchemaJson.read(json.getBytes(StandardCharsets.UTF_8)));
  }

  Optional<String> topic() {
    return property(TOPIC);
  }

  /** Whether a trail has changes with different keys. */
  boolean isRekeyed() {
    return property(REKEYED).isPresent();
  }

  private Optional<String> property(String name) {
    Option<String> value = snapshot.metadata().configuration().get(name);
    return value.isDefined() ? Optional.of(value.get()) : Optional.empty();
  }

  private Position schemaSeenAt() {
    return property(SCHEMA_POSITION).map(LakeTable::parsePosition).orElse(Position.ORIGIN);
  }

  private static Position parsePosition(String text) {
    int colon = text.indexOf(':');
    return new Position(
        Lsn.parse(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
  }

  /** Delta transaction identifiers of the table with their versions. */
  Map<String, Long> transactions() {
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    Map<String, Long> versions = new HashMap<>();
    if (exists()) {
      List<SetTransaction> all =
          checksum.isDefined() && checksum.get().setTransactions().isDefined()
              ? Scala.list(checksum.get().setTransactions().get())
              : Scala.list(snapshot.setTransactions());
      all.forEach(transaction -> versions.put(transaction.appId(), transaction.version()));
    }
    return versions;
  }

  /**
   * Commits on top of this version; other writers' commits since then are no obstacle unless they
   * set one of the same transaction identifiers.
   *
   * @throws java.util.ConcurrentModificationException if another writer moved the same positions
   */
  void commit(Commit commit) {
    SparkSession.setActiveSession(spark);
    OptimisticTransaction transaction = begin();
    commit.transactions().keySet().forEach(id -> transaction.readTxn().$plus$eq(id));
    updateShape(transaction, commit.shape());
    List<Action> actions = new ArrayList<>();
    commit.files().forEach(file -> actions.add(addFile(file)));
    actions.addAll(actions(commit.transactions()));
    finish(transaction, actions, SaveMode.Append, commit.userMetadata());
  }

  /**
   * Files of a commit that replaces some.
   *
   * @param removed files, or versions of files, that are no more in the table
   * @param added new files, and new versions of files that stay
   * @param operation what the table's history calls it
   */
  record Replacement(
      List<RemoveFile> removed, List<AddFile> added, DeltaOperations.Operation operation) {}

  /**
   * Commits on top of this version and no other; only a commit that changes no rows may go past one
   * that adds some.
   *
   * @throws java.util.ConcurrentModificationException if another writer changed rows since this
   *     version
   */
  void replace(Commit commit, Replacement replacement) {
    SparkSession.setActiveSession(spark);
    OptimisticTransaction transaction = begin();
    transaction.readWholeTable();
    commit.transactions().keySet().forEach(id -> transaction.readTxn().$plus$eq(id));
    updateShape(transaction, commit.shape());
    List<Action> actions = new ArrayList<>(replacement.removed());
    actions.addAll(replacement.added());
    actions.addAll(actions(commit.transactions()));
    long version = transaction.commit(Scala.seq(actions), replacement.operation());
    committed(version);
  }

  /** Whether another writer has committed since this version. */
  boolean isOvertaken() {
    try {
      return logFiles.exists(new Path(log.logPath(), commitName(snapshot.version() + 1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether deletion vectors may be written. */
  boolean takesDeletionVectors() {
    return exists()
        && snapshot.metadata().partitionColumns().isEmpty()
        && DeletionVectorUtils$.MODULE$.deletionVectorsWritable(
            snapshot.protocol(), snapshot.metadata());
  }

  /** The files of this version; reads the table's whole state. */
  List<AddFile> files() {
    SparkSession.setActiveSession(spark);
    return exists() ? LogReplay.files(spark, snapshot) : List.of();
  }

  /**
   * The rows of this version. (By time travel, every query would list the log and rebuild the
   * table's state.)
   *
   * @param files the files of this version
   */
  Dataset<Row> rows(List<AddFile> files) {
    SparkSession.setActiveSession(spark);
    return log.createDataFrame(snapshot, Scala.seq(files), false, Option.empty());
  }

  private static String commitName(long version) {
    return String.format(Locale.ROOT, "%020d.json", version);
  }

  private static List<Action> actions(Map<String, Long> transactions) {
    List<Action> actions = new ArrayList<>();
    transactions.forEach(
        (id, version) -> actions.add(new SetTransaction(id, version, Option.empty())));
    return actions;
  }

  /**
   * Commits to a table that is no source table's, and makes it if it does not exist.
   *
   * @param fields its columns
   * @param orderedBy the column, of longs, whose bounds the files know
   * @param files rows to add
   * @throws java.util.ConcurrentModificationException if another writer set one of the same
   *     transaction identifiers, or made the table
   */
  void append(
      StructType fields, String orderedBy, List<DataFile> files, Map<String, Long> transactions) {
    SparkSession.setActiveSession(spark);
    OptimisticTransaction transaction = begin();
    transactions.keySet().forEach(id -> transaction.readTxn().$plus$eq(id));
    if (!exists()) {
      transaction.updateMetadata(
          metadata(snapshot.metadata(), fields, LakeSession.logProperties()), false);
    }
    List<Action> actions = actions(transactions);
    files.forEach(file -> actions.add(addFile(file, orderedBy)));
    finish(transaction, actions, SaveMode.Append, null);
  }

  private OptimisticTransaction begin() {
    if (!exists()) {
      log.createLogDirectoriesIfNotExists();
    }
    return log.startTransaction(Option.empty(), Option.apply(snapshot));
  }

  private void finish(
      OptimisticTransaction transaction,
      List<? extends Action> actions,
      SaveMode mode,
      @Nullable String userMetadata) {
    long version =
        transaction.commit(
            Scala.seq(actions),
            new DeltaOperations.Write(
                mode, Option.empty(), Option.empty(), Option.apply(userMetadata)));
    committed(version);
  }

  private void committed(long version) {
    Snapshot after = log.unsafeVolatileSnapshot();
    snapshot = after.version() == version ? after : latest();
  }

  /** A file of a source table's rows. */
  static AddFile addFile(DataFile file) {
    return addFile(file, MetadataColumns.LSN);
  }

  private static AddFile addFile(DataFile file, String lsnColumn) {
    return new AddFile(
        file.name(),
        Scala.map(Map.of()),
        file.sizeBytes(),
        file.modifiedMillis(),
        true,
        file.statistics(lsnColumn),
        null,
        null,
        Option.empty(),
        Option.empty(),
        Option.empty());
  }

  /** The shape that this version has. */
  Shape shape() {
    return new Shape(topic().orElseThrow(), columns(), schema().orElseThrow(), schemaSeenAt());
  }

  /** Whether the table has this shape already. */
  boolean hasShape(Shape shape) {
    return exists() && !isNewSchema(shape) && columns().equals(shape.columns());
  }

  private boolean isNewSchema(Shape shape) {
    return !exists()
        || shape.seenAt().isAfter(schemaSeenAt())
            && !schema().map(shape.schema()::equals).orElse(false);
  }

  private void updateShape(OptimisticTransaction transaction, Shape shape) {
    Metadata old = snapshot.metadata();
    Map<String, String> properties = new HashMap<>(Scala.javaMap(old.configuration()));
    if (!exists()) {
      properties.putAll(LakeSession.tableProperties(kind, shape));
    }
    if (history != null) {
      properties.put(FILE_RETENTION, "interval " + history.toSeconds() + " seconds");
    }
    if (kind == Kind.TRAIL
        && schema().filter(known -> !known.key().equals(shape.schema().key())).isPresent()) {
      properties.put(REKEYED, "true");
    }
    if (hasShape(shape) && properties.equals(Scala.javaMap(old.configuration()))) {
      return;
    }
    if (isNewSchema(shape)) {
      properties.put(TOPIC, shape.topic());
      properties.put(SCHEMA, new String(SchemaJson.write(shape.schema()), StandardCharsets.UTF_8));
      properties.put(SCHEMA_POSITION, shape.seenAt().toString());
    }
    StructType fields =
        shape.columns().toTable(exists() ? old.schema() : null, kind.first, kind.last);
    transaction.updateMetadata(metadata(old, fields, properties), false);
  }

  private Metadata metadata(Metadata old, StructType fields, Map<String, String> properties) {
    return new Metadata(
        exists() ? old.id() : UUID.randomUUID().toString(),
        old.name(),
        old.description(),
        exists() ? old.format() : new Format("parquet", Scala.map(Map.of())),
        fields.json(),
        Scala.seq(List.of()),
        Scala.map(properties),
        exists() ? old.createdTime() : Option.apply((Object) System.currentTimeMillis()));
  }

  /**
   * Rewrites the table with wider column types, in one commit that keeps its positions. Costs as
   * much as the table is large, once for each such change at the source.
   */
  void widen(LakeSchema wider, @Nullable String userMetadata) {
    LakeSchema existing = columns();
    LakeSchema target = existing.widenedBy(wider);
    if (target.equals(existing)) {
      return;
    }
    SparkSession.setActiveSession(spark);
    OptimisticTransaction transaction = begin();
    Metadata old = snapshot.metadata();
    List<Action> actions = new ArrayList<>();
    long now = System.currentTimeMillis();
    Scala.list(transaction.filterFiles())
        .forEach(file -> actions.add(file.removeWithTimestamp(now, true)));
    Dataset<Row> rows =
        spark.read().format("delta").option("versionAsOf", snapshot.version()).load(path);
    StructType fields = target.toTable(old.schema(), kind.first, kind.last);
    transaction.updateMetadata(metadata(old, fields, Scala.javaMap(old.configuration())), false);
    Column[] columns = widened(existing, target).toArray(Column[]::new);
    actions.addAll(Scala.list(transaction.writeFiles(rows.select(columns))));
    finish(transaction, actions, SaveMode.Overwrite, userMetadata);
  }

  /**
   * Puts the rest of the rows of some files in their place, in one commit that keeps the table's
   * positions.
   *
   * @param files of this version
   * @param rest of their rows that are not dead
   * @param transactions Delta transaction identifiers to set
   * @param userMetadata text to record with the commit
   * @throws java.util.ConcurrentModificationException if another writer changed rows since this
   *     version
   */
  void rewrite(
      List<AddFile> files,
      UnaryOperator<Dataset<Row>> rest,
      Map<String, Long> transactions,
      @Nullable String userMetadata) {
    SparkSession.setActiveSession(spark);
    OptimisticTransaction transaction = begin();
    transaction.readWholeTable();
    long now = System.currentTimeMillis();
    List<Action> actions = actions(transactions);
    files.forEach(file -> actions.add(file.removeWithTimestamp(now, true)));
    actions.addAll(Scala.list(transaction.writeFiles(rest.apply(rows(files)))));
    finish(transaction, actions, SaveMode.Overwrite, userMetadata);
  }

  /** Commits a version that differs from the one before in nothing but its note. */
  void note(@Nullable String userMetadata) {
    SparkSession.setActiveSession(spark);
    finish(begin(), List.of(), SaveMode.Append, userMetadata);
  }

  private List<Column> widened(LakeSchema existing, LakeSchema target) {
    List<Column> columns = new ArrayList<>();
    for (String name : kind.first.fieldNames()) {
      columns.add(functions.col(name));
    }
    for (int i = 0; i < target.columns().size(); i++) {
      columns.add(widened(existing.columns().get(i), target.columns().get(i)));
    }
    for (String name : kind.last.fieldNames()) {
      columns.add(functions.col(name));
    }
    return columns;
  }

  private static Column widened(LakeColumn from, LakeColumn to) {
    Column value = functions.col(from.quotedName());
    if (from.type().equals(to.type())) {
      return value;
    }
    Column wide =
        to.type().equals(DataTypes.StringType)
            ? from.postgresText(value, functions.col(MetadataColumns.EXACT))
            : value.cast(to.type());
    return wide.as(to.name());
  }

  /**
   * The newest of the table's commits whose user metadata the reader understands.
   *
   * @return empty if there is none among the commits still in the log
   */
  <T> Optional<T> newestUserMetadata(Function<String, Optional<T>> reader) {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    try {
      FileSystem files = log.logPath().getFileSystem(hadoop);
      for (long version = snapshot.version(); version >= 0; version--) {
        Path commit = new Path(log.logPath(), commitName(version));
        Optional<T> found = userMetadata(files, commit).flatMap(reader);
        if (found.isPresent()) {
          return found;
        }
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Optional.empty();
  }

  private static Optional<String> userMetadata(FileSystem files, Path commit) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(files.open(commit), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("{\"commitInfo\"")) {
          return MirrorState.userMetadata(line);
        }
      }
      return Optional.empty();
    }
  }

  /** Writes a checkpoint of the version and drops log files that are too old. */
  Runnable checkpointing() {
    Snapshot version = snapshot;
    return () -> {
      SparkSession.setActiveSession(spark);
      log.checkpoint(version, Option.empty());
      checkpointed = version.version();
      if (history != null) {
        // Delta rounds to whole days, which is many thousand files at a commit every second.
        log.cleanUpExpiredLogs(
            version, Option.apply((Object) history.toMillis()), TruncationGranularity.MINUTE());
      }
    };
  }

  /** Versions since the last checkpoint; one that was written here meanwhile is taken up first. */
  long versionsSinceCheckpoint() {
    takeUpCheckpoint();
    return snapshot.version() - Math.max(snapshot.checkpointProvider().version(), 0);
  }

  /**
   * A version that a commit made reads its state from the checkpoint that the version before it
   * read from, and from all commits since, until somebody looks for a newer one. What others have
   * committed is not taken up here.
   */
  private void takeUpCheckpoint() {
    if (checkpointed > snapshot.checkpointProvider().version()) {
      Snapshot listed = latest();
      if (listed.version() == snapshot.version()) {
        snapshot = listed;
      }
    }
  }

  DeltaLog log() {
    return log;
  }

  /** What Delta notes about the table as a whole: schema and properties. */
  Metadata metadata() {
    return snapshot.metadata();
  }
}
