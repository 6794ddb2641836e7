package io.kappacdc.processor.lake;

import io.delta.tables.DeltaTable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.SparkSession;

/**
 * Removes files of mirrors that no version within their history needs: each batch leaves behind
 * deletion vectors, and each fold whole files. Lists the table's directory, so it comes rarely.
 * Thread-safe.
 */
final class MirrorVacuum {
  private static final int RUNS_PER_HISTORY = 8;
  private static final double SECONDS_PER_HOUR = 3600;
  private static final Duration INTERVAL_MIN = Duration.ofMinutes(10);

  private final SparkSession spark;
  private final Duration history;
  private final Duration interval;
  private final Clock clock;
  private final Map<String, Instant> lastRuns = new ConcurrentHashMap<>();

  MirrorVacuum(SparkSession spark, Duration history, Clock clock) {
    this.spark = spark;
    this.history = history;
    this.clock = clock;
    Duration share = history.dividedBy(RUNS_PER_HISTORY);
    this.interval = share.compareTo(INTERVAL_MIN) < 0 ? INTERVAL_MIN : share;
  }

  /** To be asked after commits only, so that idle tables are left alone. */
  boolean isDue(LakeTable table) {
    Instant now = clock.instant();
    Instant last = lastRuns.putIfAbsent(table.path(), now);
    return last != null && last.plus(interval).isBefore(now);
  }

  /** Delta takes whole hours, and refuses fewer than the table's history has. */
  void run(String path) {
    lastRuns.put(path, clock.instant());
    SparkSession session = spark.newSession();
    SparkSession.setActiveSession(session);
    DeltaTable.forPath(session, path).vacuum(Math.ceil(history.toSeconds() / SECONDS_PER_HOUR));
  }
}
