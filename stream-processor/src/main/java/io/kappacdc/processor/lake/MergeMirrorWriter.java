package io.kappacdc.processor.lake;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.jspecify.annotations.Nullable;

/**
 * Applies changes by Delta's MERGE; where no change can meet an existing row, by adding the files
 * as they are. The cost of a MERGE follows the mirror's size.
 */
final class MergeMirrorWriter implements MirrorWriter {
  private static final String MISSING_ROW = "kappa: missing row of a partial change";
  static final String USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata";
  private static final String TRANSACTION_ID = "spark.databricks.delta.write.txnAppId";
  private static final String TRANSACTION_VERSION = "spark.databricks.delta.write.txnVersion";

  private static final int FILES_PER_COMPACTION = 60;

  /** Exact texts of changed columns from the change, those of unchanged ones from the mirror. */
  private static final String KEPT_EXACT =
      "CASE WHEN s._kappa_unchanged IS NULL OR t._kappa_exact IS NULL THEN s._kappa_exact"
          + " WHEN s._kappa_exact IS NULL AND NOT exists("
          + "map_keys(t._kappa_exact), k -> array_contains(s._kappa_unchanged, k)) THEN NULL"
          + " ELSE map_concat("
          + "coalesce(s._kappa_exact, map_filter(t._kappa_exact, (k, v) -> false)),"
          + " map_filter(t._kappa_exact, (k, v) -> array_contains(s._kappa_unchanged, k))) END";

  /** In the source: whether the row had another key before, under which the mirror lacks it. */
  private static final String IS_LOST = "_kappa_lost";

  /** In the source: 1 for the newest change of a key. */
  private static final String AGE = "_kappa_age";

  /** Settings of a commit belong to its session, so each thread has one. */
  private final ThreadLocal<SparkSession> sessions;

  private final Compaction compaction;

  MergeMirrorWriter(SparkSession spark) {
    this.sessions = ThreadLocal.withInitial(spark::newSession);
    this.compaction = new Compaction(spark, FILES_PER_COMPACTION);
  }

  /** The Delta transaction identifier that numbers a mirror's commits. */
  static String fence(String topic) {
    return "kappa/" + topic + "/commit";
  }

  @Override
  public MirrorSlice.Form form(@Nullable LakeTable table) {
    return MirrorSlice.Form.STAGED;
  }

  @Override
  public MirrorState apply(LakeTable table, Changes changes) {
    boolean hasNothingToMerge = changes.files().isEmpty() && !changes.hasNewBarrier();
    if (changes.canAppend() || hasNothingToMerge) {
      List<DataFile> files = changes.rowFiles();
      commit(table, changes.shape(), files, changes.after());
      return changes.after();
    }
    MirrorState after = changes.after();
    if (!table.hasShape(changes.shape())) {
      MirrorState before = changes.before().next(Map.of(), Position.ORIGIN);
      commit(table, changes.shape(), List.of(), before);
      after = new MirrorState(after.partitions(), after.barrier(), after.commit() + 1);
    }
    merge(table, changes, after);
    verify(table, changes, after);
    return after;
  }

  @Override
  public boolean isDue(LakeTable table) {
    return false;
  }

  /** MERGE and compaction would conflict, so they take turns. */
  @Override
  public void maintain(LakeTable table, MirrorState state) {
    if (compaction.isDue(table)) {
      compaction.run(table.path(), state.write(table.topic().orElseThrow()));
      table.refresh();
    }
  }

  @Override
  public void rest() {}

  @Override
  public void close() {}

  private static void commit(
      LakeTable table, LakeTable.Shape shape, List<DataFile> files, MirrorState state) {
    table.commit(
        new LakeTable.Commit(
            shape,
            files,
            Map.of(fence(shape.topic()), state.commit()),
            state.write(shape.topic())));
  }

  private void merge(LakeTable table, Changes changes, MirrorState after) {
    SparkSession session = sessions.get();
    SparkSession.setActiveSession(session);
    session.conf().set(USER_METADATA, after.write(changes.shape().topic()));
    session.conf().set(TRANSACTION_ID, fence(changes.shape().topic()));
    session.conf().set(TRANSACTION_VERSION, after.commit());
    DeltaTable target = DeltaTable.forPath(session, table.path());
    try {
      if (changes.files().isEmpty()) {
        target.delete(isBefore("", changes.barrier()));
      } else {
        builder(session, target, table.path(), changes).execute();
      }
    } catch (Exception e) {
      throw failure(e);
    } finally {
      session.conf().unset(TRANSACTION_VERSION);
    }
  }

