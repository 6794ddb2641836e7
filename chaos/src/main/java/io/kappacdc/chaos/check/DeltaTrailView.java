package io.kappacdc.chaos.check;

import io.kappacdc.chaos.check.DeltaLogTail.Commit;
import io.kappacdc.chaos.check.DeltaLogTail.DataFile;
import io.kappacdc.chaos.check.DeltaLogTail.FileId;
import io.kappacdc.chaos.check.LakeCuts.LakeCut;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Kind;
import io.kappacdc.chaos.workload.Tally;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.parquet.example.data.Group;

/** The trail in the lake: the rows of each file that a commit added, once. */
final class DeltaTrailView implements ChangeView {
  private static final BigDecimal CENTS = BigDecimal.valueOf(100);
  private static final List<String> COLUMNS =
      List.of("_kappa_op", "_kappa_lsn", "_kappa_ordinal", "branch", "id", "balance");

  private final DeltaTables tables;
  private final Pending changes = new Pending();
  private final Money money = new Money();
  private final Map<String, Map<Integer, Long>> nextOffsets = new HashMap<>();
  private final Map<Path, Long> rowsOfFiles = new HashMap<>();
  private final Map<String, TreeMap<Long, Long>> firstLsns = new HashMap<>();

  DeltaTrailView(Path lake) {
    this.tables = new DeltaTables(lake.resolve("trail"));
  }

  static final String SINK = "delta-trail";

  @Override
  public String name() {
    return "Delta trail";
  }

  /** The store's place in a topic that was lost says nothing about the one that has its name. */
  void beginAnew(String topic) {
    nextOffsets.remove(topic);
  }

  @Override
  public void catchUp() throws IOException {
    for (Map.Entry<String, DeltaLogTail> table : tables.all().entrySet()) {
      for (Commit commit : table.getValue().next()) {
        take(table.getKey(), commit);
      }
    }
  }

  private void take(String table, Commit commit) throws IOException {
    commit.transactions().forEach(this::position);
    if (commit.removed().isEmpty()) {
      for (DataFile file : commit.added()) {
        rowsOfFiles.put(file.path(), read(table, commit.version(), file.path()));
      }
      return;
    }
    // A compaction, or a rewrite with wider types: the same rows in other files.
    long before = 0;
    for (FileId removed : commit.removed()) {
      before += rowsOfFiles.remove(removed.path());
    }
    long after = 0;
    for (DataFile file : commit.added()) {
      rowsOfFiles.put(file.path(), file.rows());
      after += file.rows();
    }
    if (before != after) {
      throw new IllegalStateException(
          "Version %d of %s rewrote %d rows as %d"
              .formatted(commit.version(), table, before, after));
    }
  }

  /** Identifiers are {@code kappa/<topic>/<partition>/offset}. */
  private void position(String transaction, long value) {
    String[] parts = transaction.split("/");
    if (parts.length == 4 && parts[3].equals("offset")) {
      nextOffsets
          .computeIfAbsent(parts[1], any -> new TreeMap<>())
          .put(Integer.parseInt(parts[2]), value);
    }
  }

  private long read(String table, long version, Path file) throws IOException {
    long[] rows = {0};
    ParquetRows.read(
        file,
        COLUMNS,
        row -> {
          rows[0]++;
          Position position =
              new Position(row.getLong("_kappa_lsn", 0), row.getLong("_kappa_ordinal", 0));
          char op = row.getString("_kappa_op", 0).charAt(0);
          firstLsns
              .computeIfAbsent(table, any -> new TreeMap<>())
              .merge(version, position.lsn(), Math::min);
          changes.add(position.lsn(), new Kind(table, op), 1);
          if (table.equals(Bank.ACCOUNT_A) || table.equals(Bank.ACCOUNT_B)) {
            money.add(entry(position, op, table, row));
          }
        });
    return rows[0];
  }

  private static Money.Entry entry(Position position, char op, String table, Group row) {
    String id = ParquetRows.has(row, "id") ? ParquetRows.number(row, "id").toString() : "";
    String branch = ParquetRows.has(row, "branch") ? ParquetRows.number(row, "branch") + ":" : "";
    long cents =
        ParquetRows.has(row, "balance")
            ? ParquetRows.number(row, "balance").multiply(CENTS).longValueExact()
            : 0;
    return new Money.Entry(position, op, table, branch + id, cents);
  }

  @Override
  public boolean holds(Cut cut) throws IOException {
    catchUp();
    return Offsets.reached(cut, nextOffsets);
  }

  @Override
  public Tally upTo(long lsn) throws IOException {
    catchUp();
    money.advance(lsn);
    return changes.upTo(lsn);
  }

  /**
   * What is wrong with the trail at a moment that it claims to have stood at: rows of that moment
   * or before that only a later version has.
   */
  Optional<String> check(LakeCut cut) {
    for (Map.Entry<String, TreeMap<Long, Long>> table : firstLsns.entrySet()) {
      Long version = cut.versions().get("public." + table.getKey());
      for (Map.Entry<Long, Long> later :
          table.getValue().tailMap(version == null ? -1L : version, false).entrySet()) {
        if (later.getValue() <= cut.lsn()) {
          return Optional.of(
              "at the cut %s version %s of %s lacks changes of %s, which version %d has"
                  .formatted(
                      Lsn.format(cut.lsn()),
                      version,
                      table.getKey(),
                      Lsn.format(later.getValue()),
                      later.getKey()));
        }
      }
    }
    return Optional.empty();
  }

  /** Forgets the versions up to those of the cut; for cuts behind it they do not matter. */
  void forgetBefore(LakeCut cut) {
    firstLsns.forEach(
        (table, versions) -> {
          Long version = cut.versions().get("public." + table);
          if (version != null) {
            versions.headMap(version, true).clear();
          }
        });
  }

  Money money() {
    return money;
  }

  @Override
  public String progress() {
    return Offsets.text(nextOffsets);
  }

  @Override
  public void close() {}
}
