package io.kappacdc.processor.lake;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Writes the new versions of rows whose changes lack values that PostgreSQL did not send: these
 * come from the present version of the row, wherever in the table that is, under whatever key. Runs
 * on an executor; holds the partial rows of one slice in memory, and reads of the present ones only
 * the columns that some change lacks.
 */
final class RowCompletion implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * A present row and the change that goes on top of it.
   *
   * @param baseRow number of the row in its file
   * @param partialRow number of the change in the file of partial rows
   */
  record Pair(int baseRow, int partialRow) implements Serializable {}

  /**
   * Present rows in one file, in the file's order.
   *
   * @param path full path
   * @param sizeBytes the file's length
   */
  record Base(String path, long sizeBytes, ArrayList<Pair> pairs) implements Serializable {}

  private final DataFile partial;
  private final List<Base> bases;
  private final LakeSchema columns;
  private final ArrayList<String> key;
  private final String table;
  private final ParquetFiles parquet;
  private final ParquetScan partialScan;
  private final ParquetScan baseScan;

  /**
   * @param partial the slice's partial rows
   * @param bases where the rows are that they complete; each in the order of the new file
   * @param key the mirror's key
   * @param table the mirror's directory
   * @param partialScan reads {@link #partialColumns}
   * @param baseScan reads {@link #baseColumns}
   */
  RowCompletion(
      DataFile partial,
      List<Base> bases,
      LakeSchema columns,
      List<String> key,
      String table,
      ParquetFiles parquet,
      ParquetScan partialScan,
      ParquetScan baseScan) {
    this.partial = partial;
    this.bases = new ArrayList<>(bases);
    this.columns = columns;
    this.key = new ArrayList<>(key);
    this.table = table;
    this.parquet = parquet;
    this.partialScan = partialScan;
    this.baseScan = baseScan;
  }

  static StructType partialColumns(LakeSchema columns) {
    return columns.physical(MetadataColumns.STAGED);
  }

  /** The columns that some change lacks, by lake name, in the mirror's order; and exact texts. */
  static StructType baseColumns(LakeSchema columns, Set<String> missing) {
    StructType fields = new StructType();
    for (LakeColumn column : columns.columns()) {
      fields = missing.contains(column.name()) ? fields.add(column.toPhysicalField()) : fields;
    }
    return fields.add(MetadataColumns.MIRROR.apply(MetadataColumns.EXACT));
  }

  /** Writes the file; its rows are in the order of the bases and their pairs. */
  DataFile run() throws IOException {
    StructType fields = columns.physical(MetadataColumns.MIRROR);
    List<InternalRow> changes = readAll();
    Merger merger = new Merger(columns, fields, baseScan.fields());
    try (ParquetFiles.Writer writer = parquet.open(table, fields, columns.ordinals(key))) {
      for (Base base : bases) {
        Iterator<InternalRow> rows = baseScan.rows(base.path(), base.sizeBytes());
        InternalRow present = null;
        int next = 0;
        for (Pair pair : base.pairs()) {
          for (; next <= pair.baseRow(); next++) {
            present = rows.next();
          }
          InternalRow merged =
              merger.merge(changes.get(pair.partialRow()), Objects.requireNonNull(present));
          writer.write(merged, merged.getLong(columns.columns().size()));
        }
        // To the end, where the reader closes the file.
        while (rows.hasNext()) {
          rows.next();
        }
      }
      return writer.finish();
    }
  }

  private List<InternalRow> readAll() {
    List<InternalRow> changes = new ArrayList<>();
    UnsafeProjection keep = UnsafeProjection.create(partialScan.fields());
    Iterator<InternalRow> rows = partialScan.rows(partial.path(), partial.sizeBytes());
    while (rows.hasNext()) {
      changes.add(keep.apply(rows.next()).copy());
    }
    return changes;
  }

  /** A change on top of a present row. */
  private static final class Merger {
    private final StructType fields;
    private final SpecificInternalRow merged;
    private final Map<UTF8String, Integer> ordinals = new HashMap<>();
    private final Map<UTF8String, Integer> presentOrdinals = new HashMap<>();
    private final int width;

    Merger(LakeSchema columns, StructType fields, StructType present) {
      this.fields = fields;
      this.merged = new SpecificInternalRow(fields);
      this.width = columns.columns().size();
      List<String> presentNames = List.of(present.fieldNames());
      for (int i = 0; i < width; i++) {
        LakeColumn column = columns.columns().get(i);
        UTF8String name = UTF8String.fromString(column.name());
        ordinals.put(name, i);
        presentOrdinals.put(name, presentNames.indexOf(column.physicalName()));
      }
    }

    InternalRow merge(InternalRow change, InternalRow present) {
      for (int i = 0; i < fields.size(); i++) {
        copy(change, i, i);
      }
      ArrayData unchanged = change.getArray(width + MetadataColumns.STAGED.size() - 1);
      for (int i = 0; i < unchanged.numElements(); i++) {
        UTF8String name = unchanged.getUTF8String(i);
        copy(present, presentOrdinals.get(name), ordinals.get(name));
      }
      int exact = width + MetadataColumns.MIRROR.size() - 1;
      Object texts = exactTexts(change, exact, present, unchanged);
      if (texts == null) {
        merged.setNullAt(exact);
      } else {
        merged.update(exact, texts);
      }
      return merged;
    }

    private void copy(InternalRow from, int ordinal, int to) {
      if (from.isNullAt(ordinal)) {
        merged.setNullAt(to);
      } else {
        merged.update(to, from.get(ordinal, fields.apply(to).dataType()));
      }
    }

    /** Of changed columns from the change, of unchanged ones from the present row. */
    private static @Nullable Object exactTexts(
        InternalRow change, int ordinal, InternalRow present, ArrayData unchanged) {
      List<Object> names = new ArrayList<>();
      List<Object> texts = new ArrayList<>();
      if (!change.isNullAt(ordinal)) {
        MapData changed = change.getMap(ordinal);
        for (int i = 0; i < changed.numElements(); i++) {
          names.add(changed.keyArray().getUTF8String(i));
          texts.add(changed.valueArray().getUTF8String(i));
        }
      }
      int last = present.numFields() - 1;
      if (!present.isNullAt(last)) {
        MapData kept = present.getMap(last);
        for (int i = 0; i < kept.numElements(); i++) {
          if (contains(unchanged, kept.keyArray().getUTF8String(i))) {
            names.add(kept.keyArray().getUTF8String(i));
            texts.add(kept.valueArray().getUTF8String(i));
          }
        }
      }
      return names.isEmpty()
          ? null
          : new ArrayBasedMapData(
              new GenericArrayData(names.toArray()), new GenericArrayData(texts.toArray()));
    }

    private static boolean contains(ArrayData names, UTF8String name) {
      for (int i = 0; i < names.numElements(); i++) {
        if (names.getUTF8String(i).equals(name)) {
          return true;
        }
      }
      return false;
    }
  }
}
