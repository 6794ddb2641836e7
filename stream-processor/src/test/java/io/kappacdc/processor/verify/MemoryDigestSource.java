package io.kappacdc.processor.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A store that is a list of rows. */
record MemoryDigestSource(ComparedTable table, List<List<@Nullable String>> values)
    implements TableDigestSource {
  @Override
  public String store() {
    return "memory";
  }

  private TextRow digest(List<@Nullable String> row) {
    return new TextRow(
        Digest.ofText(CanonicalRow.of(row, table.keyIndexes())),
        Digest.ofText(CanonicalRow.of(row)),
        row);
  }

  @Override
  public Map<Integer, ChunkSum> chunkSums(int chunks) {
    Map<Integer, ChunkSum> sums = new HashMap<>();
    for (List<@Nullable String> row : values) {
      TextRow digest = digest(row);
      sums.merge(
          digest.key().chunk(chunks),
          ChunkSum.EMPTY.plus(new RowDigest(digest.key(), digest.row(), 1)),
          (a, b) -> new ChunkSum(a.rows() + b.rows(), a.high() + b.high(), a.low() + b.low()));
    }
    return sums;
  }

  @Override
  public RowCursor rows(ChunkSelection selection) {
    TreeMap<RowDigest, Long> copies = new TreeMap<>();
    for (List<@Nullable String> row : values) {
      TextRow digest = digest(row);
      if (selection.contains(digest.key())) {
        copies.merge(new RowDigest(digest.key(), digest.row(), 1), 1L, Long::sum);
      }
    }
    List<RowDigest> sorted = new ArrayList<>();
    copies.forEach((row, count) -> sorted.add(new RowDigest(row.key(), row.row(), count)));
    return RowCursor.of(sorted.iterator());
  }

  @Override
  public List<TextRow> texts(Set<Digest> keys) {
    return values.stream().map(this::digest).filter(row -> keys.contains(row.key())).toList();
  }
}
