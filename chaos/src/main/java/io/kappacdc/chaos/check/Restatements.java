package io.kappacdc.chaos.check;

import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Kind;
import io.kappacdc.chaos.workload.Ledger;
import io.kappacdc.chaos.workload.Tally;
import io.kappacdc.event.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The times at which all tables were read anew, told by the changes of the ledger's table: which of
 * the source's changes came before the gap, and which ones the rows stand for that were read behind
 * it. The difference are changes that nobody has seen one by one. Not thread-safe.
 */
final class Restatements {
  /**
   * One of them.
   *
   * @param lsn of the rows
   * @param before what was counted by the last change before it
   * @param read what is counted in the rows
   */
  record Restatement(long lsn, Ledger before, Ledger read) {
    /** What the trails have more than the source's changes, and where they have less. */
    Tally balance() {
      Tally balance = before.changes().minus(read.changes());
      for (String table : Bank.TABLES) {
        balance.add(new Kind(table, 'r'), read.rows(table));
        if (hasEvents(table)) {
          balance.add(new Kind(table, 't'), 1); // what was there goes with a truncate
        }
      }
      return balance;
    }

    private boolean hasEvents(String table) {
      return Ledger.empty().rows(table) > 0 // read at first
          || before.counted().counts().keySet().stream()
              .anyMatch(kind -> kind.table().equals(table));
    }

    /** Changes that were made and not seen; below zero if the source went back. */
    long unseen() {
      return read.changes().total() - before.changes().total();
    }
  }

  private record Image(char op, int teller, @Nullable Ledger row) {}

  private final TreeMap<Position, Image> later = new TreeMap<>();
  private final Map<Integer, Ledger> rows = new HashMap<>();
  private final List<Restatement> complete = new ArrayList<>();
  private Ledger before = Ledger.empty();
  private long under = -1;

  /** A change of a teller's row, in any order. */
  void add(Position position, char op, int teller, Ledger row) {
    later.put(position, new Image(op, teller, row));
  }

  /** The table is emptied before it is read anew. */
  void begin(Position position) {
    later.put(position, new Image('t', -1, null));
  }

  /** Takes in all changes at or before the LSN; returns the times up to there, in order. */
  List<Restatement> upTo(long lsn) {
    while (!later.isEmpty() && later.firstKey().lsn() <= lsn) {
      Map.Entry<Position, Image> next = later.pollFirstEntry();
      if (under >= 0 && next.getKey().lsn() != under) {
        finish();
      }
      apply(next.getKey(), next.getValue());
    }
    if (under >= 0) {
      finish();
    }
    return List.copyOf(complete);
  }

  private void apply(Position position, Image image) {
    if (image.row() == null) {
      under = position.lsn();
      before = Ledger.sum(rows.values());
      rows.clear();
    } else {
      rows.put(image.teller(), image.row());
    }
  }

  private void finish() {
    complete.add(new Restatement(under, before, Ledger.sum(rows.values())));
    under = -1;
  }
}
