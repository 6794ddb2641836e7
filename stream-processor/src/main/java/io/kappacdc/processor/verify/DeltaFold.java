package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.kappacdc.event.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * The state that a Delta trail's changes add up to at the fence: for each key its last change after
 * the last truncation, unless that is a deletion; values that PostgreSQL did not send with a change
 * are taken from the row's last change that has them, under whatever key ({@link RekeyedChanges}).
 * Without a key: every row inserted after the last truncation.
 *
 * <p>Rows carry an identity {@code id}, a struct of two longs: the key's digest, or the position
 * where the table has no key.
 */
final class DeltaFold implements SparkDigestSource.Rows {
  static final String STORE = "Delta trail";

  private final ComparedTable table;
  private final List<String> names;
  private final Dataset<Row> changes;
  private final Dataset<Row> live;
  private final Survey survey;
  private final Set<String> unsent;
  private final long fence;

  /**
   * @param trail the whole trail of one version
   * @param names the trail's column, by its name on the stream, for each compared column
   */
  DeltaFold(ComparedTable table, LakeRows trail, List<String> names, long fence) {
    this.table = table;
    this.names = List.copyOf(names);
    this.fence = fence;
    Dataset<Row> sent =
        trail
            .data()
            .select(
                identity(table, trail, names).as("id"),
                col("_kappa_op").as("op"),
                col("_kappa_lsn").as("lsn"),
                col("_kappa_ordinal").as("ordinal"),
                col("_kappa_unchanged").as("unchanged"),
                trail.texts(names).as("v"));
    this.survey = Survey.of(sent, fence);
    this.unsent = new HashSet<>(survey.unsent());
    unsent.retainAll(names);
    if (survey.rekeyedPartly() > 0 && table.keyed() && !unsent.isEmpty()) {
      this.changes = new RekeyedChanges(this.names, unsent).complete(sent);
      unsent.clear();
    } else {
      this.changes = sent;
    }
    this.live =
        changes.filter(col("lsn").leq(fence)).filter(isAfter(survey.barrier())).filter("op <> 't'");
    if (!table.keyed() && !live.filter("op IN ('u', 'd')").isEmpty()) {
      throw StoreException.keylessChange(STORE, table.name());
    }
  }

  /**
   * What one look at a trail's metadata tells.
   *
   * @param barrier position of the last truncation up to the fence
   * @param unsent columns that some change did not bring
   * @param changesAfterFence how many changes lie behind the fence
   * @param truncatesAfterFence how many of them are truncations
   * @param rekeyedPartly how many updates changed a key and did not bring all values
   */
  record Survey(
      Position barrier,
      Set<String> unsent,
      long changesAfterFence,
      long truncatesAfterFence,
      long rekeyedPartly) {
    static Survey of(Dataset<Row> changes, long fence) {
      Column after = col("lsn").gt(fence);
      Column truncate = col("op").equalTo("t");
      Row row =
          changes
              .agg(
                  max(when(truncate.and(not(after)), position())),
                  flatten(collect_set(col("unchanged"))),
                  count(when(after, 1)),
                  count(when(after.and(truncate), 1)),
                  count(when(col("op").equalTo("c").and(col("unchanged").isNotNull()), 1)))
              .head();
      Position barrier =
          row.isNullAt(0)
              ? Position.ORIGIN
              : new Position(row.getStruct(0).getLong(0), row.getStruct(0).getLong(1));
      return new Survey(
          barrier,
          Set.copyOf(new HashSet<>(row.getList(1))),
          row.getLong(2),
          row.getLong(3),
          row.getLong(4));
    }
  }

  Survey survey() {
    return survey;
  }

  /** The identity of a row of trail or mirror. */
  static Column identity(ComparedTable table, LakeRows rows, List<String> names) {
    return table.keyed()
        ? rows.digest(table.keyIndexes().stream().map(names::get).toList())
        : struct(col("_kappa_lsn").as("high"), col("_kappa_ordinal").as("low"));
  }

  static Column position() {
    return struct(col("lsn"), col("ordinal"));
  }

  private static Column isAfter(Position position) {
    return col("lsn")
        .gt(position.lsn())
        .or(col("lsn").equalTo(position.lsn()).and(col("ordinal").gt(position.ordinal())));
  }

  /** The changes after the fence: id, op, lsn, ordinal, unchanged, v. */
  Dataset<Row> changesAfterFence() {
    return changes.filter(col("lsn").gt(fence));
  }

