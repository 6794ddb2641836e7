package io.kappacdc.chaos.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.kappacdc.chaos.check.DeltaLogTail.Commit;
import io.kappacdc.chaos.check.DeltaLogTail.DataFile;
import io.kappacdc.chaos.check.DeltaLogTail.FileId;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sum of the balances in each version of a mirror. */
final class MirrorBalances {
  private static final BigDecimal CENTS = BigDecimal.valueOf(100);
  private static final int VERSIONS_MAX = 5_000;

  private final Path table;
  private final Map<Path, long[]> cents = new HashMap<>();
  private final Map<FileId, Long> sums = new HashMap<>();
  private final TreeMap<Long, Long> sumOfVersion = new TreeMap<>();

  MirrorBalances(Path table) {
    this.table = table;
  }

  /** Takes in the next version. */
  void apply(Commit commit) throws IOException {
    for (FileId removed : commit.removed()) {
      sums.remove(removed);
    }
    for (DataFile file : commit.added()) {
      sums.put(file.id(), sum(file));
    }
    cents.keySet().retainAll(sums.keySet().stream().map(FileId::path).toList());
    sumOfVersion.put(commit.version(), sums.values().stream().mapToLong(Long::longValue).sum());
    if (sumOfVersion.size() > VERSIONS_MAX) {
      sumOfVersion.pollFirstEntry();
    }
  }

  private long sum(DataFile file) throws IOException {
    long[] rows = cents.get(file.path());
    if (rows == null) {
      rows = read(file.path());
      cents.put(file.path(), rows);
    }
    JsonNode vector = file.deletionVector();
    DeletionVectors.Deleted deleted =
        vector == null || vector.isNull() ? row -> false : DeletionVectors.read(table, vector);
    long sum = 0;
    for (int row = 0; row < rows.length; row++) {
      sum += deleted.contains(row) ? 0 : rows[row];
    }
    return sum;
  }

  private static long[] read(Path file) throws IOException {
    List<Long> rows = new ArrayList<>();
    ParquetRows.read(
        file,
        List.of("balance"),
        row ->
            rows.add(
                ParquetRows.has(row, "balance")
                    ? ParquetRows.number(row, "balance").multiply(CENTS).longValueExact()
                    : 0L));
    return rows.stream().mapToLong(Long::longValue).toArray();
  }

  /** The sum in cents; null if that version is not known. */
  @Nullable Long at(long version) {
    return sumOfVersion.get(version);
  }
}
