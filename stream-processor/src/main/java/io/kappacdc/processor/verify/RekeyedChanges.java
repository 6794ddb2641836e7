package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.kappacdc.processor.lake.RowLives;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * The changes of a trail with all their values, where updates changed keys and did not bring all of
 * them.
 */
final class RekeyedChanges {
  private final List<String> names;
  private final Set<String> unsent;

  /**
   * @param names of the columns in v
   * @param unsent those that some change did not bring
   */
  RekeyedChanges(List<String> names, Set<String> unsent) {
    this.names = List.copyOf(names);
    this.unsent = Set.copyOf(unsent);
  }

  /**
   * Completes changes.
   *
   * @param changes id, op, lsn, ordinal, unchanged, v
   * @return the same columns; nothing is unchanged, and what no change ever brought is null
   */
  Dataset<Row> complete(Dataset<Row> changes) {
    Dataset<Row> rows = RowLives.trace(changes);
    List<Column> values = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Column value = col("v").getItem(i);
      values.add(unsent.contains(names.get(i)) ? filled(value, names.get(i)) : value);
    }
    return rows.select(
        col("id"),
        col("op"),
        col("lsn"),
        col("ordinal"),
        lit(null).cast(DataTypes.createArrayType(DataTypes.StringType)).as("unchanged"),
        array(values.toArray(Column[]::new))
            .cast(DataTypes.createArrayType(DataTypes.StringType))
            .as("v"));
  }

  private static Column filled(Column value, String name) {
    Column sent = RowLives.lastSent(value, name).getField("value");
    return when(RowLives.isUnsent(name), sent).otherwise(value);
  }
}
