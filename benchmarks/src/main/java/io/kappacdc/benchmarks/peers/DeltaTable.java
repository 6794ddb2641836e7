package io.kappacdc.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.benchmarks.peers.Arrival.Correctness;
import io.kappacdc.benchmarks.peers.Arrival.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Delta table on the local disk. What a version brings is read from its log, when from the time
 * of the log's file, and the rows through Spark by {@code PlainRecipe rows}, a reader that has
 * nothing of this project's.
 */
final class DeltaTable implements Destination {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long READ_MINUTES_MAX = 5;

  private final Testbed bed;
  private final Path table;
  private final Shape shape;
  private final List<Progress> progress = new ArrayList<>();
  private int nextVersion;
  private long movedMicros = CpuAccount.nowMicros();

  /** What the table's rows are. */
  enum Shape {
    KAPPA_TRAIL(
        "Delta trail",
        "_kappa_lsn, _kappa_ordinal",
        "_kappa_lsn DESC, _kappa_ordinal DESC",
        "_kappa_op <> 'd'"),
    APPENDED("Delta append", "lsn, op, fund_id", "lsn DESC", "op <> 'd'"),
    MIRROR("Delta mirror", "", "", "");

    private final String label;
    private final String identity;
    private final String latestFirst;
    private final String isRow;

    Shape(String label, String identity, String latestFirst, String isRow) {
      this.label = label;
      this.identity = identity;
      this.latestFirst = latestFirst;
      this.isRow = isRow;
    }
  }

  DeltaTable(Testbed bed, String path, Shape shape) {
    this.bed = bed;
    this.table = bed.lake().resolve(path);
    this.shape = shape;
  }

  @Override
  public boolean isComplete(Expected expected) throws IOException {
    if (readNewVersions()) {
      movedMicros = CpuAccount.nowMicros();
    }
    boolean all =
        !progress.isEmpty()
            && progress.get(progress.size() - 1).records()
                >= (shape == Shape.MIRROR ? expected.commits().highestKey() : expected.changes());
    return all && CpuAccount.nowMicros() - movedMicros > QUIET_MICROS;
  }

  private boolean readNewVersions() throws IOException {
    int before = nextVersion;
    while (true) {
      Path version = table.resolve("_delta_log").resolve("%020d.json".formatted(nextVersion));
      if (!Files.exists(version)) {
        return nextVersion > before;
      }
      read(version);
      nextVersion++;
    }
  }

  /** A mirror's progress is the highest key in it, a trail's the number of its rows. */
  private void read(Path version) throws IOException {
    long before = progress.isEmpty() ? 0 : progress.get(progress.size() - 1).records();
    long after = before;
    for (String line : Files.readAllLines(version)) {
      JsonNode added = JSON.readTree(line).path("add");
      if (!added.path("dataChange").asBoolean()) {
        continue;
      }
      JsonNode stats = JSON.readTree(added.path("stats").asText("{}"));
      after =
          shape == Shape.MIRROR
              ? Math.max(after, stats.path("maxValues").path("fund_id").asLong())
              : after + stats.path("numRecords").asLong();
    }
    if (after > before) {
      long micros = Files.getLastModifiedTime(version).to(TimeUnit.MICROSECONDS);
      progress.add(new Progress(micros, after));
    }
  }

  @Override
  public Arrival arrival(Expected expected) throws IOException, InterruptedException {
    readNewVersions();
    boolean mirror = shape == Shape.MIRROR;
    String from = "delta.`" + table + "`";
    String state =
        mirror
            ? from
            : "(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY fund_id ORDER BY %s) n FROM %s) WHERE n = 1 AND %s)"
                .formatted(shape.latestFirst, from, shape.isRow);
    Map<Integer, String> rows = new HashMap<>();
    for (String line : query("SELECT fund_id, " + FundMetadataWorkload.DIGEST + " FROM " + state)) {
      String[] row = line.split("\t");
      rows.put(Integer.valueOf(row[0]), row[1]);
    }
    if (mirror) {
      return new Arrival(
          shape.label,
          "every change, by its transaction's highest key: time of the version that has it",
          progress,
          Arrival.latencyByKey(expected, progress),
          Correctness.ofRows(expected, rows));
    }
    String[] counts =
        query("SELECT count(*), count(DISTINCT " + shape.identity + ") FROM " + from)
            .get(0)
            .split("\t");
    return new Arrival(
        shape.label,
        "every change, by their number: time of the version that has it",
        progress,
        Arrival.latencyByCount(expected, progress),
        Correctness.ofHistory(
            expected, Long.parseLong(counts[0]), Long.parseLong(counts[1]), rows));
  }

  private List<String> query(String sql) throws IOException, InterruptedException {
    Path result = Files.createTempFile(bed.directory(), "rows", ".tsv");
    PeerProcess reader =
        PlainRecipe.program(bed, "reader", List.of("rows", sql, result.toString()));
    try {
      if (!reader.process().waitFor(READ_MINUTES_MAX, TimeUnit.MINUTES)
          || reader.process().exitValue() != 0) {
        reader.requireAlive(); // which says why
        throw new IOException("Reading " + table + " takes too long");
      }
      return Files.readAllLines(result);
    } finally {
      reader.stop();
      Files.delete(result);
    }
  }
}
