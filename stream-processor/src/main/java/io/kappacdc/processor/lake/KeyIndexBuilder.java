package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the index of a mirror from its files: keys and positions, no other columns. Rows whose key
 * cannot be read are left out, as no change can mean them.
 */
final class KeyIndexBuilder {
  private static final Logger log = LoggerFactory.getLogger(KeyIndexBuilder.class);
  private static final int KEYS_AT_ONCE = 8192;

  private final MirrorFiles files;
  private final KeyCodec codec;
  private final ParquetScan scan;

  /**
   * @param scan reads {@link KeyCodec#storedColumns()}
   */
  KeyIndexBuilder(MirrorFiles files, KeyCodec codec, ParquetScan scan) {
    this.files = files;
    this.codec = codec;
    this.scan = scan;
  }

  /**
   * Fills an empty index; of several rows with one key all but the newest die.
   *
   * @param hasRoom asked now and then
   * @return false if it was given up because there was no room for more keys
   */
  boolean fill(KeyIndex index, Predicate<KeyIndex> hasRoom) {
    long[] rows = {0};
    boolean[] isFull = {false};
    forEachChunk(
        (file, keys) -> {
          if (!isFull[0]) {
            index.put(keys, places(file, keys));
            rows[0] += keys.size();
            isFull[0] = !hasRoom.test(index);
          }
        });
    if (isFull[0]) {
      return false;
    }
    if (index.size() != rows[0]) {
      keepNewest(index);
    }
    return true;
  }

  /** Takes some of the keys of one file. */
  private interface Chunk {
    void take(MirrorFile file, KeyedRows keys);
  }

  private void forEachChunk(Chunk chunk) {
    KeyedRows keys = new KeyedRows();
    for (MirrorFile file : files.all()) {
      if (file.liveRows() > 0) {
        MirrorFiles.forEachLiveRow(
            file,
            scan,
            (row, values) -> {
              KeyCodec.KeyBytes key = codec.read(values);
              if (key != null) {
                keys.add(key, KeyedRows.Kind.WHOLE, row, codec.position(values));
              }
              if (keys.size() == KEYS_AT_ONCE) {
                chunk.take(file, keys);
                keys.clear();
              }
            });
        chunk.take(file, keys);
        keys.clear();
      }
    }
  }

  private static long[] places(MirrorFile file, KeyedRows keys) {
    long[] places = new long[keys.size()];
    Arrays.setAll(places, i -> KeyIndex.place(file.number(), keys.row(i)));
    return places;
  }

  /** A row that has a contested key. */
  private record Holder(long place, Position position) {}

  /** Somebody has added rows by hand. A mirror has one row a key. */
  private void keepNewest(KeyIndex index) {
    Set<ByteBuffer> contested = new HashSet<>();
    forEachChunk(
        (file, keys) -> {
          long[] known = index.find(keys);
          for (int i = 0; i < known.length; i++) {
            if (known[i] != KeyIndex.place(file.number(), keys.row(i))) {
              contested.add(ByteBuffer.wrap(keys.key(i)));
            }
          }
        });
    log.warn("Several rows of a mirror have the same key, keys={}", contested.size());
    Map<ByteBuffer, Holder> newest = new HashMap<>();
    forEachChunk(
        (file, keys) -> {
          for (int i = 0; i < keys.size(); i++) {
            ByteBuffer key = ByteBuffer.wrap(keys.key(i));
            if (contested.contains(key)) {
              Holder mine =
                  new Holder(KeyIndex.place(file.number(), keys.row(i)), keys.position(i));
              newest.merge(key, mine, this::survivor);
            }
          }
        });
    KeyedRows keys = new KeyedRows();
    newest.forEach(
        (key, holder) ->
            keys.add(key.array(), key.array().length, KeyedRows.Kind.WHOLE, 0, holder.position()));
    long[] places = new long[keys.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = Objects.requireNonNull(newest.get(ByteBuffer.wrap(keys.key(i)))).place();
    }
    index.put(keys, places);
  }

  private Holder survivor(Holder a, Holder b) {
    Holder older = a.position().isAfter(b.position()) ? b : a;
    Objects.requireNonNull(files.get(KeyIndex.file(older.place())))
        .kill(KeyIndex.row(older.place()));
    return older == a ? b : a;
  }
}
