package io.kappacdc.processor.lake;

import java.util.Arrays;

/**
 * Keys that are one whole number, on the heap. Many small tables of linear probing, so that growth
 * never needs much room at once. 21 to 32 bytes a key.
 */
final class LongKeyIndex implements KeyIndex {
  private static final int SEGMENT_BITS = 8;
  private static final int CAPACITY_MIN = 4;

  private final Segment[] segments = new Segment[1 << SEGMENT_BITS];
  private long size;

  LongKeyIndex() {
    Arrays.setAll(segments, i -> new Segment());
  }

  @Override
  public long[] find(KeyedRows keys) {
    long[] places = new long[keys.size()];
    for (int i = 0; i < places.length; i++) {
      long key = key(keys, i);
      long hash = hash(key);
      places[i] = segment(hash).find(key, hash);
    }
    return places;
  }

  @Override
  public void put(KeyedRows keys, long[] places) {
    for (int i = 0; i < places.length; i++) {
      if (places[i] == UNCHANGED) {
        continue;
      }
      long key = key(keys, i);
      long hash = hash(key);
      Segment segment = segment(hash);
      size -= segment.used;
      if (places[i] == NONE) {
        segment.remove(key, hash);
      } else {
        segment.put(key, hash, places[i]);
      }
      size += segment.used;
    }
  }

  private static long key(KeyedRows keys, int i) {
    byte[] bytes = keys.bytes();
    long key = 0;
    for (int at = keys.start(i); at < keys.end(i); at++) {
      key = key << 8 | bytes[at] & 0xff;
    }
    return key;
  }

  /** MurmurHash3's finalizer: a bijection, so that neighbouring keys spread. */
  private static long hash(long key) {
    long hash = key;
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return hash ^ hash >>> 33;
  }

  private Segment segment(long hash) {
    return segments[(int) (hash >>> 64 - SEGMENT_BITS)];
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long heapBytes() {
    return Arrays.stream(segments).mapToLong(segment -> 16L * segment.keys.length).sum();
  }

  @Override
  public void close() {}

  /** A place of {@link #NONE} marks a free slot. */
  private static final class Segment {
    private long[] keys = new long[CAPACITY_MIN];
    private long[] places = new long[CAPACITY_MIN];
    private int used;

    Segment() {
      Arrays.fill(places, NONE);
    }

    private int slot(long hash) {
      return (int) Long.remainderUnsigned(hash, keys.length);
    }

    private int next(int slot) {
      return slot + 1 == keys.length ? 0 : slot + 1;
    }

    long find(long key, long hash) {
      for (int slot = slot(hash); places[slot] != NONE; slot = next(slot)) {
        if (keys[slot] == key) {
          return places[slot];
        }
      }
      return NONE;
    }

    void put(long key, long hash, long place) {
      int slot = slot(hash);
      while (places[slot] != NONE && keys[slot] != key) {
        slot = next(slot);
      }
      if (places[slot] == NONE) {
        used++;
      }
      keys[slot] = key;
      places[slot] = place;
      if (used * 4L > keys.length * 3L) {
        grow();
      }
    }

    private void grow() {
      long[] oldKeys = keys;
      long[] oldPlaces = places;
      int capacity = oldKeys.length + oldKeys.length / 2;
      keys = new long[capacity];
      places = new long[capacity];
      Arrays.fill(places, NONE);
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldPlaces[i] != NONE) {
          int slot = slot(hash(oldKeys[i]));
          while (places[slot] != NONE) {
            slot = next(slot);
          }
          keys[slot] = oldKeys[i];
          places[slot] = oldPlaces[i];
        }
      }
    }

    /** Later keys of the run move up, so that no search ends too early. */
    void remove(long key, long hash) {
      int hole = slot(hash);
      while (places[hole] != NONE && keys[hole] != key) {
        hole = next(hole);
      }
      if (places[hole] == NONE) {
        return;
      }
      used--;
      for (int slot = next(hole); places[slot] != NONE; slot = next(slot)) {
        int home = slot(hash(keys[slot]));
        boolean mayMove = hole <= slot ? home <= hole || home > slot : home <= hole && home > slot;
        if (mayMove) {
          keys[hole] = keys[slot];
          places[hole] = places[slot];
          hole = slot;
        }
      }
      places[hole] = NONE;
    }
  }
}
