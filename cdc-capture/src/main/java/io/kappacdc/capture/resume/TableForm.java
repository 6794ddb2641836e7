package io.kappacdc.capture.resume;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the source's catalog says of a table. Two of them from different times tell whether rows
 * that nobody changed in between read differently now: the log has no changes of those rows.
 *
 * @param relationId the table's {@code pg_class.oid}
 * @param files {@code relfilenode} of the table and of its partitions: a rewrite makes new ones
 * @param columns by {@code attnum}, which a column keeps when it is renamed
 */
public record TableForm(long relationId, Set<Long> files, SortedMap<Integer, ColumnForm> columns) {
  /**
   * A column as {@code pg_attribute} has it.
   *
   * @param isFilled whether rows from before the column read as its default at that time
   * @param version {@code xmin} of the catalog's row: every change of the column makes a new one
   */
  public record ColumnForm(
      String name, long typeId, int modifier, boolean isFilled, long version) {}

  public TableForm {
    files = Set.copyOf(files);
    columns = Collections.unmodifiableSortedMap(new TreeMap<>(columns));
  }

  /**
   * Why rows that were there before and were not changed since read differently now; empty if they
   * do not. A column that is gone makes no difference: the stores keep it.
   *
   * @param before the form that a table of the same name had
   */
  public Optional<String> differenceFrom(TableForm before) {
    if (isAnotherThan(before)) {
      return Optional.of("the table was made anew");
    }
    boolean isRewritten = !before.files.containsAll(files);
    return columns.entrySet().stream()
        .flatMap(
            column ->
                difference(column.getValue(), before.columns.get(column.getKey()), isRewritten)
                    .stream())
        .findFirst();
  }

  /** Whether the tables are two that have a name in common: the rows of the older one are gone. */
  public boolean isAnotherThan(TableForm before) {
    return relationId != before.relationId;
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
