package io.kappacdc.event;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of a row as PostgreSQL's own text output, in the order of the schema's columns. A
 * value is a text, null for SQL NULL, or {@link #ABSENT} where PostgreSQL did not send it: an
 * unchanged TOAST value in an after image, a column outside the replica identity in a before image.
 */
public final class Row {
  /** Compared by identity, so that no text a user stores can be taken for it. */
  @SuppressWarnings({"StringOperationCanBeSimplified", "RedundantStringConstructorCall"})
  public static final String ABSENT = new String("(absent)");

  private final @Nullable String[] values;

  private Row(@Nullable String[] values) {
    this.values = values;
  }

  /** A row of these values; the array is taken over, not copied: the caller must not keep it. */
  public static Row of(@Nullable String... values) {
    return new Row(values);
  }

  public int size() {
    return values.length;
  }

  /** The text of the value, null for SQL NULL, or {@link #ABSENT}. */
  public @Nullable String get(int index) {
    return values[index];
  }

  @SuppressWarnings("ReferenceEquality")
  public boolean isAbsent(int index) {
    return values[index] == ABSENT;
  }

  /** Whether any value is {@link #ABSENT}. */
  public boolean hasAbsent() {
    for (int i = 0; i < values.length; i++) {
      if (isAbsent(i)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof Row that) || values.length != that.values.length) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      if (isAbsent(i) != that.isAbsent(i)) {
        return false;
      }
    }
    return Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** Column count only: values never reach a log. */
  @Override
  public String toString() {
    return "Row[" + values.length + " columns]";
  }
}
