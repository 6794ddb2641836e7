package io.kappacdc.processor.lake;

import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.Quarantined;
import io.kappacdc.processor.stream.TopicPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/** The lake's tables, for readers: where they are, what they hold, and their names in SQL. */
public final class LakeCatalog {
  /** The two forms in which the lake keeps a table. */
  public enum Store {
    TRAIL,
    MIRROR;

    /** The sink that writes these tables, as {@code kappa.cuts} names it. */
    public String sink() {
      return switch (this) {
        case TRAIL -> DeltaTrailSink.NAME;
        case MIRROR -> DeltaMirrorSink.NAME;
      };
    }

    /** The SQL database of these tables. */
    public String database() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A table of the lake.
   *
   * @param store trail or mirror
   * @param sqlName e.g. {@code mirror.public_fund_metadata}
   * @param path the Delta table's directory
   * @param topic where its changes come from
   * @param schema the newest source schema
   * @param columns the source columns in the lake, dropped ones included
   * @param isRekeyed whether a trail has changes with different keys
   * @param version the Delta version that this describes
   */
  public record Table(
      Store store,
      String sqlName,
      String path,
      String topic,
      TableSchema schema,
      LakeSchema columns,
      boolean isRekeyed,
      LakeVersion version) {
    /** The SQL name without the database. */
    public String bareName() {
      return sqlName.substring(sqlName.indexOf('.') + 1);
    }
  }

  private static final String KAPPA = "kappa";

  /**
   * The SQL database of the trails with the values that PostgreSQL left out. It is Spark's own for
   * views that are more than a text, which a lake's session calls like that.
   */
  public static final String HISTORY = "history";

  /** The SQL name of the table of the moments that the sinks have noted. */
  public static final String CUTS = KAPPA + ".cuts";

  /** The SQL name of the table of the records that the sinks could not read. */
  public static final String QUARANTINE = KAPPA + ".quarantine";

  private final SparkSession spark;
  private final String cutsPath;
  private final String quarantinePath;
  private final LakeTables trail;
  private final LakeTables mirror;

  /**
   * @param spark a session made with {@link LakeSession#configure}
   * @param lakePath the lake's root
   */
  public LakeCatalog(SparkSession spark, String lakePath) {
    this.spark = spark;
    this.cutsPath = LakePaths.cuts(lakePath);
    this.quarantinePath = LakePaths.quarantine(lakePath);
    this.trail = new LakeTables(spark, LakeTable.Kind.TRAIL, LakePaths.trail(lakePath));
    this.mirror = new LakeTables(spark, LakeTable.Kind.MIRROR, LakePaths.mirror(lakePath));
  }

  /** All tables as they are now, ordered by SQL name. */
  public synchronized List<Table> tables() {
    List<Table> tables = new ArrayList<>(tables(Store.MIRROR, mirror));
    tables.addAll(tables(Store.TRAIL, trail));
    return tables;
  }

  private static List<Table> tables(Store store, LakeTables source) {
    source.refresh();
    List<LakeTable> ordered =
        source.byTopic().values().stream()
            .filter(table -> table.schema().isPresent())
            .sorted(Comparator.comparing(LakeTable::path))
            .toList();
    List<Table> tables = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (LakeTable table : ordered) {
      TableSchema schema = table.schema().orElseThrow();
      tables.add(
          new Table(
              store,
              store.database() + '.' + uniqueName(schema, names),
              table.path(),
              table.topic().orElseThrow(),
              schema,
              table.columns(),
              table.isRekeyed(),
              new LakeVersion(table)));
    }
    return tables;
  }

  /** Names that come out the same are numbered in the order of their directories. */
  private static String uniqueName(TableSchema schema, Set<String> taken) {
    String plain = plainName(schema);
    String name = plain;
    for (int number = 2; !taken.add(name); number++) {
      name = plain + '_' + number;
    }
    return name;
  }

