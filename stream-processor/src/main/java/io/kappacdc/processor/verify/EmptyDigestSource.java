package io.kappacdc.processor.verify;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A store that does not have the table. */
record EmptyDigestSource(String store) implements TableDigestSource {
  @Override
  public Map<Integer, ChunkSum> chunkSums(int chunks) {
    return Map.of();
  }

  @Override
  public RowCursor rows(ChunkSelection selection) {
    return RowCursor.of(Collections.emptyIterator());
  }

  @Override
  public List<TextRow> texts(Set<Digest> keys) {
    return List.of();
  }
}
