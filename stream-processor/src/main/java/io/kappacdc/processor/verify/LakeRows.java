package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.kappacdc.processor.lake.LakeColumn;
import io.kappacdc.processor.lake.LakeSchema;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Rows of one version of a lake table, with the exact text of every value.
 *
 * @param data the rows, columns as stored
 * @param columns the source's columns
 */
record LakeRows(Dataset<Row> data, LakeSchema columns) {
  static LakeRows of(LakeSnapshot table) {
    return new LakeRows(table.version().rows(), table.columns());
  }

  /** Names of the source's columns on the stream. */
  List<String> names() {
    return columns.columns().stream().map(LakeColumn::column).toList();
  }

  /** PostgreSQL's text of a column of the stream; NULL where the table has none such. */
  Column text(String column) {
    Optional<LakeColumn> found = columns.column(column);
    return found.isEmpty()
        ? lit(null).cast(DataTypes.StringType)
        : found.get().postgresText(col(found.get().quotedName()), col("_kappa_exact"));
  }

  /** The texts of several columns as an array. */
  Column texts(List<String> names) {
    return functions
        .array(names.stream().map(this::text).toArray(Column[]::new))
        .cast(DataTypes.createArrayType(DataTypes.StringType));
  }

  /** The digest of the texts of several columns. */
  Column digest(List<String> names) {
    return SparkDigests.of(texts(names));
  }
}
