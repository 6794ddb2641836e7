package io.kappacdc.load.sql;

/** Keys in the order in which they came, as a ring: any of them can be had in constant time. */
final class KeyBag {
  /** A key beyond it is left to itself: its row is not changed any more. */
  static final int SIZE_MAX = 1 << 21;

  private long[] keys = new long[1024];
  private int head;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  void add(long key) {
    if (size == SIZE_MAX) {
      return;
    }
    if (size == keys.length) {
      grow();
    }
    keys[place(size++)] = key;
  }

  private void grow() {
    long[] wider = new long[keys.length * 2];
    for (int i = 0; i < size; i++) {
      wider[i] = keys[place(i)];
    }
    keys = wider;
    head = 0;
  }

  private int place(int index) {
    return (head + index) & (keys.length - 1);
  }

  /** The key at {@code index}, from 0, the oldest, to size - 1. */
  long get(int index) {
    return keys[place(index)];
  }

  /** The key that came last. */
  long newest() {
    return get(size - 1);
  }

  long removeOldest() {
    long key = keys[head];
    head = (head + 1) & (keys.length - 1);
    size--;
    return key;
  }

  /** Removes a key; the newest takes its place. */
  long remove(int index) {
    long key = get(index);
    size--;
    keys[place(index)] = keys[place(size)];
    return key;
  }
}
