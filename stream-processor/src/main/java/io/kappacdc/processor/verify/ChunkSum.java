package io.kappacdc.processor.verify;

/**
 * The checksum of a set of rows, independent of their order.
 *
 * @param rows how many rows
 * @param high sum of the high halves of the rows' digests, modulo 2^64
 * @param low sum of the low halves, modulo 2^64
 */
record ChunkSum(long rows, long high, long low) {
  static final ChunkSum EMPTY = new ChunkSum(0, 0, 0);

  ChunkSum plus(RowDigest row) {
    return new ChunkSum(
        rows + row.copies(),
        high + row.copies() * row.row().high(),
        low + row.copies() * row.row().low());
  }

  ChunkSum plus(ChunkSum other) {
    return new ChunkSum(rows + other.rows, high + other.high, low + other.low);
  }
}
