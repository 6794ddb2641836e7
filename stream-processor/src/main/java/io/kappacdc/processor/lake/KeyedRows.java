package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import io.kappacdc.processor.lake.KeyCodec.KeyBytes;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys with what happens to each, and where its row is. About 30 bytes and the key for each entry.
 */
final class KeyedRows implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What an entry says of its key. */
  enum Kind {
    /** The row is complete, in the file of rows. */
    WHOLE,
    /** The row lacks values; it is in the file of partial rows. */
    PARTIAL,
    /** There is no row any more. */
    DELETED;

    private static final Kind[] ALL = values();
  }

  private byte[] bytes = new byte[256];
  private int[] ends = new int[16];
  private int[] rows = new int[16];
  private long[] lsns = new long[16];
  private long[] ordinals = new long[16];
  private byte[] kinds = new byte[16];
  private int size;
  private @Nullable KeyedRows formerKeys;

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  /**
   * Adds an entry.
   *
   * @param row number of its row in its file; any for a deletion
   */
  void add(KeyBytes key, Kind kind, int row, Position position) {
    add(key.buffer(), key.length(), kind, row, position);
  }

  void add(byte[] key, int length, Kind kind, int row, Position position) {
    int start = start(size);
    int end = start + length;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end));
    }
    if (size == ends.length) {
      int capacity = size * 2;
      ends = Arrays.copyOf(ends, capacity);
      rows = Arrays.copyOf(rows, capacity);
      lsns = Arrays.copyOf(lsns, capacity);
      ordinals = Arrays.copyOf(ordinals, capacity);
      kinds = Arrays.copyOf(kinds, capacity);
    }
    System.arraycopy(key, 0, bytes, start, length);
    ends[size] = end;
    rows[size] = row;
    lsns[size] = position.lsn();
    ordinals[size] = position.ordinal();
    kinds[size] = (byte) kind.ordinal();
    size++;
  }

  /**
   * Notes of the entry added last that the mirror has its row under another key, from which an
   * update took it.
   */
  void comesFrom(KeyBytes formerKey) {
    if (formerKeys == null) {
      formerKeys = new KeyedRows();
    }
    int last = size - 1;
    formerKeys.add(formerKey, kind(last), last, position(last));
  }

  /** The keys under which the mirror has rows of entries; their row is the entry. Null for none. */
  @Nullable KeyedRows formerKeys() {
    return formerKeys;
  }

  /** The entries that are deletions. */
  KeyedRows deleted() {
    KeyedRows deleted = new KeyedRows();
    for (int i = 0; i < size; i++) {
      if (kind(i) == Kind.DELETED) {
        deleted.add(key(i), end(i) - start(i), Kind.DELETED, row(i), position(i));
      }
    }
    return deleted;
  }

  /** Whether a key is in several of these. */
  static boolean meet(List<KeyedRows> slices) {
    try (KeyIndex seen = new BytesKeyIndex()) {
      for (KeyedRows keys : slices) {
        if (Arrays.stream(seen.find(keys)).anyMatch(place -> place != KeyIndex.NONE)) {
          return true;
        }
        seen.put(keys, new long[keys.size()]);
      }
      return false;
    }
  }

  /** A copy of one key. */
  byte[] key(int i) {
    return Arrays.copyOfRange(bytes, start(i), end(i));
  }

  /** The keys, one after the other; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  int start(int i) {
    return i == 0 ? 0 : ends[i - 1];
  }

  int end(int i) {
    return ends[i];
  }

  int row(int i) {
    return rows[i];
  }

  Kind kind(int i) {
    return Kind.ALL[kinds[i]];
  }

  Position position(int i) {
    return new Position(lsns[i], ordinals[i]);
  }

  long lsn(int i) {
    return lsns[i];
  }
}
