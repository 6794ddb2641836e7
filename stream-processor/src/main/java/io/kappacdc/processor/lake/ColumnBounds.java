package io.kappacdc.processor.lake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Least and greatest value of a column among a file's rows, by which Delta's readers skip files:
 * for whole numbers and text, in the order that Spark gives them. Not thread-safe.
 */
abstract class ColumnBounds {
  /** As Delta's own statistics: text is cut, below by its prefix, above by what is greater. */
  private static final int CHARACTERS_MAX = 32;

  private final int ordinal;
  private final String physicalName;
  private long nulls;

  private ColumnBounds(int ordinal, String physicalName) {
    this.ordinal = ordinal;
    this.physicalName = physicalName;
  }

  /**
   * What a file's column holds.
   *
   * @param least null if no value is known to be at most all others
   * @param greatest null if no value is known to be at least all others
   */
  record Found(
      String physicalName,
      @Nullable Serializable least,
      @Nullable Serializable greatest,
      long nulls)
      implements Serializable {
    void addTo(ObjectNode minValues, ObjectNode maxValues, ObjectNode nullCount) {
      add(minValues, least);
      add(maxValues, greatest);
      nullCount.put(physicalName, nulls);
    }

    private void add(ObjectNode values, @Nullable Serializable value) {
      if (value instanceof Long number) {
        values.put(physicalName, number);
      } else if (value != null) {
        values.put(physicalName, value.toString());
      }
    }
  }

  /**
   * Bounds of a field; null if values of its type have none that are kept.
   *
   * @param ordinal the field's place in the rows
   */
  static @Nullable ColumnBounds of(StructField field, int ordinal) {
    DataType type = field.dataType();
    if (type instanceof StringType) {
      return new OfText(ordinal, field.name());
    }
    return isWholeNumber(type) ? new OfNumbers(ordinal, field.name(), type) : null;
  }

  private static boolean isWholeNumber(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }

  final void take(InternalRow row) {
    if (row.isNullAt(ordinal)) {
      nulls++;
    } else {
      take(row, ordinal);
    }
  }

  final Found found() {
    return new Found(physicalName, least(), greatest(), nulls);
  }

  abstract void take(InternalRow row, int ordinal);

  abstract @Nullable Serializable least();

  abstract @Nullable Serializable greatest();

  private static final class OfNumbers extends ColumnBounds {
    private final DataType type;
    private long least = Long.MAX_VALUE;
    private long greatest = Long.MIN_VALUE;

    private OfNumbers(int ordinal, String physicalName, DataType type) {
      super(ordinal, physicalName);
      this.type = type;
    }

    @Override
    void take(InternalRow row, int ordinal) {
      long value;
      if (type instanceof LongType) {
        value = row.getLong(ordinal);
      } else if (type instanceof IntegerType) {
        value = row.getInt(ordinal);
      } else if (type instanceof ShortType) {
        value = row.getShort(ordinal);
      } else {
        value = row.getByte(ordinal);
      }
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }

    @Override
    @Nullable Serializable least() {
      return least > greatest ? null : least;
    }

    @Override
    @Nullable Serializable greatest() {
      return least > greatest ? null : greatest;
    }
  }

  private static final class OfText extends ColumnBounds {
    private @Nullable UTF8String least;
    private @Nullable UTF8String greatest;

    private OfText(int ordinal, String physicalName) {
      super(ordinal, physicalName);
    }

    @Override
    void take(InternalRow row, int ordinal) {
      UTF8String value = row.getUTF8String(ordinal);
      if (least == null || value.compareTo(least) < 0) {
        least = value.copy();
      }
      if (greatest == null || value.compareTo(greatest) > 0) {
        greatest = value.copy();
      }
    }

    @Override
    @Nullable Serializable least() {
      return least == null ? null : least.substring(0, CHARACTERS_MAX).toString();
    }

    @Override
    @Nullable Serializable greatest() {
      if (greatest == null || greatest.numChars() <= CHARACTERS_MAX) {
        return greatest == null ? null : greatest.toString();
      }
      String text = greatest.toString();
      int end = text.offsetByCodePoints(0, CHARACTERS_MAX);
      return text.codePointAt(end) == Character.MAX_CODE_POINT
          ? null
          : text.substring(0, end) + Character.toString(Character.MAX_CODE_POINT);
    }
  }
}
