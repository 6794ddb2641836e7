package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The mirror as it was at the fence. Rows last changed at or before the fence stand for themselves.
 * What came after it is undone, but only where the Delta trail bears it out:
 *
 * <ul>
 *   <li>a row last changed after the fence, at position q, whose values are the trail's state of
 *       its key at q, is replaced by the trail's state of that key at the fence;
 *   <li>a key that the mirror does not have and that the trail deleted after the fence (or whose
 *       table it truncated) is replaced likewise;
 *   <li>anything else stays as it is, and so shows as a difference.
 * </ul>
 *
 * So every key of the mirror is proven to be in its state at the fence or in a later one of the
 * trail, and without writes after the fence the mirror's own rows are compared, all of them. The
 * trail must have come at least as far as the mirror.
 */
final class MirrorAtFence implements SparkDigestSource.Rows {
  static final String STORE = "Delta mirror";

  private final ComparedTable table;
  private final Dataset<Row> rows;

  MirrorAtFence(
      ComparedTable table, LakeRows mirror, List<String> names, DeltaFold trail, long fence) {
    this.table = table;
    Dataset<Row> all =
        mirror
            .data()
            .select(
                DeltaFold.identity(table, mirror, names).as("id"),
                col("_kappa_lsn").as("lsn"),
                col("_kappa_ordinal").as("ordinal"),
                mirror.texts(names).as("v"));
    Dataset<Row> later = all.filter(col("lsn").gt(fence));
    boolean quiet = trail.survey().changesAfterFence() == 0 && later.isEmpty();
    this.rows = quiet ? all.select("id", "v") : rewound(all, later, trail, fence);
  }

  private static Dataset<Row> rewound(
      Dataset<Row> all, Dataset<Row> later, DeltaFold trail, long fence) {
    Dataset<Row> claims =
        later.select(
            col("id"),
            col("lsn"),
            col("ordinal"),
            SparkDigests.of(col("v")).as("claimed"),
            col("v").as("mirrorValues"));
    Dataset<Row> judged =
        claims.join(
            trail
                .stateAt(later)
                .select(
                    col("id"),
                    col("lsn"),
                    col("ordinal"),
                    SparkDigests.of(col("v")).as("borneOut")),
            DeltaFold.seq("id", "lsn", "ordinal"),
            "left_outer");
    Column genuine = col("claimed").eqNullSafe(col("borneOut"));
    Dataset<Row> absent =
        trail.survey().truncatesAfterFence() > 0
            ? trail.state().select("id")
            : trail.changesAfterFence().filter("op = 'd'").select("id").distinct();
    Dataset<Row> undone =
        judged
            .filter(genuine)
            .select("id")
            .union(absent.join(all.select("id"), DeltaFold.seq("id"), "left_anti"));
    return all.filter(col("lsn").leq(fence))
        .select("id", "v")
        .union(judged.filter(not(genuine)).select(col("id"), col("mirrorValues")))
        .union(trail.stateOf(undone));
  }

  @Override
  public Dataset<Row> digests() {
    return withKey(rows.select(col("id"), SparkDigests.of(col("v")).as("r")))
        .select(col("k"), col("r"), lit(1L).as("n"));
  }

  @Override
  public Dataset<Row> texts(Set<Digest> keys) {
    return withKey(rows.select(col("id"), SparkDigests.of(col("v")).as("r"), col("v")))
        .filter(SparkDigests.isIn(col("k"), keys))
        .select("k", "r", "v");
  }

  private Dataset<Row> withKey(Dataset<Row> digested) {
    return digested.withColumn("k", table.keyed() ? col("id") : col("r"));
  }
}
