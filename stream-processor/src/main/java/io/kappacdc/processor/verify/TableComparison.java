package io.kappacdc.processor.verify;

import io.kappacdc.processor.verify.Differences.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows in which two stores differ: checksums by chunk, then the rows of the chunks that
 * differ, merged as two sorted streams, then the values of the rows to be named. Memory is bounded
 * by the number of chunks and of rows named, whatever differs.
 */
final class TableComparison {
  private static final long ROWS_PER_CHUNK = 512;
  static final int CHUNKS_MIN = 16;
  private static final int CHUNKS_MAX = 1 << 16;

  private final ComparedTable table;
  private final int namedMax;

  /**
   * @param namedMax how many rows that differ are named; all are counted
   */
  TableComparison(ComparedTable table, int namedMax) {
    this.table = table;
    this.namedMax = namedMax;
  }

  /** How many chunks suit a table of so many rows: a power of two. */
  static int chunksFor(long rows) {
    long wanted = Long.highestOneBit(Math.max(1, rows / ROWS_PER_CHUNK)) << 1;
    return (int) Math.max(CHUNKS_MIN, Math.min(CHUNKS_MAX, wanted));
  }

  static long rows(Map<Integer, ChunkSum> sums) {
    return sums.values().stream().mapToLong(ChunkSum::rows).sum();
  }

  /** Checksums already at hand are passed in, so that a store compared twice is read once. */
  Differences compare(
      TableDigestSource expected,
      Map<Integer, ChunkSum> expectedSums,
      TableDigestSource actual,
      Map<Integer, ChunkSum> actualSums,
      int chunks) {
    SortedSet<Integer> suspects = differing(expectedSums, actualSums);
    if (suspects.isEmpty()) {
      return Differences.NONE;
    }
    ChunkSelection selection = new ChunkSelection(chunks, suspects);
    Findings findings = new Findings();
    try (RowCursor left = expected.rows(selection);
        RowCursor right = actual.rows(selection)) {
      merge(new Peeking(left), new Peeking(right), selection, findings);
    }
    if (findings.isEmpty()) {
      throw StoreException.of(
          expected.store() + " and " + actual.store(),
          table.name(),
          "checksums differ but no row does; one of them changed while it was read");
    }
    return findings.named(expected, actual);
  }

  Differences compare(TableDigestSource expected, TableDigestSource actual, int chunks) {
    return compare(expected, expected.chunkSums(chunks), actual, actual.chunkSums(chunks), chunks);
  }

  private static SortedSet<Integer> differing(
      Map<Integer, ChunkSum> left, Map<Integer, ChunkSum> right) {
    SortedSet<Integer> numbers = new TreeSet<>(left.keySet());
    numbers.addAll(right.keySet());
    numbers.removeIf(
        number ->
            left.getOrDefault(number, ChunkSum.EMPTY)
                .equals(right.getOrDefault(number, ChunkSum.EMPTY)));
    return numbers;
  }

  private void merge(Peeking left, Peeking right, ChunkSelection selection, Findings findings) {
    while (left.head != null || right.head != null) {
      Digest key = smaller(left.head, right.head);
      Map<Digest, Long> balance = new TreeMap<>();
      left.takeKey(key, balance, 1);
      right.takeKey(key, balance, -1);
      balance.values().removeIf(copies -> copies == 0);
      if (!balance.isEmpty() && selection.contains(key)) {
        findings.add(key, balance);
      }
    }
  }

  private static Digest smaller(@Nullable RowDigest left, @Nullable RowDigest right) {
    if (left == null) {
      return Objects.requireNonNull(right).key();
    }
    return right == null || left.key().compareTo(right.key()) <= 0 ? left.key() : right.key();
  }

  /** A cursor with its next row in sight. */
  private static final class Peeking {
    private final RowCursor rows;
    private @Nullable RowDigest head;

    Peeking(RowCursor rows) {
      this.rows = rows;
      advance();
    }

    private void advance() {
      RowDigest previous = head;
      head = rows.hasNext() ? rows.next() : null;
      if (previous != null && head != null && head.compareTo(previous) < 0) {
        throw new IllegalStateException("A store does not offer its rows in order");
      }
    }

    void takeKey(Digest key, Map<Digest, Long> balance, int sign) {
      while (head != null && head.key().equals(key)) {
        balance.merge(head.row(), sign * head.copies(), Long::sum);
        advance();
      }
    }
  }

  /** A key whose rows differ: row digests of which one side has more. */
  private record Suspect(Set<Digest> expected, Set<Digest> actual) {}

  private final class Findings {
    private final Map<Digest, Suspect> suspects = new LinkedHashMap<>();
    private long missing;
    private long extra;
    private long different;

    void add(Digest key, Map<Digest, Long> balance) {
      Set<Digest> expected = new HashSet<>();
      Set<Digest> actual = new HashSet<>();
      long more = 0;
      long fewer = 0;
      for (Map.Entry<Digest, Long> row : balance.entrySet()) {
        if (row.getValue() > 0) {
          expected.add(row.getKey());
          more += row.getValue();
        } else {
          actual.add(row.getKey());
          fewer -= row.getValue();
        }
      }
      long both = Math.min(more, fewer);
      different += both;
      missing += more - both;
      extra += fewer - both;
      if (suspects.size() < namedMax) {
        suspects.put(key, new Suspect(expected, actual));
      }
    }

    boolean isEmpty() {
      return missing + extra + different == 0;
    }

    Differences named(TableDigestSource expected, TableDigestSource actual) {
      if (suspects.isEmpty()) {
        return new Differences(missing, extra, different, List.of());
      }
      Map<Digest, TextRow> expectedRows = texts(expected, Suspect::expected);
      Map<Digest, TextRow> actualRows = texts(actual, Suspect::actual);
      List<Differences.Row> rows = new ArrayList<>(suspects.size());
      for (Digest key : suspects.keySet()) {
        rows.add(name(key, expectedRows.get(key), actualRows.get(key)));
      }
      return new Differences(missing, extra, different, rows);
    }

    private Map<Digest, TextRow> texts(
        TableDigestSource store, java.util.function.Function<Suspect, Set<Digest>> side) {
      Set<Digest> keys = new HashSet<>(suspects.keySet());
      keys.removeIf(key -> side.apply(suspects.get(key)).isEmpty());
      if (keys.isEmpty()) {
        return Map.of();
      }
      Map<Digest, TextRow> rows = new HashMap<>();
      for (TextRow row : store.texts(Collections.unmodifiableSet(keys))) {
        Suspect suspect = suspects.get(row.key());
        if (suspect != null && side.apply(suspect).contains(row.row())) {
          rows.putIfAbsent(row.key(), row);
        }
      }
      return rows;
    }

    private Differences.Row name(Digest key, @Nullable TextRow expected, @Nullable TextRow actual) {
      if (expected == null && actual == null) {
        return new Differences.Row(Kind.DIFFERENT, "key digest " + key.hex(), List.of());
      } else if (actual == null) {
        return new Differences.Row(Kind.MISSING, table.keyText(expected), List.of());
      } else if (expected == null) {
        return new Differences.Row(Kind.EXTRA, table.keyText(actual), List.of());
      }
      List<Differences.Value> values = new ArrayList<>();
      for (int i = 0; i < table.columns().size(); i++) {
        String before = expected.values().get(i);
        String after = actual.values().get(i);
        if (!Objects.equals(before, after)) {
          values.add(new Differences.Value(table.columns().get(i), before, after));
        }
      }
      return new Differences.Row(Kind.DIFFERENT, table.keyText(expected), values);
    }
  }
}
