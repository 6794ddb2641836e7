package io.kappacdc.processor.lake;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.last;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Which changes of a trail are of the same row. A row lives under a key from a create to a delete;
 * a create that lacks values goes on with the life that the delete, one before it in rank, has
 * ended. What a change lacks is what the last change before it in this row of lives has brought.
 *
 * <p>Changes have columns id (the key, of whatever type), op, lsn, ordinal, unchanged, and what
 * else the caller needs.
 */
public final class RowLives {
  /** A create that goes on with another life. */
  private static final String GOES_ON = "op = 'c' AND unchanged IS NOT NULL";

  /** A place before all changes. */
  private static final Column ORIGIN = struct(lit(0L).as("lsn"), lit(0L).as("ordinal"));

  private RowLives() {}

  /** The changes with a further column, row, which is the same for changes of the same row. */
  public static Dataset<Row> trace(Dataset<Row> changes) {
    WindowSpec key = Window.partitionBy("id").orderBy("lsn", "ordinal");
    Column begun = max(when(col("op").isin("c", "r"), place())).over(key);
    Dataset<Row> lives =
        afterTruncates(changes)
            .withColumn(
                "life",
                struct(col("id"), greatest(coalesce(begun, ORIGIN), col("emptied")).as("born")))
            .drop("emptied");
    if (changes.filter(GOES_ON).isEmpty()) {
      return lives.withColumnRenamed("life", "row");
    }
    return lives
        .join(firstLives(lives), columns("life"), "left_outer")
        .withColumn("row", coalesce(col("first"), col("life")))
        .drop("life", "first");
  }

  /** The changes with the place of the last truncate before each, emptied. */
  private static Dataset<Row> afterTruncates(Dataset<Row> changes) {
    Dataset<Row> truncates = changes.filter("op = 't'").select(place().as("place"));
    if (truncates.isEmpty()) {
      return changes.withColumn("emptied", ORIGIN);
    }
    Column before = filter(col("truncates"), truncate -> truncate.lt(place()));
    return changes
        .crossJoin(broadcast(truncates.agg(collect_list("place").as("truncates"))))
        .withColumn("emptied", coalesce(array_max(before), ORIGIN))
        .drop("truncates");
  }

  private static Column place() {
    return struct(col("lsn"), col("ordinal"));
  }

  /**
   * A value of traced changes as the last change of the row up to each of them has brought it: a
   * struct of it, null if none has.
   *
   * @param value of a column
   * @param name the column's name on the stream
   */
  public static Column lastSent(Column value, String name) {
    WindowSpec before =
        Window.partitionBy("row")
            .orderBy("lsn", "ordinal")
            .rowsBetween(Window.unboundedPreceding(), Window.currentRow());
    Column isSent = isUnsent(name).unary_$bang().and(col("op").isin("c", "u", "r"));
    return last(when(isSent, struct(value.as("value"))), true).over(before);
  }

  /** Whether a change does not bring the value of a column. */
  public static Column isUnsent(String name) {
    return coalesce(array_contains(col("unchanged"), name), lit(false));
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
            .filter(GOES_ON)
            .select("life", "lsn", "ordinal")
            .join(deletes, columns("lsn", "ordinal"))
            .select("life", "first")
            .localCheckpoint();
    while (true) {
      Dataset<Row> further = links.select(col("life").as("first"), col("first").as("further"));
      Dataset<Row> joined = links.join(further, columns("first"), "left_outer").localCheckpoint();
      if (joined.filter("further IS NOT NULL").isEmpty()) {
        return links;
      }
      links = joined.select(col("life"), coalesce(col("further"), col("first")).as("first"));
    }
  }

  private static scala.collection.Seq<String> columns(String... names) {
    return Scala.seq(List.of(names));
  }
}
