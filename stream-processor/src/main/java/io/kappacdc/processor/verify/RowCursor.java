package io.kappacdc.processor.verify;

import java.util.Iterator;

/** Row digests in ascending order, streamed from a store; to be closed. Not thread-safe. */
interface RowCursor extends Iterator<RowDigest>, AutoCloseable {
  @Override
  void close();

  /** A cursor over rows at hand. */
  static RowCursor of(Iterator<RowDigest> rows) {
    return new RowCursor() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public RowDigest next() {
        return rows.next();
      }

      @Override
      public void close() {}
    };
  }
}
