package io.kappacdc.cli.bench.measure;

import java.util.Arrays;

/**
 * When a stage had passed which offset of one partition: an entry for each step forwards. One
 * thread notes steps; after that, others may read.
 */
final class Timeline {
  static final long NEVER = -1;

  private long[] nextOffsets = new long[256];
  private long[] micros = new long[256];
  private int size;

  /** Everything before {@code nextOffset} can be read at that time. Steps backwards are ignored. */
  void reached(long atMicros, long nextOffset) {
    if (size > 0 && nextOffset <= nextOffsets[size - 1]) {
      return;
    }
    if (size == micros.length) {
      nextOffsets = Arrays.copyOf(nextOffsets, size * 2);
      micros = Arrays.copyOf(micros, size * 2);
    }
    nextOffsets[size] = nextOffset;
    // A clock that is set back must not make later entries look earlier than those before them.
    micros[size] = size == 0 ? atMicros : Math.max(atMicros, micros[size - 1]);
    size++;
  }

  int size() {
    return size;
  }

  long microsOf(int entry) {
    return micros[entry];
  }

  /** Looks entries up for offsets that only grow. For one thread. */
  final class Cursor {
    private int entry;

    /** The entry that made {@code offset} visible, or {@link #NEVER}. */
    int entryOf(long offset) {
      while (entry < size && nextOffsets[entry] <= offset) {
        entry++;
      }
      return entry < size ? entry : (int) NEVER;
    }
  }

  Cursor cursor() {
    return new Cursor();
  }
}
