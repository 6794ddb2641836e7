package io.kappacdc.processor.lake;

import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.erase.KeyedChange;
import io.kappacdc.processor.erase.LifeSearch;
import io.kappacdc.processor.erase.Lives;
import io.kappacdc.processor.erase.QuarantineMatch;
import io.kappacdc.processor.erase.QuarantinedBytes;
import io.kappacdc.processor.erase.RowKey;
import io.kappacdc.processor.lake.LakeCatalog.Store;
import io.kappacdc.processor.stream.TopicPartition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Finds one person's rows in the files of a table's trail and mirror and of the quarantine, of
 * whatever version, and removes them: files that have them are written anew without them, and the
 * old files and the log before go at once. Where the stores are in the topics stays as it is. To
 * remove, nobody else may be writing; when it is cut short, it can be done again.
 */
public final class LakeErasure implements LifeSearch.Store {
  private final SparkSession spark;
  private final String lakePath;
  private final String topic;
  private final List<String> keyColumns;
  private final Map<Store, LakeTable> tables = new EnumMap<>(Store.class);

  /**
   * @param rows rows of the newest version, or changes of a trail
   * @param elsewhere further copies: dead rows, files of earlier versions
   */
  public record Count(long rows, long elsewhere) {}

  /**
   * What a search has looked through.
   *
   * @param findings files, and what is in them
   */
  public record Searched(long files, long bytes, List<String> findings) {}

  /**
   * @param spark a session made with {@link LakeSession#configure}
   * @param schema of a table with a key
   */
  public LakeErasure(SparkSession spark, String lakePath, String topic, TableSchema schema) {
    this.spark = spark;
    this.lakePath = lakePath;
    this.topic = topic;
    this.keyColumns = List.copyOf(schema.key());
    open(Store.TRAIL, LakeTable.Kind.TRAIL, LakePaths.table(LakePaths.trail(lakePath), schema));
    open(Store.MIRROR, LakeTable.Kind.MIRROR, LakePaths.table(LakePaths.mirror(lakePath), schema));
  }

  private void open(Store store, LakeTable.Kind kind, String path) {
    LakeTable table = LakeTable.open(spark, kind, path);
    if (table.topic().filter(topic::equals).isPresent()) {
      tables.put(store, table);
    }
  }

  private Optional<RawTable> raw(Store store) {
    return Optional.ofNullable(tables.get(store))
        .map(
            table -> {
              table.refresh();
              return new RawTable(table);
            });
  }

  private Optional<RawTable> rawQuarantine() {
    LakeTable table = quarantine();
    return table.exists() ? Optional.of(new RawTable(table)) : Optional.empty();
  }

  private LakeTable quarantine() {
    return LakeTable.open(spark, LakeTable.Kind.TRAIL, LakePaths.quarantine(lakePath));
  }

  private RowMatch test(Lives lives) {
    return RowMatch.ofLives(lives, keyColumns);
  }

  /** The next offset of each of the topic's partitions. */
  public Map<Integer, Long> nextOffsets(Store store) {
    LakeTable table = tables.get(store);
    return table == null ? Map.of() : new LakeVersion(table).nextOffsets();
  }

  /** Of the trail, of whatever version. */
  @Override
  public List<KeyedChange> changesOf(Set<RowKey> keys) {
    return raw(Store.TRAIL)
        .map(trail -> trail.find(test(Lives.whole(keys))))
        .map(found -> found.rows().values().stream().flatMap(List::stream).toList())
        .orElse(List.of())
        .stream()
        .map(LakeErasure::change)
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }

  private static @Nullable KeyedChange change(Row row) {
    RowKey key = RowMatch.OfLives.key(row.getAs("key"));
    return key == null
        ? null
        : new KeyedChange(
            key,
            String.valueOf((Object) row.getAs("op")),
            row.getAs("lsn"),
            row.getAs("ordinal"),
            RowMatch.OfLives.key(row.getAs("former")));
  }

  /** What there is to remove. */
  public Count count(Store store, Lives lives) {
    return raw(store)
        .map(
            table -> {
              RawTable.Found found = table.find(test(lives));
              long rows = found.live().isEmpty() ? 0 : table.current(test(lives)).count();
              return new Count(rows, found.count() - rows);
            })
        .orElse(new Count(0, 0));
  }

  /**
   * Removes the person from a store.
   *
   * @param ownKeys those of the person's keys that no other row has had
   * @param step told of each step before it is taken
   */
  public void erase(Store store, Lives lives, Set<RowKey> ownKeys, Consumer<String> step) {
    Optional<RawTable> raw = raw(store);
    if (raw.isEmpty()) {
      return;
    }
    LakeTable table = Objects.requireNonNull(tables.get(store));
    @Nullable String note =
        store == Store.MIRROR
            ? table
                .newestUserMetadata(text -> MirrorState.read(text, topic))
                .map(state -> state.write(topic))
                .orElse(null)
            : null;
    RawTable.Found found = raw.get().find(test(lives));
    if (found.isEmpty() && raw.get().find(logSearch(table, ownKeys)).isEmpty()) {
      return;
    }
    step.accept(store.sink() + ": writing files anew");
    if (!found.live().isEmpty()) {
      raw.get().rewrite(found.live(), test(lives), Map.of(), note);
    }
    step.accept(store.sink() + ": beginning the log anew");
    if (store == Store.MIRROR) {
      CutLog.forget(spark, lakePath, List.of(store.sink()), CutLog.name(table));
    }
    raw.get().beginLogAnew(note);
    step.accept(store.sink() + ": removing the old files");
    raw.get().delete(found.rows().keySet());
    raw.get().delete(found.unreadable());
    reopen(store);
  }

