package io.kappacdc.processor.verify;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.lake.LakeCatalog;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * The lake's tables as they are now, and how far exactly that version is. (The sinks' own {@code
 * positions()} tell how far a table is by now, not which version that is.) Used by one thread.
 */
final class DeltaLake {
  private final LakeCatalog catalog;

  /** The last answer for each table, valid while its version stays. */
  private final Map<String, LakeSnapshot> known = new HashMap<>();

  DeltaLake(SparkSession spark, String path) {
    this.catalog = new LakeCatalog(spark, path);
  }

  /**
   * Newest versions of the tables, by source table.
   *
   * @param trails Delta trails
   * @param mirrors Delta mirrors
   */
  record Tables(Map<TableName, LakeSnapshot> trails, Map<TableName, LakeSnapshot> mirrors) {}

  Tables tables() {
    Tables tables = new Tables(new HashMap<>(), new HashMap<>());
    for (LakeCatalog.Table table : catalog.tables()) {
      Map<TableName, LakeSnapshot> kind =
          switch (table.store()) {
            case TRAIL -> tables.trails();
            case MIRROR -> tables.mirrors();
          };
      kind.put(TableName.of(table.schema()), snapshot(table));
    }
    return tables;
  }

  /** Whether these tables have all that belongs before the cut, those that stopped apart. */
  boolean hasNoted(LakeCatalog.Store store, Cut cut) {
    return catalog.hasNoted(store, cut);
  }

  private LakeSnapshot snapshot(LakeCatalog.Table table) {
    LakeSnapshot before = known.get(table.path());
    if (before != null && before.version().number() == table.version().number()) {
      return before;
    }
    LakeSnapshot snapshot =
        new LakeSnapshot(
            table.topic(),
            table.schema(),
            table.version(),
            table.columns(),
            table.version().nextOffsets());
    known.put(table.path(), snapshot);
    return snapshot;
  }
}
