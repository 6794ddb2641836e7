package io.kappacdc.capture.resume;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the source's catalog says of a table. Two of them from different times tell whether rows
 * that nobody changed in between read differently now, came or went: the log has no changes of
 * those rows.
 *
 * @param relationId the table's {@code pg_class.oid}
 * @param file its {@code relfilenode}, which a rewrite changes; 0 for one that has partitions
 * @param key names of the columns that tell its rows apart; empty if there are none
 * @param columns by {@code attnum}, which a column keeps when it is renamed
 * @param partitions its partitions at whatever depth, by their oids
 */
public record TableForm(
    long relationId,
    long file,
    List<String> key,
    SortedMap<Integer, ColumnForm> columns,
    SortedMap<Long, PartitionForm> partitions) {
  /**
   * A column as {@code pg_attribute} has it.
   *
   * @param isFilled whether rows from before the column read as its default at that time
   * @param version {@code xmin} of the catalog's row: every change of the column makes a new one
   */
  public record ColumnForm(
      String name, long typeId, int modifier, boolean isFilled, long version) {}

  /**
   * A partition.
   *
   * @param file its {@code relfilenode}, which a rewrite or a truncate changes
   * @param joined {@code xmin} of its entry in {@code pg_inherits}: one that was away in between
   *     has another
   * @param wasMadeAsOne whether it was created as a partition, and so had no rows when it joined;
   *     false if that is not known
   */
  public record PartitionForm(long file, long joined, boolean wasMadeAsOne) {
    private boolean isStill(@Nullable PartitionForm before) {
      return before != null && before.joined == joined;
    }
  }

  /** What has become of rows that nobody changed. */
  public enum Effect {
    READ_DIFFERENTLY,
    CAME,
    /** Some went; others may have come, and may read differently. */
    WENT
  }

  /**
   * What the log does not tell.
   *
   * @param cause for people
   * @param among oids of the partitions that have the rows; empty if it may be any
   */
  public record Difference(Effect effect, String cause, List<Long> among) {
    public Difference {
      among = List.copyOf(among);
    }
  }

  public TableForm {
    key = List.copyOf(key);
    columns = Collections.unmodifiableSortedMap(new TreeMap<>(columns));
    partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
  }

  /** Whether its rows are those of its partitions, if it has any. */
  public boolean isRoot() {
    return file == 0;
  }

  /**
   * What has become of rows that were there before, or that came without a change; empty if nothing
   * has. A column that is gone makes no difference: the stores keep it.
   *
   * @param before the form that a table of the same name had
   */
  public Optional<Difference> differenceFrom(TableForm before) {
    String removal = removal(before);
    if (removal != null) {
      return Optional.of(new Difference(Effect.WENT, removal, List.of()));
    }
    Optional<String> change = columnsDifference(before);
    List<Long> attached = attachedSince(before);
    if (!attached.isEmpty()) {
      return Optional.of(
          new Difference(
              Effect.CAME, "a partition was attached", change.isEmpty() ? attached : List.of()));
    }
    return change.map(cause -> new Difference(Effect.READ_DIFFERENTLY, cause, List.of()));
  }

  private @Nullable String removal(TableForm before) {
    if (relationId != before.relationId) {
      return "the table was made anew";
    }
    if (!key.equals(before.key)) {
      return "its key changed from %s to %s".formatted(before.key, key); // so rows have other names
    }
    for (Map.Entry<Long, PartitionForm> was : before.partitions.entrySet()) {
      PartitionForm now = partitions.get(was.getKey());
      if (now == null || !now.isStill(was.getValue())) {
        return "a partition was detached or dropped";
      }
      if (now.file != was.getValue().file) {
        return "a partition was truncated or rewritten";
      }
    }
    return null;
  }

  private List<Long> attachedSince(TableForm before) {
    return partitions.entrySet().stream()
        .filter(now -> !now.getValue().wasMadeAsOne)
        .filter(now -> !now.getValue().isStill(before.partitions.get(now.getKey())))
        .map(Map.Entry::getKey)
        .toList();
  }

  private Optional<String> columnsDifference(TableForm before) {
    boolean isRewritten = file != before.file;
    return columns.entrySet().stream()
        .flatMap(
            column ->
                difference(column.getValue(), before.columns.get(column.getKey()), isRewritten)
                    .or(() -> replacement(column.getKey(), column.getValue(), before))
                    .stream())
        .findFirst();
  }

  /** The stores know columns by name: they would go on showing what the former one had. */
  private static Optional<String> replacement(int number, ColumnForm now, TableForm before) {
    boolean isAnother =
        before.columns.entrySet().stream()
            .anyMatch(was -> was.getKey() != number && was.getValue().name.equals(now.name));
    return isAnother
        ? Optional.of("column '" + now.name + "' was dropped and made anew")
        : Optional.empty();
  }

  private static Optional<String> difference(
      ColumnForm now, @Nullable ColumnForm before, boolean isRewritten) {
    String difference = null;
    if (before == null) {
      difference = now.isFilled || isRewritten ? "was added with values for all rows" : null;
    } else if (!now.name.equals(before.name)) {
      difference = "was called '" + before.name + "'";
    } else if (now.typeId != before.typeId) {
      difference = "has another type";
    } else if (isRewritten && now.version != before.version) {
      difference = "was rewritten";
    }
    return Optional.ofNullable(difference).map(text -> "column '" + now.name + "' " + text);
  }
}
