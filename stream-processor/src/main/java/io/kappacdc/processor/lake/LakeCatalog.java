package io.kappacdc.processor.lake;

import io.kappacdc.event.TableSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/** The lake's tables, for readers: where they are, what they hold, and their names in SQL. */
public final class LakeCatalog {
  /** The two forms in which the lake keeps a table. */
  public enum Store {
    TRAIL,
    MIRROR;

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
   * @param version the Delta version that this describes
   */
  public record Table(
      Store store,
      String sqlName,
      String path,
      String topic,
      TableSchema schema,
      LakeSchema columns,
      long version) {}

  private final SparkSession spark;
  private final String lakePath;
  private final LakeTables trail;
  private final LakeTables mirror;

  /**
   * @param spark a session made with {@link LakeSession#configure}
   * @param lakePath the lake's root
   */
  public LakeCatalog(SparkSession spark, String lakePath) {
    this.spark = spark;
    this.lakePath = lakePath;
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
              table.version()));
    }
    return tables;
  }

  /** Names that come out the same are numbered in the order of their directories. */
  private static String uniqueName(TableSchema schema, Set<String> taken) {
    String plain = (schema.schema() + '_' + schema.table()).replaceAll("[^A-Za-z0-9_]", "_");
    String name = plain.toLowerCase(Locale.ROOT);
    for (int number = 2; !taken.add(name); number++) {
      name = plain.toLowerCase(Locale.ROOT) + '_' + number;
    }
    return name;
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
    List<Table> tables = tables();
    for (Store store : Store.values()) {
      spark.sql("CREATE DATABASE IF NOT EXISTS " + store.database());
    }
    for (Table table : tables) {
      register(table.sqlName(), table.path());
    }
    String cuts = LakePaths.cuts(lakePath);
    if (LakeTable.open(spark, LakeTable.Kind.TRAIL, cuts).exists()) {
      spark.sql("CREATE DATABASE IF NOT EXISTS kappa");
      register("kappa.cuts", cuts);
    }
  }

  private void register(String name, String path) {
    spark.sql(
        "CREATE TABLE IF NOT EXISTS "
            + name
            + " USING DELTA LOCATION '"
            + path.replace("\\", "\\\\").replace("'", "\\'")
            + "'");
  }
}
