package io.kappacdc.chaos.check;

import io.kappacdc.chaos.check.DeltaLogTail.Commit;
import io.kappacdc.chaos.check.DeltaLogTail.DataFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.example.data.Group;
import org.jspecify.annotations.Nullable;

/** What the lake says of the moments its sinks stood at: {@code <lake>/kappa/cuts}. */
final class LakeCuts {
  private static final List<String> COLUMNS = List.of("sink", "lsn", "table_name", "version");

  private final DeltaLogTail log;
  private final Map<String, Map<String, Long>> versions = new HashMap<>();

  LakeCuts(Path lake) {
    this.log = new DeltaLogTail(lake.resolve("kappa").resolve("cuts"));
  }

  /**
   * A moment that a sink stood at.
   *
   * @param versions of its tables, by name; those that had stopped are missing
   */
  record LakeCut(String sink, long lsn, Map<String, Long> versions) {}

  private record Line(String sink, long lsn, @Nullable String table, @Nullable Long version) {}

  /** The moments recorded since the last call, in order for each sink. */
  List<LakeCut> next() throws IOException {
    List<LakeCut> cuts = new ArrayList<>();
    for (Commit commit : log.next()) {
      if (commit.removed().isEmpty()) { // otherwise the same lines in other files
        List<Line> lines = new ArrayList<>();
        for (DataFile file : commit.added()) {
          ParquetRows.read(file.path(), COLUMNS, row -> lines.add(line(row)));
        }
        cuts.addAll(apply(lines));
      }
    }
    return cuts;
  }

  private static Line line(Group row) {
    return new Line(
        row.getString("sink", 0),
        row.getLong("lsn", 0),
        ParquetRows.has(row, "table_name") ? row.getString("table_name", 0) : null,
        ParquetRows.has(row, "version") ? (Long) row.getLong("version", 0) : null);
  }

  private List<LakeCut> apply(List<Line> lines) {
    Map<String, TreeMap<Long, List<Line>>> bySink = new TreeMap<>();
    lines.stream()
        .sorted(Comparator.comparingLong(Line::lsn))
        .forEach(
            line ->
                bySink
                    .computeIfAbsent(line.sink(), any -> new TreeMap<>())
                    .computeIfAbsent(line.lsn(), any -> new ArrayList<>())
                    .add(line));
    List<LakeCut> cuts = new ArrayList<>();
    bySink.forEach(
        (sink, moments) ->
            moments.forEach(
                (lsn, of) -> {
                  Map<String, Long> known = versions.computeIfAbsent(sink, any -> new HashMap<>());
                  for (Line line : of) {
                    if (line.table() != null && line.version() == null) {
                      known.remove(line.table());
                    } else if (line.table() != null) {
                      known.put(line.table(), line.version());
                    }
                  }
                  cuts.add(new LakeCut(sink, lsn, Map.copyOf(known)));
                }));
    return cuts;
  }
}
