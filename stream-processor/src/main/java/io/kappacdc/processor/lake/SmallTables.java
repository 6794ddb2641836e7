package io.kappacdc.processor.lake;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Subquery;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.files.TahoeBatchFileIndex;
import org.apache.spark.sql.delta.files.TahoeLogFileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import scala.Function1;
import scala.Option;
import scala.PartialFunction$;
import scala.collection.Seq;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Has queries read small Delta tables as they are. Delta asks its log by a query of its own which
 * files of a table a query can do without, and that takes longer than to read some small files. The
 * statistics in these files still spare their rows.
 */
public final class SmallTables extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  private static final long FILES_MAX = 256;
  private static final long BYTES_MAX = 64L << 20;

  /** Files of versions that are in use; queries one after another share them. */
  private static final Map<Snapshot, Seq<AddFile>> KNOWN =
      Collections.synchronizedMap(new WeakHashMap<>());

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    // Delta's own rule for that is one of these, and comes behind.
    extensions.injectPreCBORule(ReadAll::new);
    return BoxedUnit.UNIT;
  }

  /** Puts all files of a small table in the place of the question for them. */
  private static final class ReadAll extends Rule<LogicalPlan> {
    private final SparkSession spark;

    ReadAll(SparkSession spark) {
      this.spark = spark;
    }

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
      Function1<LogicalPlan, LogicalPlan> whole =
          node -> index(node).flatMap(index -> whole((LogicalRelation) node, index)).orElse(node);
      return mayNeedDelta(plan) ? plan : plan.transformDown(PartialFunction$.MODULE$.apply(whole));
    }

    private Optional<LogicalPlan> whole(LogicalRelation relation, TahoeLogFileIndex index) {
      Snapshot snapshot = index.getSnapshot();
      if (!index.partitionFilters().isEmpty() || !isSmall(snapshot)) {
        return Optional.empty();
      }
      HadoopFsRelation files = (HadoopFsRelation) relation.relation();
      TahoeBatchFileIndex all =
          new TahoeBatchFileIndex(
              spark,
              "batch",
              KNOWN.computeIfAbsent(
                  snapshot, version -> Scala.seq(LogReplay.files(spark, version))),
              index.deltaLog(),
              index.path(),
              snapshot,
              false);
      return Optional.of(
          relation.copy(
              files.copy(
                  all,
                  files.partitionSchema(),
                  files.dataSchema(),
                  files.bucketSpec(),
                  files.fileFormat(),
                  files.options(),
                  spark),
              relation.output(),
              relation.catalogTable(),
              relation.isStreaming()));
    }

    private static boolean isSmall(Snapshot snapshot) {
      Option<VersionChecksum> checksum = snapshot.checksumOpt();
      return checksum.isDefined()
          && checksum.get().numFiles() <= FILES_MAX
          && checksum.get().tableSizeBytes() <= BYTES_MAX;
    }

    private static Optional<TahoeLogFileIndex> index(LogicalPlan node) {
      return node instanceof LogicalRelation relation
              && relation.relation() instanceof HadoopFsRelation files
              && files.location() instanceof TahoeLogFileIndex index
          ? Optional.of(index)
          : Optional.empty();
    }

    /** Delta has a transaction know what it read, and a query see one version of each table. */
    private static boolean mayNeedDelta(LogicalPlan plan) {
      Set<Path> once = new HashSet<>();
      return OptimisticTransaction.getActive().isDefined()
          || plan instanceof Subquery
          || plan.containsPattern(TreePattern.PLAN_EXPRESSION())
          || Scala.list(plan.collectLeaves()).stream()
              .flatMap(leaf -> index(leaf).stream())
              .anyMatch(index -> !once.add(index.path()));
    }
  }
}
