package io.kappacdc.processor.lake;

/** Where the live row of each key of a mirror is. Not thread-safe. */
interface KeyIndex extends AutoCloseable {
  /** No place: the key has no row. */
  long NONE = -1;

  /** In {@link #put}: the key stays where it is. */
  long UNCHANGED = -2;

  /** A row in a file, by the number that the mirror gave the file. */
  static long place(int file, int row) {
    return (long) file << 32 | row;
  }

  static int file(long place) {
    return (int) (place >>> 32);
  }

  static int row(long place) {
    return (int) place;
  }

  /** The place of each key, in the keys' order. */
  long[] find(KeyedRows keys);

  /** Sets the place of each key, in the keys' order; {@link #NONE} removes it. */
  void put(KeyedRows keys, long[] places);

  /** Number of keys. */
  long size();

  /** Heap that it takes. */
  long heapBytes();

  @Override
  void close();
}
