package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.lake.FormerRows.Former;
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
 * The latest change of each key in a slice, with the values that earlier changes of the batch know
 * and the latest lacks. For a table without key, every row. Holds as many changes as the slice has
 * keys. Not thread-safe.
 */
final class KeyReducer {
  /**
   * The key that a row of the mirror has and an update took from it.
   *
   * @param key a row that has the key, and nothing else
   */
  record FormerKey(TableSchema schema, Row key) {}

  /**
   * What a key comes to.
   *
   * @param event the latest change
   * @param image its image, completed from earlier ones; may still lack unchanged values
   * @param formerKey the key under which the mirror has these values; null if it is the row's own
   */
  record Latest(ChangeEvent event, Row image, @Nullable FormerKey formerKey) {
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
  private final ArrayList<KeyChange> keyChanges = new ArrayList<>();
  private final @Nullable FormerRows formerRows;
  private @Nullable KeyCodec codec;

  /**
   * @param formerRows of the batch; null as long as nobody has looked for them: then {@link
   *     #keyChanges()} tells whether there is a need
   */
  KeyReducer(@Nullable FormerRows formerRows) {
    this.formerRows = formerRows;
  }

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
    if (event.operation() == Operation.CREATE && image.hasAbsent()) {
      return addRekeyed(event, image, key, codec);
    }
    Latest earlier = latestByKey.remove(key);
    FormerKey formerKey = null;
    if (event.operation() != Operation.DELETE && image.hasAbsent() && earlier != null) {
      if (earlier.isDelete()) {
        return Optional.of(
            event + " lacks values that PostgreSQL did not send, and its row was deleted before.");
      }
      image = completed(schema, image, earlier.event().schema(), earlier.image());
      formerKey = image.hasAbsent() ? earlier.formerKey() : null;
    }
    latestByKey.put(key, new Latest(event, image, formerKey));
    return Optional.empty();
  }

  private Optional<String> addRow(ChangeEvent event, Row image) {
    if (event.operation() == Operation.UPDATE || event.operation() == Operation.DELETE) {
      return Optional.of(
          event
              + ": the mirror cannot tell which row changes, as the table has no primary key."
              + " Add one, or read the table's changes from its trail; then rebuild the mirror.");
    }
    rows.add(new Latest(event, image, null));
    return Optional.empty();
  }

  /** Takes the create of an update that changed the key and did not bring all values. */
  private Optional<String> addRekeyed(
      ChangeEvent create, Row image, ByteBuffer key, KeyCodec keyCodec) {
    Row oldKey = create.before();
    KeyCodec.KeyBytes bytes = oldKey == null ? null : keyCodec.encode(create.schema(), oldKey);
    if (bytes == null) {
      return Optional.of(
          create
              + " lacks values that PostgreSQL did not send, and does not tell the key that its"
              + " row had before: an older capture published it. Delete the topic, have capture read"
              + " the tables anew (capture.on-gap: resnapshot), and rebuild the table with "
              + rebuild(create.schema())
              + '.');
    }
    latestByKey.remove(key);
    if (formerRows == null) {
      keyChanges.add(new KeyChange(bytes.copy(), create.position()));
      latestByKey.put(key, new Latest(create, image, null));
      return Optional.empty();
    }
    Optional<Latest> latest = withFormerValues(create, image, formerRows);
    latest.ifPresent(change -> latestByKey.put(key, change));
    return latest.isPresent()
        ? Optional.empty()
        : Optional.of(
            create
                + " lacks values that PostgreSQL did not send, and the change that took its row"
                + " from the old key is not in the same batch. Give processor.max-changes-per-batch"
                + " room for whole transactions, and rebuild the table with "
                + rebuild(create.schema())
                + '.');
  }

  /** The command that makes a table of the stores anew from its topic. */
  static String rebuild(TableSchema schema) {
    return "`kappa replay --from earliest --rebuild --table " + schema.qualifiedName() + '`';
  }

  /** Follows a row back through its former keys; empty if the batch does not have its way. */
  private static Optional<Latest> withFormerValues(
      ChangeEvent create, Row image, FormerRows formerRows) {
    Row filled = image;
    ChangeEvent step = create;
    while (true) {
      Row oldKey = Objects.requireNonNull(step.before());
      FormerKey formerKey = new FormerKey(step.schema(), oldKey);
      Former former = formerRows.at(KeyChange.departure(step.position()));
      if (former instanceof Former.Untouched) {
        return Optional.of(new Latest(create, filled, formerKey));
      }
      if (!(former instanceof Former.Changed changed)) {
        return Optional.empty();
      }
      ChangeEvent last = changed.event();
      filled = completed(create.schema(), filled, last);
      if (!filled.hasAbsent()) {
        return Optional.of(new Latest(create, filled, null));
      }
      if (last.operation() == Operation.UPDATE) {
        return Optional.of(new Latest(create, filled, formerKey));
      }
      if (last.before() == null) {
        return Optional.empty();
      }
      step = last;
    }
  }

  /** All rows are gone. */
  void clear() {
    latestByKey.clear();
    rows.clear();
  }

  Collection<Latest> changes() {
    return rows.isEmpty() ? latestByKey.values() : rows;
  }

  /** Changes of keys whose rows lack values; none if it was told the former rows. */
  ArrayList<KeyChange> keyChanges() {
    return keyChanges;
  }

  /**
   * The image with the values that it lacks and the event has. A column that the table did not have
   * at the event is null: it was renamed or filled since then, and capture reads such a table
   * again.
   */
  static Row completed(TableSchema schema, Row image, ChangeEvent earlier) {
    return completed(schema, image, earlier.schema(), Objects.requireNonNull(earlier.image()));
  }

  private static Row completed(
      TableSchema schema, Row image, TableSchema earlierSchema, Row earlier) {
    String[] values = new String[image.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          image.isAbsent(i)
              ? value(earlierSchema, earlier, schema.columns().get(i).name(), null)
              : image.get(i);
    }
    return Row.of(values);
  }

  /** The row as one of another schema of the table, without values of columns that it lacks. */
  static Row inSchema(TableSchema schema, Row row, TableSchema rowSchema) {
    String[] values = new String[schema.columns().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(rowSchema, row, schema.columns().get(i).name(), Row.ABSENT);
    }
    return Row.of(values);
  }

  private static @Nullable String value(
      TableSchema schema, Row image, String column, @Nullable String ofOthers) {
    for (int i = 0; i < image.size(); i++) {
      if (schema.columns().get(i).name().equals(column)) {
        return image.get(i);
      }
    }
    return ofOthers;
  }
}
