package io.kappacdc.load;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Integer keys, of which any is drawn with equal chance in constant time. Bounded. */
final class KeyBag {
  static final int SIZE_MAX = 8_000_000;

  private int[] keys = new int[1024];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** Adds a key; one beyond the bound is left to itself: its row is not changed any more. */
  void add(int key) {
    if (size == SIZE_MAX) {
      return;
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, Math.min(SIZE_MAX, size * 2));
    }
    keys[size++] = key;
  }

  int draw(RandomGenerator random) {
    return keys[random.nextInt(size)];
  }

  int drawAndRemove(RandomGenerator random) {
    int index = random.nextInt(size);
    int key = keys[index];
    keys[index] = keys[--size];
    return key;
  }
}
