package io.kappacdc.processor.lake;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys of any kind, whole, on the heap: each segment has its entries one after the other in one
 * array and a table of their offsets. About 25 bytes and the key for each key.
 */
final class BytesKeyIndex implements KeyIndex {
  private static final int SEGMENT_BITS = 8;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final Segment[] segments = new Segment[1 << SEGMENT_BITS];
  private long size;

  BytesKeyIndex() {
    Arrays.setAll(segments, i -> new Segment());
  }

  @Override
  public long[] find(KeyedRows keys) {
    long[] places = new long[keys.size()];
    for (int i = 0; i < places.length; i++) {
      long hash = hash(keys.bytes(), keys.start(i), keys.end(i));
      Segment segment = segment(hash);
      int slot = segment.find((int) hash, keys.bytes(), keys.start(i), keys.end(i));
      places[i] = slot < 0 ? NONE : segment.place(slot);
    }
    return places;
  }

  @Override
  public void put(KeyedRows keys, long[] places) {
    for (int i = 0; i < places.length; i++) {
      if (places[i] == UNCHANGED) {
        continue;
      }
      long hash = hash(keys.bytes(), keys.start(i), keys.end(i));
      Segment segment = segment(hash);
      int slot = segment.find((int) hash, keys.bytes(), keys.start(i), keys.end(i));
      size -= segment.used;
      if (places[i] == NONE) {
        if (slot >= 0) {
          segment.remove(slot);
        }
      } else if (slot >= 0) {
        segment.setPlace(slot, places[i]);
      } else {
        segment.add((int) hash, keys.bytes(), keys.start(i), keys.end(i), places[i]);
      }
      size += segment.used;
    }
  }

  private static long hash(byte[] bytes, int start, int end) {
    long hash = 0x9e3779b97f4a7c15L ^ end - start;
    int at = start;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash ^ (long) LONG.get(bytes, at));
    }
    long rest = 0;
    for (; at < end; at++) {
      rest = rest << 8 | bytes[at] & 0xff;
    }
    return mix(hash ^ rest);
  }

  private static long mix(long value) {
    long hash = value;
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
    return Arrays.stream(segments).mapToLong(Segment::heapBytes).sum();
  }

  @Override
  public void close() {}

  /** An entry: place, hash, length of the key, key. Slots hold the entry's offset plus one. */
  private static final class Segment {
    private static final int HASH = Long.BYTES;
    private static final int LENGTH = HASH + Integer.BYTES;
    private static final int KEY = LENGTH + Integer.BYTES;

    private byte[] entries = new byte[64];
    private int[] slots = new int[4];
    private int end;
    private int dead;
    private int used;

    long heapBytes() {
      return entries.length + 4L * slots.length;
    }

    private int first(int hash) {
      return Integer.remainderUnsigned(hash, slots.length);
    }

    private int next(int slot) {
      return slot + 1 == slots.length ? 0 : slot + 1;
    }

    /** The key's slot, or a negative number. */
    int find(int hash, byte[] bytes, int start, int stop) {
      for (int slot = first(hash); slots[slot] != 0; slot = next(slot)) {
        int entry = slots[slot] - 1;
        if ((int) INT.get(entries, entry + HASH) == hash
            && Arrays.equals(
                entries,
                entry + KEY,
                entry + KEY + (int) INT.get(entries, entry + LENGTH),
                bytes,
                start,
                stop)) {
          return slot;
        }
      }
      return -1;
    }

    long place(int slot) {
      return (long) LONG.get(entries, slots[slot] - 1);
    }

    void setPlace(int slot, long place) {
      LONG.set(entries, slots[slot] - 1, place);
    }

    void add(int hash, byte[] bytes, int start, int stop, long place) {
      int length = KEY + stop - start;
      if (end + length > entries.length) {
        makeRoom(length);
      }
      if ((used + 1) * 4L > slots.length * 3L) {
        rehash(slots.length + slots.length / 2);
      }
      LONG.set(entries, end, place);
      INT.set(entries, end + HASH, hash);
      INT.set(entries, end + LENGTH, stop - start);
      System.arraycopy(bytes, start, entries, end + KEY, stop - start);
      insert(hash, end + 1);
      end += length;
      used++;
    }

    private void insert(int hash, int value) {
      int slot = first(hash);
      while (slots[slot] != 0) {
        slot = next(slot);
      }
      slots[slot] = value;
    }

    /** Drops removed entries, and grows if that is not enough. */
    private void makeRoom(int length) {
      long needed = (long) end - dead + length;
      long capacity = Math.max(entries.length, needed + needed / 3);
      if (capacity > Integer.MAX_VALUE - 8) {
        throw new IllegalStateException("The keys of a mirror do not fit in memory");
      }
      byte[] old = entries;
      entries = new byte[(int) capacity];
      int[] offsets = slots;
      int to = 0;
      for (int i = 0; i < offsets.length; i++) {
        if (offsets[i] != 0) {
          int entry = offsets[i] - 1;
          int size = KEY + (int) INT.get(old, entry + LENGTH);
          System.arraycopy(old, entry, entries, to, size);
          offsets[i] = to + 1;
          to += size;
        }
      }
      end = to;
      dead = 0;
    }

    private void rehash(int capacity) {
      int[] old = slots;
      slots = new int[capacity];
      for (int value : old) {
        if (value != 0) {
          insert((int) INT.get(entries, value - 1 + HASH), value);
        }
      }
    }

    /** Later keys of the run move up, so that no search ends too early. */
    void remove(int slot) {
      dead += KEY + (int) INT.get(entries, slots[slot] - 1 + LENGTH);
      used--;
      int hole = slot;
      for (int at = next(hole); slots[at] != 0; at = next(at)) {
        int home = first((int) INT.get(entries, slots[at] - 1 + HASH));
        boolean mayMove = hole <= at ? home <= hole || home > at : home <= hole && home > at;
        if (mayMove) {
          slots[hole] = slots[at];
          hole = at;
        }
      }
      slots[hole] = 0;
    }
  }
}
