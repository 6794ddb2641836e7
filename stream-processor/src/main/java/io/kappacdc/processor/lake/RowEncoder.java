package io.kappacdc.processor.lake;

import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Fills Spark rows of a lake schema from rows of one source schema: field i is lake column i. Not
 * thread-safe.
 */
final class RowEncoder {
  private final int width;
  private final int[] ordinals;
  private final ValueSetter[] setters;
  private final UTF8String[] lakeNames;
  private final UTF8String[] sourceNames;
  private final List<UTF8String> exactNames = new ArrayList<>();
  private final List<UTF8String> exactTexts = new ArrayList<>();

  RowEncoder(LakeSchema lake, TableSchema source) {
    List<LakeColumn> columns = lake.columns();
    width = columns.size();
    int size = source.columns().size();
    ordinals = new int[size];
    setters = new ValueSetter[size];
    lakeNames = new UTF8String[size];
    sourceNames = new UTF8String[size];
    Map<String, Integer> ordinalByColumn = new HashMap<>();
    for (int i = 0; i < width; i++) {
      ordinalByColumn.put(columns.get(i).column(), i);
    }
    for (int i = 0; i < size; i++) {
      String name = source.columns().get(i).name();
      ordinals[i] = ordinalByColumn.get(name);
      LakeColumn column = columns.get(ordinals[i]);
      setters[i] = ValueSetter.of(column.type());
      lakeNames[i] = UTF8String.fromString(column.name());
      sourceNames[i] = UTF8String.fromString(name);
    }
  }

  /**
   * Sets the row's columns; those that the image lacks become null.
   *
   * @return the {@code _kappa_exact} of the row, null if every value fits its type
   */
  @Nullable Object fill(InternalRow row, @Nullable Row image) {
    for (int i = 0; i < width; i++) {
      row.setNullAt(i);
    }
    if (image == null) {
      return null;
    }
    exactNames.clear();
    exactTexts.clear();
    for (int i = 0; i < ordinals.length; i++) {
      String text = image.isAbsent(i) ? null : image.get(i);
      if (text != null && !setters[i].set(row, ordinals[i], text)) {
        exactNames.add(lakeNames[i]);
        exactTexts.add(UTF8String.fromString(text));
      }
    }
    return exactNames.isEmpty()
        ? null
        : new ArrayBasedMapData(array(exactNames), array(exactTexts));
  }

  /** Source names of the columns that the image lacks, null if it lacks none. */
  @Nullable Object unchangedColumns(@Nullable Row image) {
    return unchanged(image, sourceNames);
  }

  /** Lake names of the columns that the image lacks, null if it lacks none. */
  @Nullable Object unchangedLakeColumns(@Nullable Row image) {
    return unchanged(image, lakeNames);
  }

  private static @Nullable Object unchanged(@Nullable Row image, UTF8String[] names) {
    if (image == null || !image.hasAbsent()) {
      return null;
    }
    List<UTF8String> absent = new ArrayList<>();
    for (int i = 0; i < image.size(); i++) {
      if (image.isAbsent(i)) {
        absent.add(names[i]);
      }
    }
    return array(absent);
  }

  private static GenericArrayData array(List<UTF8String> values) {
    return new GenericArrayData(values.toArray());
  }
}
