package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The latest change of each key in a slice, with the values that earlier changes of the slice know
 * and the latest lacks. For a table without key, every row. Holds as many changes as the slice has
 * keys. Not thread-safe.
 */
final class KeyReducer {
  /**
   * What a key comes to.
   *
   * @param event the latest change
   * @param image its image, completed from earlier ones; may still lack unchanged values
   */
  record Latest(ChangeEvent event, Row image) {
    boolean isDelete() {
      return event.operation() == Operation.DELETE;
    }

    /** Whether the row's other values must come from the mirror. */
    boolean isPartial() {
      return !isDelete() && image.hasAbsent();
    }
  }

  private final Map<ByteBuffer, Latest> latestByKey = new LinkedHashMap<>();
  private final List<Latest> rows = new ArrayList<>();
  private @Nullable KeyCodec codec;

  /**
   * Takes the next change, of any kind but a truncation.
   *
   * @param lake columns of the mirror, at least those of the event; key columns never change their
   *     type
   * @return why the change cannot be applied; empty if it can
   */
  Optional<String> add(ChangeEvent event, LakeSchema lake) {
    TableSchema schema = event.schema();
    Row image = Objects.requireNonNull(event.image());
    if (!schema.hasKey()) {
      return addRow(event, image);
    }
    if (codec == null) {
      codec = KeyCodec.ofKeys(lake, schema.key());
    }
    KeyCodec.KeyBytes bytes = codec.encode(event, image);
    if (bytes == null) {
      return Optional.of(event + " has no complete key.");
    }
    ByteBuffer key = ByteBuffer.wrap(bytes.copy());
    Latest earlier = latestByKey.remove(key);
    if (event.operation() != Operation.DELETE && image.hasAbsent() && earlier != null) {
      if (earlier.isDelete()) {
        return Optional.of(
            event + " lacks values that PostgreSQL did not send, and its row was deleted before.");
      }
      image = completed(schema, image, earlier);
    }
    latestByKey.put(key, new Latest(event, image));
    return Optional.empty();
  }

  private Optional<String> addRow(ChangeEvent event, Row image) {
    if (event.operation() == Operation.UPDATE || event.operation() == Operation.DELETE) {
      return Optional.of(
          event
              + ": the mirror cannot tell which row changes, as the table has no primary key."
              + " Add one, or read the table's changes from its trail; then rebuild the mirror.");
    }
    rows.add(new Latest(event, image));
    return Optional.empty();
  }

  /** All rows are gone. */
  void clear() {
    latestByKey.clear();
    rows.clear();
  }

  Collection<Latest> changes() {
    return rows.isEmpty() ? latestByKey.values() : rows;
  }

  private static Row completed(TableSchema schema, Row image, Latest earlier) {
    TableSchema earlierSchema = earlier.event().schema();
    String[] values = new String[image.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          image.isAbsent(i)
              ? value(earlierSchema, earlier.image(), schema.columns().get(i).name())
              : image.get(i);
    }
    return Row.of(values);
  }

  private static @Nullable String value(TableSchema schema, Row image, String column) {
    for (int i = 0; i < image.size(); i++) {
      if (schema.columns().get(i).name().equals(column)) {
        return image.get(i);
      }
    }
    return Row.ABSENT;
  }
}
