package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the lake, digested by Spark. The session must not be in ANSI mode: sums wrap around as
 * {@link ChunkSum} says.
 */
final class SparkDigestSource implements TableDigestSource {
  private static final int TEXT_ROWS_MAX = 1000;

  private final String store;
  private final String table;
  private final Rows rows;

  /** Where the rows come from; each call may compute them anew from the same pinned versions. */
  interface Rows {
    /** Columns {@code k} and {@code r} (digests of key and row) and {@code n} (copies, a long). */
    Dataset<Row> digests();

    /**
     * Columns {@code k}, {@code r} and {@code v} (the texts, an array) of the rows with these key
     * digests.
     */
    Dataset<Row> texts(Set<Digest> keys);
  }

  SparkDigestSource(String store, String table, Rows rows) {
    this.store = store;
    this.table = table;
    this.rows = rows;
  }

  @Override
  public String store() {
    return store;
  }

  @Override
  public Map<Integer, ChunkSum> chunkSums(int chunks) {
    Dataset<Row> sums =
        rows.digests()
            .groupBy(SparkDigests.chunk(col("k"), chunks).as("chunk"))
            .agg(
                sum("n"),
                sum(col("n").multiply(col("r.high"))),
                sum(col("n").multiply(col("r.low"))));
    Map<Integer, ChunkSum> result = new HashMap<>();
    for (Row row : attempt(sums::collectAsList)) {
      result.put(row.getInt(0), new ChunkSum(row.getLong(1), row.getLong(2), row.getLong(3)));
    }
    return result;
  }

  @Override
  public RowCursor rows(ChunkSelection selection) {
    Dataset<Row> digests = rows.digests();
    if (selection.isSelective()) {
      digests =
          digests.filter(
              SparkDigests.chunk(col("k"), selection.chunks())
                  .isin(selection.numbers().toArray(Object[]::new)));
    }
    Dataset<Row> sorted =
        digests
            .groupBy("k", "r")
            .agg(sum("n").as("n"))
            .filter("n <> 0")
            .sort(SparkDigests.order("k", "r"));
    Iterator<Row> iterator = attempt(sorted::toLocalIterator);
    return new RowCursor() {
      @Override
      public boolean hasNext() {
        return attempt(iterator::hasNext);
      }

      @Override
      public RowDigest next() {
        Row row = attempt(iterator::next);
        return new RowDigest(SparkDigests.read(row, 0), SparkDigests.read(row, 1), row.getLong(2));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public List<TextRow> texts(Set<Digest> keys) {
    Dataset<Row> texts = rows.texts(keys).select("k", "r", "v").limit(TEXT_ROWS_MAX);
    List<TextRow> result = new ArrayList<>();
    for (Row row : attempt(texts::collectAsList)) {
      List<@Nullable String> values = row.getList(2);
      result.add(new TextRow(SparkDigests.read(row, 0), SparkDigests.read(row, 1), values));
    }
    return result;
  }

  private <T> T attempt(java.util.function.Supplier<T> read) {
    try {
      return read.get();
    } catch (Exception e) {
      // Spark throws checked exceptions that Scala does not declare.
      throw StoreException.reading(store, table, e);
    }
  }
}