  /** Scala code throws checked exceptions without declaring them. */
  private static RuntimeException failure(Exception cause) {
    if (mentionsMissingRow(cause)) {
      return new MissingRowException(cause);
    }
    return cause instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException("MERGE into a mirror failed", cause);
  }

  private static boolean mentionsMissingRow(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && cause.getMessage().contains(MISSING_ROW)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Delta skips a MERGE whose number another writer has used, and commits nothing when nothing
   * changed.
   */
  private static void verify(LakeTable table, Changes changes, MirrorState after) {
    String topic = changes.shape().topic();
    table.refresh();
    Optional<MirrorState> recorded =
        table.newestUserMetadata(text -> MirrorState.read(text, topic));
    if (recorded.isPresent() && recorded.get().commit() == after.commit() - 1) {
      commit(table, changes.shape(), List.of(), after);
    } else if (!recorded.equals(Optional.of(after))) {
      throw new ConcurrentModificationException(
          "Another writer committed to the mirror of " + topic + " at the same time");
    }
  }

  private static DeltaMergeBuilder builder(
      SparkSession session, DeltaTable target, String path, Changes changes) {
    LakeSchema columns = changes.shape().columns();
    TableSchema schema = changes.shape().schema();
    Column isDelete = s(MetadataColumns.OP).equalTo("d");
    Column isNewer = position("s").gt(position("t"));
    boolean hasFormerKeys = !changes.formerKeyFiles().isEmpty();
    Dataset<Row> source =
        hasFormerKeys ? rekeyed(session, path, changes) : source(session, changes);
    DeltaMergeBuilder merge = target.as("t").merge(source.as("s"), sameRow(columns, schema));
    if (schema.hasKey()) {
      merge =
          merge
              .whenMatched(isNewer.and(isDelete))
              .delete()
              .whenMatched(isNewer)
              .update(assignments(columns, changes, false));
    }
    merge =
        merge.whenNotMatched(isDelete.unary_$bang()).insert(assignments(columns, changes, true));
    return changes.hasNewBarrier()
        ? merge.whenNotMatchedBySource(isBefore("t.", changes.barrier())).delete()
        : merge;
  }

  private static Dataset<Row> source(SparkSession session, Changes changes) {
    Dataset<Row> all =
        staged(session, changes.shape().columns(), changes.rowFiles())
            .where(isBefore("", changes.barrier()).unary_$bang());
    boolean mayMeet = changes.shape().schema().hasKey() && changes.rowFiles().size() > 1;
    return mayMeet ? newest(all, changes.shape()) : all;
  }

  /** The newest change of each key: a topic that got more partitions has keys in two of them. */
  private static Dataset<Row> newest(Dataset<Row> changes, LakeTable.Shape shape) {
    List<Column> key = new ArrayList<>();
    for (String name : shape.schema().key()) {
      LakeColumn column = shape.columns().column(name).orElseThrow();
      key.add(col(column.quotedName()));
      if (LakeTypes.mayNeedExactText(column.type())) {
        key.add(element_at(col(MetadataColumns.EXACT), column.name()));
      }
    }
    WindowSpec latestFirst =
        Window.partitionBy(key.toArray(Column[]::new))
            .orderBy(col(MetadataColumns.LSN).desc(), col(MetadataColumns.ORDINAL).desc());
    return changes
        .withColumn(AGE, row_number().over(latestFirst))
        .where(col(AGE).equalTo(1))
        .drop(AGE);
  }

  private static Dataset<Row> staged(
      SparkSession session, LakeSchema columns, List<DataFile> files) {
    String[] paths = files.stream().map(DataFile::path).toArray(String[]::new);
    List<Column> fields = new ArrayList<>();
    for (LakeColumn column : columns.columns()) {
      fields.add(col(LakeColumn.quoted(column.physicalName())).as(column.name()));
    }
    for (String name : MetadataColumns.STAGED.fieldNames()) {
      boolean isOp = name.equals(MetadataColumns.OP);
      fields.add(isOp ? coalesce(col(name), lit("u")).as(name) : col(name));
    }
    return session
        .read()
        .schema(columns.physical(MetadataColumns.STAGED))
        .parquet(paths)
        .select(fields.toArray(Column[]::new));
  }

  /** The changes, with the values of those that took their row from another key. */
  private static Dataset<Row> rekeyed(SparkSession session, String path, Changes changes) {
    LakeSchema columns = changes.shape().columns();
    Dataset<Row> keys = staged(session, columns, changes.formerKeyFiles()).as("s");
    List<Column> present = new ArrayList<>();
    for (LakeColumn column : columns.columns()) {
      present.add(t(column.name()));
    }
    present.add(t(MetadataColumns.EXACT));
    Dataset<Row> former =
        keys.join(
                session.read().format("delta").load(path).as("t"),
                sameRow(columns, changes.shape().schema()).and(position("s").gt(position("t"))),
                "left_outer")
            .select(
                s(MetadataColumns.LSN).as("changeLsn"),
                s(MetadataColumns.ORDINAL).as("changeOrdinal"),
                when(t(MetadataColumns.LSN).isNotNull(), struct(present.toArray(Column[]::new)))
                    .as("t"));
    Column isRekeyed = col("changeLsn").isNotNull();
    List<Column> fields = new ArrayList<>();
    for (LakeColumn column : columns.columns()) {
      Column isKept = isRekeyed.and(array_contains(s(MetadataColumns.UNCHANGED), column.name()));
      fields.add(when(isKept, t(column.name())).otherwise(s(column.name())).as(column.name()));
    }
    fields.add(s(MetadataColumns.LSN));
    fields.add(s(MetadataColumns.ORDINAL));
    fields.add(
        when(isRekeyed, expr(KEPT_EXACT))
            .otherwise(s(MetadataColumns.EXACT))
            .as(MetadataColumns.EXACT));
    fields.add(s(MetadataColumns.OP));
    fields.add(
        when(isRekeyed.unary_$bang(), s(MetadataColumns.UNCHANGED)).as(MetadataColumns.UNCHANGED));
    fields.add(isRekeyed.and(col("t").isNull()).as(IS_LOST));
    Column isItsChange =
        s(MetadataColumns.LSN)
            .equalTo(col("changeLsn"))
            .and(s(MetadataColumns.ORDINAL).equalTo(col("changeOrdinal")));
    return source(session, changes)
        .as("s")
        .join(former, isItsChange, "left_outer")
        .select(fields.toArray(Column[]::new));
  }

  /** The key's columns, or for a table without key the place of the row's only change. */
  private static Column sameRow(LakeSchema columns, TableSchema schema) {
    if (!schema.hasKey()) {
      return s(MetadataColumns.LSN)
          .equalTo(t(MetadataColumns.LSN))
          .and(s(MetadataColumns.ORDINAL).equalTo(t(MetadataColumns.ORDINAL)));
    }
    Column all = null;
    for (String key : schema.key()) {
      LakeColumn column = columns.column(key).orElseThrow();
      Column same;
      if (LakeTypes.mayNeedExactText(column.type())) {
        same =
            s(column.name())
                .eqNullSafe(t(column.name()))
                .and(exact("s", column.name()).eqNullSafe(exact("t", column.name())));
      } else {
        same = s(column.name()).equalTo(t(column.name()));
      }
      all = all == null ? same : all.and(same);
    }
    return Objects.requireNonNull(all);
  }

  private static Column exact(String side, String column) {
    return element_at(col(side + '.' + MetadataColumns.EXACT), column);
  }

  private static Map<String, Column> assignments(
      LakeSchema columns, Changes changes, boolean isInsert) {
    boolean hasPartialRows = changes.hasPartialRows();
    Map<String, Column> values = new LinkedHashMap<>();
    Column unchanged = s(MetadataColumns.UNCHANGED);
    for (LakeColumn column : columns.columns()) {
      Column value = s(column.name());
      if (hasPartialRows && !isInsert) {
        value = when(array_contains(unchanged, column.name()), t(column.name())).otherwise(value);
      }
      values.put(column.quotedName(), value);
    }
    values.put(MetadataColumns.LSN, s(MetadataColumns.LSN));
    values.put(MetadataColumns.ORDINAL, s(MetadataColumns.ORDINAL));
    Column exact = s(MetadataColumns.EXACT);
    if (hasPartialRows) {
      exact =
          isInsert
              ? when(unchanged.isNotNull(), raise_error(lit(MISSING_ROW))).otherwise(exact)
              : expr(KEPT_EXACT);
    }
    if (!changes.formerKeyFiles().isEmpty()) {
      exact = when(s(IS_LOST), raise_error(lit(MISSING_ROW))).otherwise(exact);
    }
    values.put(MetadataColumns.EXACT, exact);
    return values;
  }

  private static Column position(String side) {
    return struct(col(side + '.' + MetadataColumns.LSN), col(side + '.' + MetadataColumns.ORDINAL));
  }

  private static Column isBefore(String prefix, Position barrier) {
    Column lsn = col(prefix + MetadataColumns.LSN);
    return lsn.lt(barrier.lsn())
        .or(
            lsn.equalTo(barrier.lsn())
                .and(col(prefix + MetadataColumns.ORDINAL).lt(barrier.ordinal())));
  }

  private static Column s(String column) {
    return col("s." + LakeColumn.quoted(column));
  }

  private static Column t(String column) {
    return col("t." + LakeColumn.quoted(column));
  }
}
