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
 * disk. An index that has to leave the heap is dropped, that of the table used least recently
 * first; if its table is busy, its next one is on disk. Thread-safe.
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
   * An empty index for a table.
   *
   * @param rows how many keys it will have
   */
  synchronized KeyIndex open(String table, KeyCodec codec, long rows) {
    long estimate = rows * (codec.isLong() ? BYTES_PER_LONG : BYTES_PER_KEY);
    KeyIndex index;
    if (estimate > heapBytesMax || tooLarge.contains(table)) {
      log.info("Index on disk table={} rows={}", table, rows);
      index = new RocksKeyIndex(directory.resolve(UUID.randomUUID().toString()));
    } else {
      index = codec.isLong() ? new LongKeyIndex() : new BytesKeyIndex();
      onHeap.put(table, index);
    }
    used(table);
    return index;
  }

  synchronized void used(String table) {
    usedAt.put(table, ++clock);
  }

  synchronized void closed(String table) {
    onHeap.remove(table);
  }

  /**
   * The table whose index has to go, so that the rest fits; empty if all fit. To be asked when no
   * index is in use.
   */
  synchronized Optional<String> surplus() {
    long bytes = onHeap.values().stream().mapToLong(KeyIndex::heapBytes).sum();
    if (bytes <= heapBytesMax) {
      return Optional.empty();
    }
    String oldest =
        onHeap.keySet().stream()
            .min((a, b) -> Long.compare(usedAt.getOrDefault(a, 0L), usedAt.getOrDefault(b, 0L)))
            .orElseThrow();
    if (onHeap.size() == 1 || clock - usedAt.getOrDefault(oldest, 0L) < BATCHES_BUSY) {
      tooLarge.add(oldest);
    }
    return Optional.of(oldest);
  }

  @Override
  public void close() {
    if (Files.isDirectory(directory)) {
      RocksKeyIndex.delete(directory);
    }
  }
}
