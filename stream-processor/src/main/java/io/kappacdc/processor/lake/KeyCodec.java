package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Column;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Keys of a mirror as bytes that are equal exactly when the keys are: by the value of the lake's
 * typed columns, and by PostgreSQL's text where a column's type does not hold the value. The same
 * bytes come from a change and from the row that it once wrote, also after a column was widened and
 * the codec made anew. A table without key is identified by the position of a row's only change.
 * Not thread-safe.
 */
final class KeyCodec {
  private static final byte TYPED = 0;
  private static final byte EXACT = 1;

  private final List<LakeColumn> columns;
  private final KeyBytes bytes = new KeyBytes();
  private final SpecificInternalRow parsed;
  private final ValueSetter[] setters;
  private final UTF8String[] names;
  private final int[] ordinals;
  private final int lsnOrdinal;
  private @Nullable TableSchema source;
  private int[] sourceIndexes = {};

  private KeyCodec(LakeSchema lake, List<String> key, List<LakeColumn> layout) {
    this.columns = key.stream().map(name -> lake.column(name).orElseThrow()).toList();
    this.parsed = new SpecificInternalRow(structOf(columns));
    this.setters =
        columns.stream().map(column -> ValueSetter.of(column.type())).toArray(ValueSetter[]::new);
    this.names =
        columns.stream()
            .map(column -> UTF8String.fromString(column.name()))
            .toArray(UTF8String[]::new);
    this.ordinals = columns.stream().mapToInt(layout::indexOf).toArray();
    this.lsnOrdinal = layout.size();
  }

  /**
   * A codec that reads rows of {@link #storedColumns()}.
   *
   * @param lake the mirror's columns
   * @param key the source's key columns, in order; empty for a table without key
   */
  static KeyCodec ofKeys(LakeSchema lake, List<String> key) {
    return new KeyCodec(
        lake, key, key.stream().map(name -> lake.column(name).orElseThrow()).toList());
  }

  /** A codec that reads whole rows of the mirror. */
  static KeyCodec ofRows(LakeSchema lake, List<String> key) {
    return new KeyCodec(lake, key, lake.columns());
  }

  private static StructType structOf(List<LakeColumn> columns) {
    StructType type = new StructType();
    for (LakeColumn column : columns) {
      type = type.add(column.toPhysicalField());
    }
    return type;
  }

  /** Whether every key is the eight bytes of one whole number. */
  boolean isLong() {
    return columns.size() == 1 && isWhole(columns.get(0).type());
  }

  private static boolean isWhole(DataType type) {
    return type.equals(DataTypes.LongType)
        || type.equals(DataTypes.IntegerType)
        || type.equals(DataTypes.ShortType);
  }

  /** The columns of a mirror's files that {@link #read} needs, in its order. */
  StructType storedColumns() {
    StructType type = structOf(columns);
    for (String name : MetadataColumns.MIRROR.fieldNames()) {
      if (!name.equals(MetadataColumns.EXACT) || needsExactTexts()) {
        type = type.add(MetadataColumns.MIRROR.apply(name));
      }
    }
    return type;
  }

  private boolean needsExactTexts() {
    return columns.stream().anyMatch(column -> LakeTypes.mayNeedExactText(column.type()));
  }

  /**
   * Encodes the key of a change.
   *
   * @param image the event's image, or what it was completed to
   * @return the key until the next call; null if a part of it is missing
   */
  @Nullable KeyBytes encode(ChangeEvent event, Row image) {
    if (names.length == 0) {
      bytes.clear();
      putPosition(event.position());
      return bytes;
    }
    return encode(event.schema(), image);
  }

  /**
   * Encodes the key of a row of a table that has one.
   *
   * @return the key until the next call; null if a part of it is missing
   */
  @Nullable KeyBytes encode(TableSchema schema, Row image) {
    bytes.clear();
    if (!schema.equals(source)) {
      source = schema;
      List<String> sourceNames = source.columns().stream().map(Column::name).toList();
      sourceIndexes =
          columns.stream().mapToInt(column -> sourceNames.indexOf(column.column())).toArray();
    }
    for (int i = 0; i < sourceIndexes.length; i++) {
      int index = sourceIndexes[i];
      String text = index < 0 || image.isAbsent(index) ? null : image.get(index);
      if (text == null) {
        return null;
      }
      DataType type = columns.get(i).type();
      if (setters[i].set(parsed, i, text)) {
        putTyped(parsed, i, type);
      } else if (LakeTypes.mayNeedExactText(type)) {
        putExact(text.getBytes(StandardCharsets.UTF_8));
      } else {
        return null;
      }
    }
    return bytes;
  }

