package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.event.SourceMessage;
import io.kappacdc.runtime.config.CaptureConfig;
import io.kappacdc.runtime.config.SourceConfig;
import java.util.Properties;

/** The settings of the embedded engine, each chosen on purpose. */
final class DebeziumSettings {
  /** First part of Debezium's own topic names; nothing is ever sent under them. */
  static final String TOPIC_PREFIX = "kappa";

  /**
   * Emits a sign of life. The message is not transactional (dbz#2058); the transaction id beside it
   * makes the server flush it at once instead of when somebody else commits.
   */
  static final String HEARTBEAT_SQL =
      "SELECT pg_logical_emit_message(false, '"
          + SourceMessage.PREFIX
          + "', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text),"
          + " pg_current_xact_id()";

  private static final int POLL_MILLIS = 20;

  private DebeziumSettings() {}

  static Properties of(
      SourceDatabase database, SourceConfig source, CaptureConfig capture, SourceOffset offset) {
    Properties settings = new Properties();
    settings.setProperty("name", TOPIC_PREFIX);
    settings.setProperty("topic.prefix", TOPIC_PREFIX);
    settings.setProperty("topic.naming.strategy", TextTopicNaming.class.getName());
    settings.setProperty("connector.class", TextConnector.class.getName());
    connection(settings, database);
    slot(settings, source);
    values(settings);
    offsets(settings, offset);
    rhythm(settings, capture);
    if (!offset.isStreaming()) {
      snapshot(settings, ColumnlessTables.read(database));
    }
    return settings;
  }

  private static void connection(Properties settings, SourceDatabase database) {
    settings.setProperty("database.hostname", database.host());
    settings.setProperty("database.port", database.port());
    settings.setProperty("database.dbname", database.databaseName());
    if (database.user() != null) {
      settings.setProperty("database.user", database.user());
    }
    if (database.password() != null) {
      settings.setProperty("database.password", database.password());
    }
    Properties driver = database.driverProperties();
    driver
        .stringPropertyNames()
        .forEach(name -> settings.setProperty("driver." + name, driver.getProperty(name)));
  }

  private static void slot(Properties settings, SourceConfig source) {
    settings.setProperty("plugin.name", "pgoutput");
    settings.setProperty("slot.name", source.slot());
    settings.setProperty("slot.drop.on.stop", "false");
    settings.setProperty("publication.name", source.publication());
    // Preflight creates it for all tables, so that new tables join without a restart.
    settings.setProperty("publication.autocreate.mode", "disabled");
    // What it leaves out is neither decoded nor counted among a transaction's events. Without a
    // list its snapshot would leave out tables with a line feed in their names, by its own ".*".
    settings.setProperty(
        "table.include.list",
        source.tables().admitsAll() ? "(?s:.*)" : source.tables().asDebeziumList());
    // A killed predecessor's connection can hold the slot until the server notices.
    settings.setProperty("slot.max.retries", "30");
    settings.setProperty("slot.retry.delay.ms", "1000");
    settings.setProperty("message.prefix.include.list", SourceMessage.PREFIX + ".*");
    // The slot follows Kafka, never the driver's keep-alives: ahead of Kafka would be a gap.
    settings.setProperty("lsn.flush.mode", "connector");
    settings.setProperty("offset.mismatch.strategy", "no_validation"); // SlotCheck validates
    settings.setProperty("snapshot.mode", "initial");
    settings.setProperty("snapshot.locking.mode", "custom");
    settings.setProperty("snapshot.locking.mode.custom.name", TextSnapshotLock.NAME);
    settings.setProperty("snapshot.lock.timeout.ms", "60000");
    settings.setProperty("snapshot.max.threads", "1"); // dbz#2330: others leave the snapshot
    settings.setProperty("snapshot.query.mode", "custom");
    settings.setProperty("snapshot.query.mode.custom.name", TextSnapshotQuery.NAME);
  }

  /** Debezium's snapshot fails on a table that has no columns, and on a view that has none. */
  private static void snapshot(Properties settings, ColumnlessTables columnless) {
    if (!columnless.tables().isEmpty()) {
      settings.setProperty("snapshot.include.collection.list", columnless.asDebeziumListOfOthers());
    }
  }

  private static void values(Properties settings) {
    settings.setProperty("converters", "kappa");
    settings.setProperty("kappa.type", TextConverter.class.getName());
    settings.setProperty("include.unknown.datatypes", "true");
    settings.setProperty("binary.handling.mode", "bytes");
    settings.setProperty("event.converting.failure.handling.mode", "fail");
    settings.setProperty("event.processing.failure.handling.mode", "fail");
    settings.setProperty("skipped.operations", "none");
    settings.setProperty("tombstones.on.delete", "false");
    settings.setProperty("provide.transaction.metadata", "true");
    settings.setProperty("extended.headers.enabled", "false");
    settings.setProperty("statistics.metrics.enabled", "false");
  }

  /**
   * The offset names a transaction's end and nothing within it ({@code lsn_proc} stays out), so the
   * server itself resumes at the boundary, and Debezium's search for a position inside a
   * transaction (dbz#1554, dbz#2549) never runs.
   */
  private static void offsets(Properties settings, SourceOffset offset) {
    settings.setProperty("offset.storage", CommittedOffsetStore.class.getName());
    if (offset.isStreaming()) {
      settings.setProperty(
          CommittedOffsetStore.INITIAL_OFFSET,
          "{\"lsn\":%d,\"lsn_commit\":%d,\"ts_usec\":%d}"
              .formatted(offset.lsn(), offset.lsn(), offset.commitMicros()));
    }
  }

  private static void rhythm(Properties settings, CaptureConfig capture) {
    settings.setProperty("poll.interval.ms", Integer.toString(POLL_MILLIS));
    settings.setProperty("queue.provider.type", EventQueue.NAME);
    settings.setProperty("max.batch.size", Integer.toString(EventQueue.EVENTS_MAX));
    // More than the queue holds: it keeps its bounds, of bytes too, itself.
    settings.setProperty("max.queue.size", Integer.toString(2 * EventQueue.EVENTS_MAX));
    settings.setProperty("record.processing.threads", "1");
    // A restart inside the engine would repeat records behind our back: we restart all of it.
    settings.setProperty("errors.max.retries", "0");
    settings.setProperty(
        "heartbeat.interval.ms", Long.toString(capture.heartbeatInterval().toMillis()));
    settings.setProperty("heartbeat.action.query", HEARTBEAT_SQL);
  }
}
