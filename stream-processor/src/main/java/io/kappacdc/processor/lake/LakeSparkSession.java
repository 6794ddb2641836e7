package io.kappacdc.processor.lake;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark session for a command that reads the lake: small, quiet, and on this machine alone unless
 * spark-submit says otherwise.
 */
public final class LakeSparkSession implements AutoCloseable {
  private static final String SHUFFLE_PARTITIONS = "4";

  private final SparkSession session;
  private final boolean isOurs;

  private LakeSparkSession(SparkSession session, boolean isOurs) {
    this.session = session;
    this.isOurs = isOurs;
  }

  /** Starts Spark, or joins the one that runs in this JVM already. */
  public static LakeSparkSession start(String name) {
    boolean isRunning = SparkSession.getDefaultSession().isDefined();
    SparkSession.Builder builder =
        LakeSession.configure(SparkSession.builder().appName(name))
            .config("spark.sql.shuffle.partitions", SHUFFLE_PARTITIONS)
            // Files are many and small; a task for every few of them would cost more than it saves.
            .config("spark.sql.files.openCostInBytes", "65536")
            .config("spark.log.level", "WARN");
    if (!new SparkConf().contains("spark.master")) {
      LakeSession.local(builder.master("local[*]"));
    }
    return new LakeSparkSession(builder.getOrCreate(), !isRunning);
  }

  /** The session; its tables and settings may be changed. */
  public SparkSession session() {
    return session;
  }

  /** Stops Spark if it was started here. */
  @Override
  public void close() {
    if (isOurs) {
      session.stop();
    }
  }
}
