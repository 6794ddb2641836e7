package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.lake.KeyCodec.KeyBytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyIndexTest {
  private static final TableSchema NUMBERS = SourceHistory.table("n", 1, "id bigint");
  private static final TableSchema TEXTS = SourceHistory.table("t", 1, "id text");

  /** The kinds of index, each with keys that it is made for. */
  private enum Kind {
    LONGS(NUMBERS),
    BYTES(TEXTS),
    DISK(TEXTS);

    private final TableSchema schema;

    Kind(TableSchema schema) {
      this.schema = schema;
    }
  }

  @TempDir private Path directory;

  private KeyIndex open(Kind kind) {
    return switch (kind) {
      case LONGS -> new LongKeyIndex();
      case BYTES -> new BytesKeyIndex();
      case DISK -> new RocksKeyIndex(directory.resolve("index"));
    };
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void indexIsAMap(Kind kind) {
    // Given
    Random random = new Random(7);
    Map<String, Long> expected = new HashMap<>();
    IntFunction<String> name =
        i -> kind == Kind.LONGS ? "" + (i - 500) * 0x1_0000_0001L : "x".repeat(i % 40) + i;

    try (KeyIndex index = open(kind)) {
      // When
      for (int batch = 0; batch < 400; batch++) {
        List<String> names = new ArrayList<>();
        for (int i = random.nextInt(40); i >= 0; i--) {
          String key = name.apply(random.nextInt(batch < 200 ? 3000 : 300));
          if (!names.contains(key)) {
            names.add(key);
          }
        }
        long[] places = new long[names.size()];
        for (int i = 0; i < places.length; i++) {
          places[i] =
              switch (random.nextInt(4)) {
                case 0, 1 -> KeyIndex.NONE;
                case 2 -> KeyIndex.UNCHANGED;
                default -> KeyIndex.place(random.nextInt(), random.nextInt());
              };
          if (places[i] < 0 && places[i] != KeyIndex.NONE && places[i] != KeyIndex.UNCHANGED) {
            places[i] = KeyIndex.place(batch, i);
          }
          if (places[i] == KeyIndex.NONE) {
            expected.remove(names.get(i));
          } else if (places[i] != KeyIndex.UNCHANGED) {
            expected.put(names.get(i), places[i]);
          }
        }
        index.put(keys(kind.schema, names), places);
      }

      // Then
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        all.add(name.apply(i));
      }
      long[] found = index.find(keys(kind.schema, all));
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i])
            .as(all.get(i))
            .isEqualTo(expected.getOrDefault(all.get(i), KeyIndex.NONE));
      }
      assertThat(index.size()).isEqualTo(expected.size());
    }
    assertThat(directory.resolve("index")).doesNotExist();
  }

  private static KeyedRows keys(TableSchema schema, List<String> values) {
    KeyCodec codec = KeyCodec.ofKeys(lake(schema), schema.key());
    KeyedRows keys = new KeyedRows();
    for (String value : values) {
      keys.add(encode(codec, schema, value), KeyedRows.Kind.WHOLE, 0, Position.ORIGIN);
    }
    return keys;
  }

  private static LakeSchema lake(TableSchema schema) {
    return ((LakeSchema.Fit.Fits) LakeSchema.EMPTY.fit(schema)).merged();
  }

  private static KeyBytes encode(KeyCodec codec, TableSchema schema, String value) {
    ChangeEvent.Origin origin = new ChangeEvent.Origin(new Position(1, 1), 1, 1);
    return codec.encode(ChangeEvent.create(origin, schema, Row.of(value)), Row.of(value));
  }

  private static boolean isSame(String builtInType, String a, String b) {
    TableSchema schema = SourceHistory.table("k", 1, "id " + builtInType);
    KeyCodec codec = KeyCodec.ofKeys(lake(schema), schema.key());
    byte[] first = encode(codec, schema, a).copy();
    return java.util.Arrays.equals(first, encode(codec, schema, b).copy());
  }

  @Test
  void keysAreTheSameWhenPostgresSaysSo() {
    assertThat(isSame("numeric(10,2)", "1.50", "1.5")).isTrue();
    assertThat(isSame("numeric(10,2)", "1.50", "1.51")).isFalse();
    assertThat(isSame("numeric(10,2)", "NaN", "0.00")).isFalse();
    assertThat(isSame("double precision", "-0", "0")).isTrue();
    assertThat(isSame("double precision", "NaN", "NaN")).isTrue();
    assertThat(isSame("real", "0.1", "0.10000001")).isFalse();
    assertThat(isSame("text", "a", "A")).isFalse();
    assertThat(isSame("date", "infinity", "-infinity")).isFalse();
    assertThat(
            isSame("timestamp with time zone", "2024-01-01 02:00:00+02", "2024-01-01 00:00:00+00"))
        .isTrue();
  }

  @Test
  void indexesThatDoNotFitTogetherLeaveTheHeapAndBusyOnesGoToDisk() {
    // Given
    try (KeyIndexes indexes = new KeyIndexes(100_000, directory)) {
      KeyCodec codec = KeyCodec.ofKeys(lake(NUMBERS), NUMBERS.key());
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        names.add("" + i);
      }
      for (KeyIndex index :
          List.of(indexes.open("first", codec, 1000), indexes.open("second", codec, 1000))) {
        index.put(keys(NUMBERS, names), new long[names.size()]);
      }
      indexes.used("first");
      indexes.used("second");

      // When
      Optional<String> surplus = indexes.surplus();
      indexes.closed(surplus.orElseThrow());

      // Then
      assertThat(surplus).contains("first");
      assertThat(indexes.surplus()).isEmpty();
      try (KeyIndex again = indexes.open("first", codec, 1000);
          KeyIndex large = indexes.open("large", codec, 1_000_000);
          KeyIndex small = indexes.open("small", codec, 10)) {
        assertThat(again).isInstanceOf(RocksKeyIndex.class);
        assertThat(large).isInstanceOf(RocksKeyIndex.class);
        assertThat(small).isInstanceOf(LongKeyIndex.class);
      }
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anIndexThatFindsNoRoomIsOnDiskUntilAnotherIsIdle() {
    // Given
    try (KeyIndexes indexes = new KeyIndexes(100_000, directory)) {
      KeyCodec codec = KeyCodec.ofKeys(lake(NUMBERS), NUMBERS.key());
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 1500; i++) {
        names.add("" + i);
      }
      KeyIndex first = indexes.open("first", codec, 1500);
      KeyIndex second = indexes.open("second", codec, 1500);
      for (KeyIndex index : List.of(first, second)) {
        index.put(keys(NUMBERS, names), new long[names.size()]);
      }

      // When
      try (KeyIndex third = indexes.open("third", codec, 1500)) {
        assertThat(third).isInstanceOf(RocksKeyIndex.class);
      }
      indexes.used("first");
      boolean isAllInPlace = indexes.surplus().isEmpty();
      for (int batch = 0; batch < 600; batch++) {
        indexes.used("second");
        indexes.used("third");
      }

      // Then
      assertThat(isAllInPlace).isTrue();
      assertThat(indexes.surplus()).contains("first");
      indexes.closed("first");
      assertThat(indexes.surplus()).contains("third");
      assertThat(indexes.surplus()).isEmpty();
      assertThat(indexes.open("third", codec, 1500)).isInstanceOf(LongKeyIndex.class);
    }
  }

  @Test
  void indexesThatAreStillBeingFilledHaveTheirRoom() {
    // Given
    try (KeyIndexes indexes = new KeyIndexes(100_000, directory)) {
      KeyCodec codec = KeyCodec.ofKeys(lake(NUMBERS), NUMBERS.key());

      // When
      KeyIndex first = indexes.open("first", codec, 2000);
      KeyIndex second = indexes.open("second", codec, 2000);

      // Then
      assertThat(first).isInstanceOf(LongKeyIndex.class);
      assertThat(second).isInstanceOf(RocksKeyIndex.class);
      second.close();
    }
  }

  @Test
  void indexesOfDeadProcessesAreRemoved() throws Exception {
    // Given
    Path dead = Files.createDirectories(directory.resolve("999999999-x/index"));
    Path alive =
        Files.createDirectories(directory.resolve(ProcessHandle.current().pid() + "-x/index"));

    // When
    new KeyIndexes(1, directory).close();

    // Then
    assertThat(dead).doesNotExist();
    assertThat(alive).exists();
  }
}
