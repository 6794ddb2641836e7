import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * Flink SQL from PostgreSQL's WAL into an Iceberg table, all in this JVM.
 *
 * <p>{@code stream LAKE PORT USER DATABASE CHECKPOINT_MILLIS STARTUP_MODE}, with SOURCE_PASSWORD in the
 * environment, prints {@code SNAPSHOT <millis> <highest key> <records>} for every snapshot; {@code rows LAKE
 * FILE} writes key and digest of every row, tab-separated.
 */
public final class FlinkToIceberg {
  private static final String COLUMNS =
      "fund_id INT NOT NULL, fund_name STRING, fund_code STRING, fund_description STRING,"
          + " updated_at BIGINT, fund_price DECIMAL(10,2), PRIMARY KEY (fund_id) NOT ENFORCED";
  private static final int KEY_COLUMN = 1; // Iceberg's id of fund_id
  private static final long POLL_MILLIS = 500;

  private FlinkToIceberg() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("rows")) {
      writeRows(arguments[1], Path.of(arguments[2]));
      System.exit(0); // Flink leaves threads behind
    }
    stream(arguments);
  }

  private static void stream(String[] arguments) throws Exception {
    String lake = arguments[1];
    Configuration settings = new Configuration();
    settings.setString("rest.bind-address", "127.0.0.1");
    settings.setString("rest.port", "0");
    settings.setString("taskmanager.memory.managed.size", "256m");
    settings.setString("taskmanager.memory.network.max", "128m");
    settings.setString("execution.checkpointing.interval", arguments[5] + "ms");
    settings.setString("state.checkpoints.dir", "file://" + lake + "/checkpoints");
    settings.setString("parallelism.default", "1");
    StreamTableEnvironment tables =
        StreamTableEnvironment.create(
            StreamExecutionEnvironment.createLocalEnvironment(1, settings));
    tables.executeSql(
        "CREATE TABLE source ("
            + COLUMNS
            + ") WITH ('connector'='postgres-cdc', 'hostname'='127.0.0.1', 'port'='"
            + arguments[2]
            + "', 'username'='"
            + arguments[3]
            + "', 'password'='"
            + System.getenv("SOURCE_PASSWORD")
            + "', 'database-name'='"
            + arguments[4]
            + "', 'schema-name'='public', 'table-name'='fund_metadata', 'slot.name'='peer_slot',"
            + " 'decoding.plugin.name'='pgoutput', 'scan.incremental.snapshot.enabled'='true',"
            + " 'scan.startup.mode'='"
            + arguments[6]
            + "', 'changelog-mode'='upsert',"
            + " 'debezium.publication.name'='peer_pub',"
            + " 'debezium.publication.autocreate.mode'='disabled')");
    createCatalog(tables, lake);
    tables.executeSql("CREATE DATABASE IF NOT EXISTS lake.db");
    tables.executeSql(
        "CREATE TABLE IF NOT EXISTS lake.db.fund ("
            + COLUMNS
            + ") WITH ('format-version'='2', 'write.upsert.enabled'='true')");
    Thread watcher = new Thread(() -> printSnapshots(lake + "/iceberg/db/fund", System.out));
    watcher.setDaemon(true);
    watcher.start();
    tables.executeSql("INSERT INTO lake.db.fund SELECT * FROM source").await();
  }

  private static void createCatalog(TableEnvironment tables, String lake) {
    tables.executeSql(
        "CREATE CATALOG lake WITH ('type'='iceberg', 'catalog-type'='hadoop', 'warehouse'='file://"
            + lake
            + "/iceberg')");
  }

  private static void printSnapshots(String path, PrintStream out) {
    Set<Long> seen = new HashSet<>();
    try {
      while (true) {
        Thread.sleep(POLL_MILLIS);
        Table table = load(path);
        for (Snapshot snapshot : table.snapshots()) {
          if (seen.add(snapshot.snapshotId())) {
            out.println(
                "SNAPSHOT "
                    + snapshot.timestampMillis()
                    + " "
                    + highestKey(table, snapshot)
                    + " "
                    + snapshot.summary().getOrDefault(SnapshotSummary.TOTAL_RECORDS_PROP, "0"));
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Table load(String path) throws InterruptedException {
    while (true) {
      try {
        return new HadoopTables().load("file://" + path);
      } catch (NoSuchTableException e) {
        Thread.sleep(POLL_MILLIS);
      }
    }
  }

  private static long highestKey(Table table, Snapshot snapshot) {
    long highest = 0;
    for (DataFile file : snapshot.addedDataFiles(table.io())) {
      ByteBuffer bound = file.upperBounds() == null ? null : file.upperBounds().get(KEY_COLUMN);
      if (bound != null) {
        Integer key = Conversions.fromByteBuffer(Types.IntegerType.get(), bound);
        highest = Math.max(highest, key);
      }
    }
    return highest;
  }

  private static void writeRows(String lake, Path file) throws Exception {
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inBatchMode());
    createCatalog(tables, lake);
    List<String> lines = new ArrayList<>();
    String query =
        "SELECT fund_id, MD5(CONCAT_WS('|', CAST(fund_id AS STRING), fund_name, fund_code,"
            + " fund_description, CAST(updated_at AS STRING), CAST(fund_price AS STRING)))"
            + " FROM lake.db.fund";
    try (CloseableIterator<Row> rows = tables.executeSql(query).collect()) {
      while (rows.hasNext()) {
        Row row = rows.next();
        lines.add(row.getField(0) + "\t" + row.getField(1));
      }
    }
    Files.write(file, lines);
  }
}