  /** The rows at the fence with these identities: id, v. */
  Dataset<Row> stateOf(Dataset<Row> ids) {
    return alive(live.join(ids.select("id").distinct(), seq("id"), "left_semi"));
  }

  /** The rows at the fence: id, v. */
  Dataset<Row> state() {
    return alive(live);
  }

  /**
   * The rows at a position of their own: id, lsn, ordinal, v.
   *
   * @param claims id, lsn, ordinal; a claim that the trail does not bear out has no row
   */
  Dataset<Row> stateAt(Dataset<Row> claims) {
    Dataset<Row> claimed =
        claims.select(col("id"), col("lsn").as("claimedLsn"), col("ordinal").as("claimedOrdinal"));
    Dataset<Row> upToClaim =
        changes
            .filter("op <> 't'")
            .join(claimed, "id")
            .filter("lsn < claimedLsn OR (lsn = claimedLsn AND ordinal <= claimedOrdinal)");
    return folded(upToClaim, col("id"), col("claimedLsn"), col("claimedOrdinal"))
        .filter("op <> 'd' AND lsn = claimedLsn AND ordinal = claimedOrdinal")
        .select("id", "lsn", "ordinal", "v");
  }

  private Dataset<Row> alive(Dataset<Row> some) {
    return table.keyed()
        ? folded(some, col("id")).filter("op <> 'd'").select("id", "v")
        : some.select("id", "v");
  }

  /** The last of the changes in each group, with all its values: the group, op, lsn, ordinal, v. */
  private Dataset<Row> folded(Dataset<Row> some, Column... group) {
    List<Column> fills = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Column value = col("last.v").getItem(i);
      if (unsent.contains(names.get(i))) {
        Column sent =
            not(coalesce(array_contains(col("unchanged"), names.get(i)), lit(false)))
                .and(expr("op <> 'd'"));
        fills.add(max_by(col("v").getItem(i), when(sent, position())).as("fill" + i));
        value =
            when(array_contains(col("last.unchanged"), names.get(i)), col("fill" + i))
                .otherwise(value);
      }
      values.add(value);
    }
    Column last =
        max_by(
                struct(col("op"), col("lsn"), col("ordinal"), col("unchanged"), col("v")),
                position())
            .as("last");
    Dataset<Row> lasts = some.groupBy(group).agg(last, fills.toArray(Column[]::new));
    List<Column> result = new ArrayList<>(List.of(group));
    result.add(col("last.op").as("op"));
    result.add(col("last.lsn").as("lsn"));
    result.add(col("last.ordinal").as("ordinal"));
    result.add(
        unsent.isEmpty()
            ? col("last.v").as("v")
            : array(values.toArray(Column[]::new))
                .cast(DataTypes.createArrayType(DataTypes.StringType))
                .as("v"));
    return lasts.select(result.toArray(Column[]::new));
  }

  @Override
  public Dataset<Row> digests() {
    if (!table.keyed()) {
      return live.select(SparkDigests.of(col("v")).as("r"))
          .select(col("r").as("k"), col("r"), lit(1L).as("n"));
    }
    if (!unsent.isEmpty()) {
      return state().select(col("id").as("k"), SparkDigests.of(col("v")).as("r"), lit(1L).as("n"));
    }
    // Digests before the shuffle, so that no row's values go through it.
    return live.select(
            col("id"), position().as("position"), col("op"), SparkDigests.of(col("v")).as("r"))
        .groupBy("id")
        .agg(max_by(struct(col("op"), col("r")), col("position")).as("last"))
        .filter("last.op <> 'd'")
        .select(col("id").as("k"), col("last.r").as("r"), lit(1L).as("n"));
  }

  @Override
  public Dataset<Row> texts(Set<Digest> keys) {
    if (!table.keyed()) {
      return live.select(SparkDigests.of(col("v")).as("r"), col("v"))
          .filter(SparkDigests.isIn(col("r"), keys))
          .select(col("r").as("k"), col("r"), col("v"));
    }
    return alive(live.filter(SparkDigests.isIn(col("id"), keys)))
        .select(col("id").as("k"), SparkDigests.of(col("v")).as("r"), col("v"));
  }

  static scala.collection.Seq<String> seq(String... columns) {
    return scala.collection.JavaConverters.asScalaBuffer(List.of(columns)).toSeq();
  }
}
