package io.kappacdc.processor.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Keys on local disk, for mirrors whose index would take too much memory. Never outlives its
 * process: nothing is written ahead, and the directory goes with {@link #close()}. Takes about
 * {@value #CACHE_BYTES} + 2 × {@value #BUFFER_BYTES} bytes outside the heap.
 */
final class RocksKeyIndex implements KeyIndex {
  private static final long CACHE_BYTES = 32L << 20;
  private static final long BUFFER_BYTES = 16L << 20;
  private static final int FILTER_BITS = 10;

  static {
    RocksDB.loadLibrary();
  }

  private final Path directory;
  private final LRUCache cache = new LRUCache(CACHE_BYTES);
  private final BloomFilter filter = new BloomFilter(FILTER_BITS);
  private final Options options;
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final RocksDB store;

  /**
   * @param directory a new one, for this index alone
   */
  RocksKeyIndex(Path directory) {
    this.directory = directory;
    this.options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(BUFFER_BYTES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTableFormatConfig(
                new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(filter));
    try {
      Files.createDirectories(directory);
      this.store = RocksDB.open(options, directory.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  private static IllegalStateException failure(RocksDBException cause) {
    return new IllegalStateException("A mirror's index on disk failed", cause);
  }

  @Override
  public long[] find(KeyedRows keys) {
    long[] places = new long[keys.size()];
    List<byte[]> wanted = new ArrayList<>(places.length);
    for (int i = 0; i < places.length; i++) {
      wanted.add(keys.key(i));
    }
    try {
      List<byte[]> found = store.multiGetAsList(wanted);
      for (int i = 0; i < places.length; i++) {
        byte[] place = found.get(i);
        places[i] = place == null ? NONE : ByteBuffer.wrap(place).getLong();
      }
      return places;
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  @Override
  public void put(KeyedRows keys, long[] places) {
    try (WriteBatch batch = new WriteBatch()) {
      for (int i = 0; i < places.length; i++) {
        if (places[i] == NONE) {
          batch.delete(keys.key(i));
        } else if (places[i] != UNCHANGED) {
          batch.put(keys.key(i), ByteBuffer.allocate(Long.BYTES).putLong(places[i]).array());
        }
      }
      store.write(unlogged, batch);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  /** Reads all keys. */
  @Override
  public long size() {
    long size = 0;
    try (RocksIterator all = store.newIterator()) {
      for (all.seekToFirst(); all.isValid(); all.next()) {
        size++;
      }
    }
    return size;
  }

  @Override
  public long heapBytes() {
    return 0;
  }

  @Override
  public void close() {
    store.close();
    options.close();
    unlogged.close();
    filter.close();
    cache.close();
    delete(directory);
  }

  /** Removes a directory of indexes; what is left over costs room only. */
  static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      directory.toFile().deleteOnExit();
    }
  }
}