  /**
   * Reads the key of a stored row.
   *
   * @return the key until the next call; null if a part of it is missing, so that no change can
   *     mean this row
   */
  @Nullable KeyBytes read(InternalRow row) {
    bytes.clear();
    for (int i = 0; i < names.length; i++) {
      DataType type = columns.get(i).type();
      if (!row.isNullAt(ordinals[i])) {
        putTyped(row, ordinals[i], type);
        continue;
      }
      byte[] exact = LakeTypes.mayNeedExactText(type) ? exact(row, names[i]) : null;
      if (exact == null) {
        return null;
      }
      putExact(exact);
    }
    if (names.length == 0) {
      putPosition(position(row));
    }
    return bytes;
  }

  private void putPosition(Position position) {
    bytes.putLong(position.lsn());
    bytes.putLong(position.ordinal());
  }

  /** The position of a stored row; the origin if it has none, as somebody else wrote it. */
  Position position(InternalRow stored) {
    return position(stored, lsnOrdinal);
  }

  /** The position in two neighbouring fields. */
  static Position position(InternalRow stored, int lsn) {
    return stored.isNullAt(lsn) || stored.isNullAt(lsn + 1)
        ? Position.ORIGIN
        : new Position(stored.getLong(lsn), stored.getLong(lsn + 1));
  }

  private byte @Nullable [] exact(InternalRow row, UTF8String name) {
    int ordinal = lsnOrdinal + 2;
    if (row.isNullAt(ordinal)) {
      return null;
    }
    MapData texts = row.getMap(ordinal);
    for (int i = 0; i < texts.numElements(); i++) {
      if (texts.keyArray().getUTF8String(i).equals(name)) {
        return texts.valueArray().getUTF8String(i).getBytes();
      }
    }
    return null;
  }

  private void putExact(byte[] text) {
    bytes.putByte(EXACT);
    bytes.putBytes(text);
  }

  private void putTyped(InternalRow row, int i, DataType type) {
    if (LakeTypes.mayNeedExactText(type)) {
      bytes.putByte(TYPED);
    }
    if (type.equals(DataTypes.LongType)
        || type.equals(DataTypes.TimestampType)
        || type.equals(DataTypes.TimestampNTZType)) {
      bytes.putLong(row.getLong(i));
    } else if (type.equals(DataTypes.IntegerType) || type.equals(DataTypes.DateType)) {
      bytes.putLong(row.getInt(i));
    } else if (type.equals(DataTypes.ShortType)) {
      bytes.putLong(row.getShort(i));
    } else if (type.equals(DataTypes.BooleanType)) {
      bytes.putByte((byte) (row.getBoolean(i) ? 1 : 0));
    } else if (type.equals(DataTypes.FloatType)) {
      // Adding zero makes the two zeros one, as PostgreSQL and Spark see them.
      bytes.putLong(Float.floatToIntBits(row.getFloat(i) + 0.0f));
    } else if (type.equals(DataTypes.DoubleType)) {
      bytes.putLong(Double.doubleToLongBits(row.getDouble(i) + 0.0));
    } else if (type instanceof DecimalType decimal) {
      bytes.putBytes(
          row.getDecimal(i, decimal.precision(), decimal.scale())
              .toJavaBigDecimal()
              .setScale(decimal.scale())
              .unscaledValue()
              .toByteArray());
    } else if (type.equals(DataTypes.BinaryType)) {
      bytes.putBytes(row.getBinary(i));
    } else {
      bytes.putBytes(row.getUTF8String(i).getBytes());
    }
  }

  /** A growing row of bytes. */
  static final class KeyBytes {
    private byte[] buffer = new byte[64];
    private int length;

    byte[] buffer() {
      return buffer;
    }

    int length() {
      return length;
    }

    byte[] copy() {
      return Arrays.copyOf(buffer, length);
    }

    private void clear() {
      length = 0;
    }

    private void reserve(int more) {
      if (length + more > buffer.length) {
        buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
      }
    }

    private void putByte(byte value) {
      reserve(1);
      buffer[length++] = value;
    }

    private void putLong(long value) {
      reserve(Long.BYTES);
      for (int shift = 56; shift >= 0; shift -= 8) {
        buffer[length++] = (byte) (value >>> shift);
      }
    }

    /** With its length, so that two keys of several columns never run into each other. */
    private void putBytes(byte[] value) {
      reserve(Integer.BYTES + value.length);
      for (int shift = 24; shift >= 0; shift -= 8) {
        buffer[length++] = (byte) (value.length >>> shift);
      }
      System.arraycopy(value, 0, buffer, length, value.length);
      length += value.length;
    }
  }
}
