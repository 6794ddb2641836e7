package io.kappacdc.processor.lake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** Reads a lake table back as PostgreSQL's texts. */
final class LakeRows {
  private LakeRows() {}

  /** Rows by their first column, {@code id}; each a list of texts in the table's order. */
  static SortedMap<String, List<String>> byId(SparkSession spark, String path) {
    SortedMap<String, List<String>> rows = new TreeMap<>();
    for (List<String> row : all(spark, path)) {
      if (rows.put(row.get(0), row) != null) {
        throw new AssertionError("Two rows with id " + row.get(0));
      }
    }
    return rows;
  }

  static List<List<String>> all(SparkSession spark, String path) {
    Dataset<Row> table = spark.read().format("delta").load(path);
    List<LakeColumn> columns =
        LakeTable.open(spark, LakeTable.Kind.MIRROR, path).columns().columns();
    Column exact = functions.col(MetadataColumns.EXACT);
    Column[] texts =
        columns.stream()
            .map(c -> c.postgresText(functions.col(c.quotedName()), exact))
            .toArray(Column[]::new);
    List<List<String>> rows = new ArrayList<>();
    for (Row row : table.select(texts).collectAsList()) {
      String[] values = new String[columns.size()];
      Arrays.setAll(values, row::getString);
      rows.add(Arrays.asList(values));
    }
    return rows;
  }
}
