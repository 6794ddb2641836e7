package io.kappacdc.processor;

import io.kappacdc.processor.lake.LakeReset;
import io.kappacdc.processor.postgres.RebuildRequests;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * Empties the sinks, positions included, so that they are filled again from the topics' beginning.
 */
final class SinkReset {
  private SinkReset() {}

  /**
   * @param topic the one table's topic; empty for all
   */
  static void empty(SparkSession spark, ProcessorSettings settings, Optional<String> topic)
      throws SQLException {
    new RebuildRequests(settings.postgres()).emptyTrails(topic);
    LakeReset.empty(spark, settings.lakePath(), topic);
  }
}