  private void reopen(Store store) {
    LakeTable before = Objects.requireNonNull(tables.get(store));
    tables.put(store, LakeTable.open(spark, before.kind(), before.path()));
  }

  /** Keys that no other row has had; of these alone a mere text says something. */
  public Set<RowKey> ownKeys(Lives lives) {
    Set<RowKey> own = new HashSet<>(lives.keys());
    for (Store store : Store.values()) {
      raw(store)
          .ifPresent(
              table ->
                  table.find(test(Lives.whole(lives.keys()))).rows().values().stream()
                      .flatMap(List::stream)
                      .map(LakeErasure::change)
                      .filter(change -> change != null && !lives.have(change))
                      .forEach(change -> own.remove(change.key())));
    }
    return own;
  }

  private LogSearch logSearch(LakeTable table, Set<RowKey> keys) {
    LakeSchema columns = table.columns();
    List<List<String>> names = new ArrayList<>();
    for (String name : keyColumns) {
      names.add(
          columns
              .column(name)
              .map(column -> List.of(column.name(), column.physicalName()))
              .orElse(List.of(name)));
    }
    return new LogSearch(names, keys);
  }

  /** A record of the lake's quarantine, and which sink it is of. */
  public record Quarantined(String sink, QuarantinedBytes bytes) {}

  /** The topic's records that are to be erased, or might be. */
  public List<Quarantined> quarantined(QuarantineMatch test) {
    List<Quarantined> records = new ArrayList<>();
    rawQuarantine()
        .map(table -> table.find(RowMatch.ofQuarantined(topic, test)))
        .ifPresent(
            found ->
                found.rows().values().stream()
                    .flatMap(List::stream)
                    .forEach(row -> records.add(quarantined(row))));
    return records;
  }

  private static Quarantined quarantined(Row row) {
    return new Quarantined(
        row.getAs("sink"),
        new QuarantinedBytes(
            row.getAs("partition"), row.getAs("offset"), row.getAs("key"), row.getAs("value")));
  }

  /** Removes records from the quarantine; returns how many the sinks had. */
  public long eraseQuarantined(QuarantineMatch test, Consumer<String> step) {
    Optional<RawTable> raw = rawQuarantine();
    if (raw.isEmpty()) {
      return 0;
    }
    RowMatch erased = RowMatch.ofQuarantined(topic, test);
    RawTable.Found found = raw.get().find(erased);
    if (found.isEmpty()) {
      return 0;
    }
    step.accept("quarantine: writing files anew");
    Map<String, Map<TopicPartition, Long>> counts = new HashMap<>();
    long count = 0;
    for (Row row : raw.get().current(erased).collectAsList()) {
      Quarantined record = quarantined(row);
      counts
          .computeIfAbsent(record.sink(), sink -> new HashMap<>())
          .merge(new TopicPartition(topic, record.bytes().partition()), 1L, Long::sum);
      count++;
    }
    if (!found.live().isEmpty()) {
      raw.get().rewrite(found.live(), erased, Quarantine.less(quarantine(), counts), null);
    }
    step.accept("quarantine: beginning the log anew");
    raw.get().beginLogAnew(null);
    step.accept("quarantine: removing the old files");
    raw.get().delete(found.rows().keySet());
    raw.get().delete(found.unreadable());
    return count;
  }

  /** Looks through all files of trail, mirror and quarantine, decoded, and through their logs. */
  public Searched search(Lives lives, Set<RowKey> ownKeys, QuarantineMatch quarantined) {
    long files = 0;
    long bytes = 0;
    List<String> findings = new ArrayList<>();
    for (Store store : Store.values()) {
      Optional<RawTable> raw = raw(store);
      if (raw.isPresent()) {
        files += raw.get().fileCount();
        bytes += raw.get().bytes();
        add(raw.get().find(test(lives)), findings);
        LogSearch log = logSearch(Objects.requireNonNull(tables.get(store)), ownKeys);
        raw.get().find(log).forEach(path -> findings.add(path + ": the key"));
      }
    }
    Optional<RawTable> quarantine = rawQuarantine();
    if (quarantine.isPresent()) {
      files += quarantine.get().fileCount();
      bytes += quarantine.get().bytes();
      add(quarantine.get().find(RowMatch.ofQuarantined(topic, quarantined)), findings);
    }
    return new Searched(files, bytes, findings);
  }

  private static void add(RawTable.Found found, List<String> findings) {
    found
        .rows()
        .forEach(
            (file, rows) ->
                findings.add(
                    file.path()
                        + ": "
                        + rows.size()
                        + " rows"
                        + (file.isLive() ? "" : ", a file that the table has no more")));
    found.unreadable().forEach(file -> findings.add(file.path() + ": cannot be read"));
  }

  /** What processes that are no more have left of mirrors' indexes goes; they hold keys. */
  public static void removeRemainsOfIndexes(Path directory) {
    KeyIndexes.removeRemains(directory);
  }
}
