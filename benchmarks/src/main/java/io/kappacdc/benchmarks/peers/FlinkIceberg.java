package io.kappacdc.benchmarks.peers;

import io.kappacdc.benchmarks.peers.Arrival.Correctness;
import io.kappacdc.benchmarks.peers.Arrival.Progress;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Flink CDC from the WAL into an Iceberg table of current rows (format 2, upsert), without Kafka
 * and without a trail. Its program is {@code benchmarks/peers/flink/FlinkToIceberg.java}.
 */
final class FlinkIceberg implements Contender {
  private static final String CHECKPOINT_MILLIS = "5000";
  private static final String SNAPSHOT = "SNAPSHOT ";
  private static final long READ_MINUTES_MAX = 5;

  @Override
  public String label() {
    return "Flink CDC to Iceberg";
  }

  @Override
  public Map<String, String> versions() {
    return Map.of(
        "org.apache.flink:flink-clients", Versions.FLINK,
        "org.apache.flink:flink-sql-connector-postgres-cdc", Versions.FLINK_CDC,
        "org.apache.iceberg:iceberg-flink-runtime-1.20", Versions.ICEBERG);
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("execution.checkpointing.interval", CHECKPOINT_MILLIS, "parallelism", "1");
  }

  @Override
  public void prepare(Testbed bed, Begin begin) throws SQLException {
    bed.createPublicationAndSlot();
  }

  @Override
  public List<PeerProcess> start(Testbed bed, Begin begin) throws IOException {
    EmbeddedPostgres source = bed.servers().source();
    Files.createDirectories(bed.lake());
    return List.of(
        program(
            bed,
            "flink",
            List.of(
                "stream",
                bed.lake().toString(),
                Integer.toString(source.port()),
                source.user(),
                Testbed.DATABASE,
                CHECKPOINT_MILLIS,
                begin == Begin.ROWS ? "initial" : "committed-offset")));
  }

  private static PeerProcess program(Testbed bed, String name, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Versions.java());
    command.addAll(List.of("-Xms1g", "-Xmx3g"));
    command.addAll(List.of(System.getProperty("peers.spark.options", "").split(" ")));
    command.add("--add-opens=java.base/java.time=ALL-UNNAMED");
    command.add("--add-opens=java.base/java.text=ALL-UNNAMED");
    command.add("-cp");
    Path classes = Versions.require(bed.fetched("flink-classes"));
    command.add(classes + ":" + Versions.classPath(bed, "flink"));
    command.add("FlinkToIceberg");
    command.addAll(arguments);
    return PeerProcess.start(
        name,
        command,
        Map.of("SOURCE_PASSWORD", bed.servers().source().password()),
        bed.directory(),
        bed.log(name));
  }

  @Override
  public List<Destination> destinations(Testbed bed, Begin begin) {
    return List.of(new IcebergTable(bed, begin));
  }

  /** The table's snapshots, as the program prints them. */
  private static final class IcebergTable implements Destination {
    private final Testbed bed;
    private final Begin begin;

    IcebergTable(Testbed bed, Begin begin) {
      this.bed = bed;
      this.begin = begin;
    }

    @Override
    public boolean isComplete(Expected expected) throws IOException {
      List<Progress> progress = progress();
      return !progress.isEmpty()
          && progress.get(progress.size() - 1).records() >= expected.commits().highestKey();
    }

    /** By the highest key, or of rows that were there and come in any order, by their number. */
    private List<Progress> progress() throws IOException {
      List<Progress> progress = new ArrayList<>();
      long highest = 0;
      for (String line : Files.readAllLines(bed.log("flink"))) {
        if (line.startsWith(SNAPSHOT)) {
          String[] snapshot = line.substring(SNAPSHOT.length()).split(" ");
          long reached = Long.parseLong(snapshot[begin == Begin.ROWS ? 2 : 1]);
          if (reached > highest) {
            highest = reached;
            long micros = TimeUnit.MILLISECONDS.toMicros(Long.parseLong(snapshot[0]));
            progress.add(new Progress(micros, reached));
          }
        }
      }
      return progress;
    }

    @Override
    public Arrival arrival(Expected expected) throws IOException, InterruptedException {
      Map<Integer, String> rows = new HashMap<>();
      Path result = Files.createTempFile(bed.directory(), "rows", ".tsv");
      PeerProcess reader =
          program(bed, "reader", List.of("rows", bed.lake().toString(), result.toString()));
      try {
        if (!reader.process().waitFor(READ_MINUTES_MAX, TimeUnit.MINUTES)
            || reader.process().exitValue() != 0) {
          reader.requireAlive(); // which says why
          throw new IOException("Reading the Iceberg table takes too long");
        }
        for (String line : Files.readAllLines(result)) {
          String[] row = line.split("\t");
          rows.put(Integer.valueOf(row[0]), row[1]);
        }
      } finally {
        reader.stop();
        Files.delete(result);
      }
      List<Progress> progress = progress();
      return new Arrival(
          "Iceberg table",
          "every change, by its transaction's highest key: time of the snapshot that has it",
          progress,
          Arrival.latencyByKey(expected, progress),
          Correctness.ofRows(expected, rows));
    }
  }
}
