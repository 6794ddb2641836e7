package io.kappacdc.chaos.check;

import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The accounts as a trail tells them: folds the changes of both tables in the order of the source,
 * and checks at each commit that the money is all there. Not thread-safe.
 */
final class Money {
  private static final int NAMED_MAX = 5;

  /**
   * A change of an account.
   *
   * @param account key, with the table's name
   * @param cents the balance after it
   */
  record Entry(Position position, char op, String table, String account, long cents) {}

  private final Map<String, Long> balances = new HashMap<>();
  private final TreeSet<Entry> later =
      new TreeSet<>(Comparator.comparing(Entry::position).thenComparing(Entry::table));
  private final List<String> violations = new ArrayList<>();
  private long sum;

  void add(Entry entry) {
    later.add(entry);
  }

  /** Applies what was committed at or before the LSN. */
  void advance(long lsn) {
    long at = -1;
    while (!later.isEmpty() && later.first().position().lsn() <= lsn) {
      Entry entry = later.pollFirst();
      if (at >= 0 && entry.position().lsn() != at) {
        check(at);
      }
      at = entry.position().lsn();
      apply(entry);
    }
    if (at >= 0) {
      check(at);
    }
  }

  private void apply(Entry entry) {
    String key = entry.table() + '/' + entry.account();
    switch (entry.op()) {
      case 'd' -> {
        Long before = balances.remove(key);
        sum -= before == null ? 0 : before;
      }
      case 't' -> {
        balances.keySet().removeIf(any -> any.startsWith(entry.table() + '/'));
        sum = balances.values().stream().mapToLong(Long::longValue).sum();
      }
      default -> {
        Long before = balances.put(key, entry.cents());
        sum += entry.cents() - (before == null ? 0 : before);
      }
    }
  }

  private void check(long lsn) {
    if (sum != 100 * Bank.sum() && violations.size() < NAMED_MAX) {
      violations.add("at " + Lsn.format(lsn) + " the accounts hold " + sum / 100.0);
    }
  }

  /** The sum in cents, as of the last {@link #advance}. */
  long sum() {
    return sum;
  }

  /** Commits after which money was missing or too much; the first few. */
  List<String> violations() {
    return List.copyOf(violations);
  }
}
