package io.kappacdc.processor.verify;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A table's rows at the fence, in one store. Every store digests the same canonical text ({@link
 * CanonicalRow}), so that equal rows have equal digests wherever they are. Used by one thread at a
 * time; all calls see the same rows.
 */
interface TableDigestSource {
  /** The store's name for people. */
  String store();

  /** Checksums by chunk number; chunks without rows may be missing. */
  Map<Integer, ChunkSum> chunkSums(int chunks);

  /** At least the rows of the selected chunks, in ascending order. */
  RowCursor rows(ChunkSelection selection);

  /** The rows with these key digests; at most a few for each key. */
  List<TextRow> texts(Set<Digest> keys);
}
