package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.delta.deletionvectors.RoaringBitmapArray;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Copies the live rows of some files of a mirror, as they were when it was planned, to one new
 * file, and notes where each came from. Runs on an executor while the mirror goes on changing.
 */
final class MirrorFold implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * A file to copy.
   *
   * @param number the mirror's number of it
   * @param path full path
   * @param sizeBytes its length
   * @param dead its dead rows; null if there are none
   */
  record Source(int number, String path, long sizeBytes, byte @Nullable [] dead)
      implements Serializable {}

  /**
   * The copy.
   *
   * @param file the new file
   * @param origins for each row of it, the place it was copied from
   * @param keys the keys of its rows; rows whose key cannot be read are left out
   */
  record Result(DataFile file, long[] origins, KeyedRows keys) implements Serializable {}

  private final ArrayList<Source> sources;
  private final LakeSchema columns;
  private final ArrayList<String> key;
  private final String table;
  private final ParquetFiles parquet;
  private final ParquetScan scan;

  /**
   * @param key the source's key columns
   * @param table the mirror's directory
   * @param scan reads {@link #rowColumns}
   */
  MirrorFold(
      List<Source> sources,
      LakeSchema columns,
      List<String> key,
      String table,
      ParquetFiles parquet,
      ParquetScan scan) {
    this.sources = new ArrayList<>(sources);
    this.columns = columns;
    this.key = new ArrayList<>(key);
    this.table = table;
    this.parquet = parquet;
    this.scan = scan;
  }

  static StructType rowColumns(LakeSchema columns) {
    return columns.physical(MetadataColumns.MIRROR);
  }

  Result run() throws IOException {
    KeyCodec codec = KeyCodec.ofRows(columns, key);
    KeyedRows keys = new KeyedRows();
    long[] origins = new long[1024];
    int size = 0;
    try (ParquetFiles.Writer writer =
        parquet.open(table, rowColumns(columns), columns.ordinals(key))) {
      for (Source source : sources) {
        RoaringBitmapArray dead =
            source.dead() == null ? null : RoaringBitmapArray.readFrom(source.dead());
        Iterator<InternalRow> rows = scan.rows(source.path(), source.sizeBytes());
        for (int row = 0; rows.hasNext(); row++) {
          InternalRow values = rows.next();
          if (dead != null && dead.contains(row)) {
            continue;
          }
          Position position = codec.position(values);
          writer.write(values, position.lsn());
          KeyCodec.KeyBytes bytes = codec.read(values);
          if (bytes != null) {
            keys.add(bytes, KeyedRows.Kind.WHOLE, size, position);
          }
          if (size == origins.length) {
            origins = Arrays.copyOf(origins, size * 2);
          }
          origins[size++] = KeyIndex.place(source.number(), row);
        }
      }
      return new Result(writer.finish(), Arrays.copyOf(origins, size), keys);
    }
  }
}
