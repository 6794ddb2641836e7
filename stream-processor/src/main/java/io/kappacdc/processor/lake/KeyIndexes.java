package io.kappacdc.processor.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the indexes of mirrors, on the heap as long as they fit into one bound together, else on
 * disk. Tables are worked on side by side, so an index for which there is no room goes to disk at
 * once; it comes back after a batch that leaves room, or another index unused for long. An index
 * that has to leave the heap is dropped, that of the table used least recently first; if its table
 * is busy, its next one is on disk. Thread-safe.
 */
final class KeyIndexes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KeyIndexes.class);

  /** What a key takes on the heap, with room to grow; texts are assumed to be short. */
  private static final long BYTES_PER_LONG = 32;

  private static final long BYTES_PER_KEY = 72;

  /** A table with an index so young is busy. */
  private static final long BATCHES_BUSY = 500;

  private final long heapBytesMax;
  private final Path directory;
  private final Map<String, KeyIndex> onHeap = new HashMap<>();
  private final Map<String, Long> usedAt = new HashMap<>();
  private final Set<String> tooLarge = ConcurrentHashMap.newKeySet();

  /** What indexes on the heap will take that are still being filled. */
  private final Map<String, Long> expectedBytes = new HashMap<>();

  /** What indexes on disk would take that found no room on the heap. */
  private final Map<String, Long> crowdedOut = new HashMap<>();

  private long clock;

  /**
   * @param heapBytesMax bound of all indexes on the heap together
   * @param root local directory below which the others lie, each process in its own
   */
  KeyIndexes(long heapBytesMax, Path root) {
    this.heapBytesMax = heapBytesMax;
    this.directory = root.resolve(ProcessHandle.current().pid() + "-" + UUID.randomUUID());
    removeRemains(root);
  }

  /** Directories of processes that are no more. */
  static void removeRemains(Path root) {
    if (!Files.isDirectory(root)) {
      return;
    }
    try (Stream<Path> directories = Files.list(root)) {
      directories.filter(KeyIndexes::isAbandoned).forEach(RocksKeyIndex::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isAbandoned(Path directory) {
    String pid = directory.getFileName().toString().split("-", 2)[0];
    return pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
  }

  /**
   * An empty index for a table, to be filled until {@link #used} is called.
   *
   * @param rows how many keys it will have
   */
  synchronized KeyIndex open(String table, KeyCodec codec, long rows) {
    long estimate = rows * (codec.isLong() ? BYTES_PER_LONG : BYTES_PER_KEY);
    if (tooLarge.contains(table) || heapBytes() + estimate > heapBytesMax) {
      return openOnDisk(table, rows, estimate);
    }
    KeyIndex index = codec.isLong() ? new LongKeyIndex() : new BytesKeyIndex();
    crowdedOut.remove(table);
    onHeap.put(table, index);
    expectedBytes.put(table, estimate);
    usedAt.put(table, ++clock);
    return index;
  }

  /**
   * An empty index on disk for a table, in the place of one that was closed because the heap was
   * full before it was.
   *
   * @param rows how many keys it will have
   * @param filled how many keys the other one had
   * @param filledBytes what it took
   */
  synchronized KeyIndex reopen(String table, long rows, long filled, long filledBytes) {
    long rest = Math.max(rows - filled, 0);
    return openOnDisk(table, rows, filledBytes + filledBytes / Math.max(filled, 1) * rest);
  }

  private KeyIndex openOnDisk(String table, long rows, long heapBytes) {
    log.info("Index on disk table={} rows={}", table, rows);
    if (heapBytes <= heapBytesMax && !tooLarge.contains(table)) {
      crowdedOut.put(table, heapBytes);
    }
    usedAt.put(table, ++clock);
    return new RocksKeyIndex(directory.resolve(UUID.randomUUID().toString()));
  }

  private long heapBytes() {
    long bytes = 0;
    for (Map.Entry<String, KeyIndex> index : onHeap.entrySet()) {
      long expected = expectedBytes.getOrDefault(index.getKey(), 0L);
      bytes += Math.max(expected, index.getValue().heapBytes());
    }
    return bytes;
  }

  /** Whether the heap has room for an index that is being filled. */
  synchronized boolean hasRoom(KeyIndex index) {
    return !onHeap.containsValue(index) || heapBytes() <= heapBytesMax;
  }

  /** The table's index is filled, and at work. */
  synchronized void used(String table) {
    expectedBytes.remove(table);
    usedAt.put(table, ++clock);
  }

  synchronized void closed(String table) {
    expectedBytes.remove(table);
    onHeap.remove(table);
  }

  /**
   * The table whose index has to go: so that the rest fits, or because its next one is better
   * placed. Empty if there is none. To be asked when no index is in use.
   */
  synchronized Optional<String> surplus() {
    long bytes = heapBytes();
    if (bytes <= heapBytesMax) {
      return comingBack(bytes);
    }
    String oldest = oldest().orElseThrow();
    if (onHeap.size() == 1 || isBusy(oldest)) {
      tooLarge.add(oldest);
    }
    return Optional.of(oldest);
  }

  /** An index on disk that there is room for now, or one that keeps such an index from its room. */
  private Optional<String> comingBack(long bytes) {
    Optional<String> idle = oldest().filter(table -> !isBusy(table));
    for (Map.Entry<String, Long> waiting : crowdedOut.entrySet()) {
      String table = waiting.getKey();
      if (bytes + waiting.getValue() <= heapBytesMax) {
        crowdedOut.remove(table);
        return Optional.of(table);
      }
      long freed = idle.map(onHeap::get).map(KeyIndex::heapBytes).orElse(0L);
      if (freed > 0 && bytes - freed + waiting.getValue() <= heapBytesMax) {
        return idle;
      }
    }
    return Optional.empty();
  }

  private Optional<String> oldest() {
    return onHeap.keySet().stream()
        .min((a, b) -> Long.compare(usedAt.getOrDefault(a, 0L), usedAt.getOrDefault(b, 0L)));
  }

  private boolean isBusy(String table) {
    return clock - usedAt.getOrDefault(table, 0L) < BATCHES_BUSY;
  }

  @Override
  public void close() {
    if (Files.isDirectory(directory)) {
      RocksKeyIndex.delete(directory);
    }
  }
}
