package io.kappacdc.chaos.agent;

import java.util.List;

/**
 * A call by which a role writes, with a place for failure before and after it.
 *
 * @param name of the point; that before the call has {@code -before} behind it, the other {@code
 *     -after}
 * @param type class of the method
 * @param method its name
 * @param parameters how many it has
 * @param error what it fails with when what it writes to is away; empty if it never does
 * @param hitMax how many times it is passed in a few seconds of load
 */
public record Point(
    String name, String type, String method, int parameters, String error, int hitMax) {
  private static final String KAFKA = "org.apache.kafka.clients.producer.KafkaProducer";
  private static final String KAFKA_ERROR = "org.apache.kafka.common.errors.TimeoutException";
  private static final String SQL_ERROR = "java.sql.SQLException";
  private static final String FILE_ERROR = "java.io.IOException";
  private static final String FILES = "org.apache.hadoop.fs.RawLocalFileSystem";

  /** Where capture writes: Kafka, and what it tells the slot. */
  public static final List<Point> OF_CAPTURE =
      List.of(
          new Point("capture-begin", KAFKA, "beginTransaction", 0, KAFKA_ERROR, 8),
          new Point("capture-send", KAFKA, "send", 2, KAFKA_ERROR, 200),
          new Point("capture-flush", KAFKA, "flush", 0, KAFKA_ERROR, 8),
          // In the client's own thread, between its look for unsent records and that for a commit.
          new Point(
              "capture-sender",
              "org.apache.kafka.clients.producer.internals.RecordAccumulator",
              "hasIncomplete",
              0,
              "",
              40),
          new Point("capture-commit", KAFKA, "commitTransaction", 0, KAFKA_ERROR, 8),
          new Point(
              "capture-confirm",
              "org.postgresql.core.v3.replication.V3PGReplicationStream",
              "forceUpdateStatus",
              0,
              SQL_ERROR,
              6));

  /** Where the processor writes: the trail's database, the Delta logs, the lake's files. */
  public static final List<Point> OF_PROCESSOR =
      List.of(
          new Point("trail-copy", "org.postgresql.core.v3.CopyInImpl", "endCopy", 0, SQL_ERROR, 20),
          new Point("trail-commit", "org.postgresql.jdbc.PgConnection", "commit", 0, SQL_ERROR, 20),
          new Point(
              "delta-log",
              "org.apache.spark.sql.delta.storage.DelegatingLogStore",
              "write",
              4,
              FILE_ERROR,
              15),
          new Point("lake-create", FILES, "createOutputStreamWithMode", 3, FILE_ERROR, 40),
          new Point("lake-rename", FILES, "rename", 2, FILE_ERROR, 40),
          new Point("lake-write", FILES + "$LocalFSFileOutputStream", "write", 3, FILE_ERROR, 60));

  /** Whether the call can fail. */
  public boolean canFail() {
    return !error.isEmpty();
  }

  public String before() {
    return name + "-before";
  }

  public String after() {
    return name + "-after";
  }
}
