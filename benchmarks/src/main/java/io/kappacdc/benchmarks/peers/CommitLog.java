package io.kappacdc.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;

/** What the load committed, in order. Thread-safe. */
final class CommitLog {
  private final List<Commit> commits = new ArrayList<>();

  /**
   * A transaction.
   *
   * @param micros the time just before its commit was sent, since 1970
   * @param highestKey of the rows it and those before it inserted
   */
  record Commit(long micros, int highestKey, int changes) {}

  synchronized void add(Commit commit) {
    commits.add(commit);
  }

  /** Those at or after a time. */
  synchronized List<Commit> since(long micros) {
    return commits.stream().filter(commit -> commit.micros >= micros).toList();
  }

  synchronized long changes() {
    return commits.stream().mapToLong(Commit::changes).sum();
  }

  /** Changes of the transactions whose inserts all have keys up to this one. */
  synchronized long changesUpTo(int key) {
    return commits.stream()
        .takeWhile(commit -> commit.highestKey <= key)
        .mapToLong(Commit::changes)
        .sum();
  }

  synchronized int highestKey() {
    return commits.isEmpty() ? 0 : commits.get(commits.size() - 1).highestKey;
  }
}
