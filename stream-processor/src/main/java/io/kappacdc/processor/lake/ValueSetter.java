package io.kappacdc.processor.lake;

import java.math.BigDecimal;
import java.util.HexFormat;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/** Parses PostgreSQL's text of one value straight into a field of Spark's internal row. */
@FunctionalInterface
interface ValueSetter {
  /**
   * @return whether the type holds exactly this value; if not, the field is left alone
   */
  boolean set(InternalRow row, int ordinal, String text);

  /** The setter for fields of this type. */
  static ValueSetter of(DataType type) {
    if (type instanceof DecimalType decimal) {
      return (row, ordinal, text) -> setDecimal(row, ordinal, text, decimal);
    } else if (type.equals(DataTypes.ShortType)) {
      return ValueSetter::setShort;
    } else if (type.equals(DataTypes.IntegerType)) {
      return ValueSetter::setInt;
    } else if (type.equals(DataTypes.LongType)) {
      return ValueSetter::setLong;
    } else if (type.equals(DataTypes.FloatType)) {
      return ValueSetter::setFloat;
    } else if (type.equals(DataTypes.DoubleType)) {
      return ValueSetter::setDouble;
    } else if (type.equals(DataTypes.BooleanType)) {
      return ValueSetter::setBoolean;
    } else if (type.equals(DataTypes.DateType)) {
      return ValueSetter::setDate;
    } else if (type.equals(DataTypes.TimestampNTZType)) {
      return (row, ordinal, text) -> setMicros(row, ordinal, TimeText.parseTimestamp(text));
    } else if (type.equals(DataTypes.TimestampType)) {
      return (row, ordinal, text) -> setMicros(row, ordinal, TimeText.parseTimestampWithZone(text));
    } else if (type.equals(DataTypes.BinaryType)) {
      return ValueSetter::setBinary;
    } else if (type.equals(DataTypes.StringType)) {
      return ValueSetter::setString;
    }
    throw new IllegalArgumentException("The lake has no columns of type " + type.sql());
  }

  private static boolean setString(InternalRow row, int ordinal, String text) {
    row.update(ordinal, UTF8String.fromString(text));
    return true;
  }

  private static boolean setLong(InternalRow row, int ordinal, String text) {
    try {
      row.setLong(ordinal, Long.parseLong(text));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean setInt(InternalRow row, int ordinal, String text) {
    try {
      row.setInt(ordinal, Integer.parseInt(text));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean setShort(InternalRow row, int ordinal, String text) {
    try {
      row.setShort(ordinal, Short.parseShort(text));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean setFloat(InternalRow row, int ordinal, String text) {
    try {
      row.setFloat(ordinal, Float.parseFloat(text));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean setDouble(InternalRow row, int ordinal, String text) {
    try {
      row.setDouble(ordinal, Double.parseDouble(text));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean setBoolean(InternalRow row, int ordinal, String text) {
    boolean known = text.equals("t") || text.equals("f");
    if (known) {
      row.setBoolean(ordinal, text.equals("t"));
    }
    return known;
  }

  private static boolean setDate(InternalRow row, int ordinal, String text) {
    long days = TimeText.parseDate(text);
    boolean fits = days != TimeText.DOES_NOT_FIT;
    if (fits) {
      row.setInt(ordinal, (int) days);
    }
    return fits;
  }

  private static boolean setMicros(InternalRow row, int ordinal, long micros) {
    boolean fits = micros != TimeText.DOES_NOT_FIT;
    if (fits) {
      row.setLong(ordinal, micros);
    }
    return fits;
  }

  private static boolean setBinary(InternalRow row, int ordinal, String text) {
    if (!text.startsWith("\\x") || text.length() % 2 != 0) {
      return false;
    }
    try {
      row.update(ordinal, HexFormat.of().parseHex(text, 2, text.length()));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean setDecimal(
      InternalRow row, int ordinal, String text, DecimalType decimal) {
    BigDecimal value;
    try {
      value = new BigDecimal(text);
    } catch (NumberFormatException e) {
      return false;
    }
    if (value.scale() > decimal.scale()
        || value.precision() - value.scale() > decimal.precision() - decimal.scale()) {
      return false;
    }
    row.setDecimal(
        ordinal, Decimal.apply(value, decimal.precision(), decimal.scale()), decimal.precision());
    return true;
  }
}