  /** The SQL name of a table, unless another one has it. */
  static String plainName(TableSchema schema) {
    return (schema.schema() + '_' + schema.table())
        .replaceAll("[^A-Za-z0-9_]", "_")
        .toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a store's sink has noted this cut or a later one. Then it has taken in all that belongs
   * before the cut, apart from topics where it has stopped.
   */
  public boolean hasNoted(Store store, Cut cut) {
    return CutLog.isRecorded(spark, cutsPath, store.sink(), cut);
  }

  /** The table in a store, if it is there. */
  public Optional<Table> table(Store store, String schema, String table) {
    return tables().stream()
        .filter(
            candidate ->
                candidate.store() == store
                    && candidate.schema().schema().equals(schema)
                    && candidate.schema().table().equals(table))
        .findFirst();
  }

  /** Makes the tables known to the session by their SQL names; repeat it to see new tables. */
  public void register() {
    createDatabases();
    for (Table table : tables()) {
      create(table.sqlName(), table.path());
    }
  }

  private void createDatabases() {
    for (Store store : Store.values()) {
      spark.sql("CREATE DATABASE IF NOT EXISTS " + store.database());
    }
    spark.sql("CREATE DATABASE IF NOT EXISTS " + KAPPA);
    if (DeltaLog.forTable(spark, cutsPath).tableExists()) {
      create(CUTS, cutsPath);
    }
    if (DeltaLog.forTable(spark, quarantinePath).tableExists()) {
      create(QUARANTINE, quarantinePath);
    }
  }

  private void create(String name, String path) {
    drop(name);
    spark.sql("CREATE TABLE " + name + " USING DELTA LOCATION " + literal(path));
  }

  /** Takes a name from the session that it may have from before; the data stays. */
  private void drop(String name) {
    if (spark.catalog().tableExists(name)) {
      int dot = name.indexOf('.');
      boolean isView =
          !spark
              .sql(
                  "SHOW VIEWS IN "
                      + name.substring(0, dot)
                      + " LIKE '"
                      + name.substring(dot + 1)
                      + "'")
              .isEmpty();
      spark.sql((isView ? "DROP VIEW " : "DROP TABLE ") + name);
    }
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  /** The moments that the sinks have noted; empty if none ever has. */
  public Optional<Dataset<Row>> cuts() {
    return DeltaLog.forTable(spark, cutsPath).tableExists()
        ? Optional.of(spark.read().format("delta").load(cutsPath))
        : Optional.empty();
  }

  /** Shows all records that the sinks could not read, in the order of topics and offsets. */
  public void readQuarantine(Consumer<Quarantined> reader) {
    if (!DeltaLog.forTable(spark, quarantinePath).tableExists()) {
      return;
    }
    spark
        .read()
        .format("delta")
        .load(quarantinePath)
        .orderBy("topic", "partition", "offset", "sink")
        .toLocalIterator()
        .forEachRemaining(
            row ->
                reader.accept(
                    new Quarantined(
                        row.getAs("sink"),
                        new TopicPartition(row.getAs("topic"), row.getAs("partition")),
                        row.getAs("offset"),
                        row.getAs("reason"),
                        row.getAs("quarantined_at"),
                        row.getAs("value"))));
  }

  /** Makes the databases known to the session, without tables. */
  public void registerNone() {
    createDatabases();
    tables().forEach(table -> drop(table.sqlName()));
  }

  /** Takes the histories from the session that it may have from before. */
  public void dropHistories() {
    spark.sharedState().globalTempViewManager().clear();
  }

  /**
   * Makes the changes of a trail known to the session as they are, in database history; of the
   * trail, those that the session knows by its SQL name.
   */
  public void registerUnfilledHistory(Table trail) {
    spark.table(trail.sqlName()).createOrReplaceGlobalTempView(trail.bareName());
  }

  /**
   * Makes the changes of a trail with all their values known to the session, in database history;
   * of the trail, those that the session knows by its SQL name. Looks through the trail.
   */
  public void registerHistory(Table trail) {
    new LakeHistory(spark.table(trail.sqlName()), trail.schema(), trail.columns())
        .changes()
        .createOrReplaceGlobalTempView(trail.bareName());
  }

  /** Makes one version of a table known to the session by the table's SQL name. */
  public void registerVersion(Table table, long version) {
    createView(table, " VERSION AS OF " + version);
  }

  /** Makes the changes of a trail up to an LSN known to the session by the trail's SQL name. */
  public void registerUpTo(Table trail, long lsn) {
    createView(trail, " WHERE " + MetadataColumns.LSN + " <= " + lsn);
  }

  private void createView(Table table, String which) {
    drop(table.sqlName());
    spark.sql(
        "CREATE VIEW "
            + table.sqlName()
            + " AS SELECT * FROM delta.`"
            + table.path().replace("`", "``")
            + '`'
            + which);
  }
}
