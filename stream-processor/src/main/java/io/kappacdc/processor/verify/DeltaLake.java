package io.kappacdc.processor.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.processor.lake.LakeCatalog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaHistory;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import scala.Option;
import scala.collection.JavaConverters;

/**
 * The lake's tables as they are now, and how far exactly that version is. (The sinks' own {@code
 * positions()} tell how far a table is by now, not which version that is.) Used by one thread.
 */
final class DeltaLake {
  /** Commits that are not the processor's, such as OPTIMIZE or a DELETE by hand, are few. */
  private static final int COMMITS_SEARCHED = 100;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SparkSession spark;
  private final LakeCatalog catalog;

  /** The last answer for each table, valid while its version stays. */
  private final Map<String, LakeSnapshot> known = new HashMap<>();

  DeltaLake(SparkSession spark, String path) {
    this.spark = spark;
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

  private LakeSnapshot snapshot(LakeCatalog.Table table) {
    LakeSnapshot before = known.get(table.path());
    if (before != null && before.version() == table.version()) {
      return before;
    }
    Map<Integer, Long> offsets =
        switch (table.store()) {
          case TRAIL -> transactionOffsets(table);
          case MIRROR -> commitOffsets(table);
        };
    LakeSnapshot snapshot =
        new LakeSnapshot(
            table.topic(), table.schema(), table.path(), table.version(), table.columns(), offsets);
    known.put(table.path(), snapshot);
    return snapshot;
  }

  /** Next offsets among the table's transaction identifiers, as a trail records them. */
  private Map<Integer, Long> transactionOffsets(LakeCatalog.Table table) {
    Snapshot delta =
        DeltaLog.forTable(spark, table.path())
            .getSnapshotAt(table.version(), Option.empty(), Option.empty());
    String prefix = "kappa/" + table.topic() + '/';
    String suffix = "/offset";
    Map<Integer, Long> offsets = new HashMap<>();
    JavaConverters.mapAsJavaMap(delta.transactions())
        .forEach(
            (id, version) -> {
              if (id.startsWith(prefix) && id.endsWith(suffix)) {
                String partition = id.substring(prefix.length(), id.length() - suffix.length());
                offsets.put(Integer.parseInt(partition), (Long) version);
              }
            });
    return offsets;
  }

  /** Next offsets in the newest commit that records any, as a mirror does. */
  private Map<Integer, Long> commitOffsets(LakeCatalog.Table table) {
    List<DeltaHistory> history =
        JavaConverters.seqAsJavaList(
            DeltaLog.forTable(spark, table.path())
                .history()
                .getHistory(
                    Math.max(0, table.version() - COMMITS_SEARCHED + 1),
                    Option.apply((Object) table.version())));
    for (DeltaHistory commit : history) {
      if (commit.userMetadata().isDefined()) {
        Map<Integer, Long> offsets = offsets(commit.userMetadata().get(), table.topic());
        if (!offsets.isEmpty()) {
          return offsets;
        }
      }
    }
    return Map.of();
  }

  private static Map<Integer, Long> offsets(String userMetadata, String topic) {
    Map<Integer, Long> offsets = new HashMap<>();
    try {
      for (JsonNode partition : JSON.readTree(userMetadata).path("kappa").path(topic)) {
        offsets.put(partition.path("partition").asInt(), partition.path("offset").asLong());
      }
    } catch (JsonProcessingException e) {
      return Map.of();
    }
    return offsets;
  }
}
