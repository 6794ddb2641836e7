package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.last;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;

/**
 * The changes of a trail with all their values, where updates changed keys and did not bring all of
 * them. A row lives under a key from a create to a delete; a create that lacks values goes on with
 * the life that the delete, one before it in rank, has ended. What a change lacks is what the last
 * change before it in this row of lives has brought.
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
    WindowSpec key = Window.partitionBy("id").orderBy("lsn", "ordinal");
    Column born =
        coalesce(
            max(when(col("op").isin("c", "r"), DeltaFold.position())).over(key),
            struct(lit(0L).as("lsn"), lit(0L).as("ordinal")));
    Dataset<Row> lives = changes.withColumn("life", struct(col("id"), born.as("born")));
    Dataset<Row> rows =
        lives
            .join(firstLives(lives), DeltaFold.seq("life"), "left_outer")
            .withColumn("row", coalesce(col("first"), col("life")));
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
    Column isUnsent = coalesce(array_contains(col("unchanged"), name), lit(false));
    Column isSent = isUnsent.unary_$bang().and(col("op").isin("c", "u", "r"));
    WindowSpec before =
        Window.partitionBy("row")
            .orderBy("lsn", "ordinal")
            .rowsBetween(Window.unboundedPreceding(), Window.currentRow());
    Column newest = last(when(isSent, struct(value.as("text"))), true).over(before);
    return when(isUnsent, newest.getField("text")).otherwise(value);
  }

  /**
   * Of each life that goes on with another the first of all: life, first. In as many steps as the
   * longest row of lives has binary digits.
   */
  private static Dataset<Row> firstLives(Dataset<Row> lives) {
    Dataset<Row> deletes =
        lives
            .filter("op = 'd'")
            .select(col("lsn"), col("ordinal").plus(1).as("ordinal"), col("life").as("first"));
    Dataset<Row> links =
        lives
            .filter("op = 'c' AND unchanged IS NOT NULL")
            .select("life", "lsn", "ordinal")
            .join(deletes, DeltaFold.seq("lsn", "ordinal"))
            .select("life", "first")
            .localCheckpoint();
    while (true) {
      Dataset<Row> further = links.select(col("life").as("first"), col("first").as("further"));
      Dataset<Row> joined =
          links.join(further, DeltaFold.seq("first"), "left_outer").localCheckpoint();
      if (joined.filter("further IS NOT NULL").isEmpty()) {
        return links;
      }
      links = joined.select(col("life"), coalesce(col("further"), col("first")).as("first"));
    }
  }
}
