package io.kappacdc.stack;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The broker's settings, in the terms of server.properties. */
final class KafkaSettings {
  private KafkaSettings() {}

  /** What makes one node a cluster; not for a caller to change. */
  static Map<String, String> singleNode(Path data, int port, int controllerPort) {
    return Map.ofEntries(
        Map.entry("process.roles", "broker,controller"),
        Map.entry("node.id", "1"),
        Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controllerPort),
        Map.entry(
            "listeners",
            "CLIENT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort),
        Map.entry("advertised.listeners", "CLIENT://127.0.0.1:" + port),
        Map.entry("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
        Map.entry("inter.broker.listener.name", "CLIENT"),
        Map.entry("controller.listener.names", "CONTROLLER"),
        Map.entry("log.dirs", data.toString()));
  }

  /**
   * One node with few clients: few threads, small buffers, fast restarts; a caller may override.
   */
  static Map<String, String> smallFootprint() {
    return Map.ofEntries(
        Map.entry("auto.create.topics.enable", "false"),
        Map.entry("default.replication.factor", "1"),
        Map.entry("min.insync.replicas", "1"),
        Map.entry("log.retention.ms", "-1"),
        Map.entry("log.retention.bytes", "-1"),
        // A row of PostgreSQL may be far larger than Kafka's default of 1 MiB.
        Map.entry("message.max.bytes", Integer.toString(64 << 20)),
        Map.entry("offsets.topic.replication.factor", "1"),
        Map.entry("offsets.topic.num.partitions", "1"),
        Map.entry("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE)),
        Map.entry("transaction.state.log.replication.factor", "1"),
        Map.entry("transaction.state.log.min.isr", "1"),
        Map.entry("transaction.state.log.num.partitions", "1"),
        Map.entry("share.coordinator.state.topic.replication.factor", "1"),
        Map.entry("share.coordinator.state.topic.min.isr", "1"),
        Map.entry("share.coordinator.state.topic.num.partitions", "1"),
        Map.entry("group.initial.rebalance.delay.ms", "0"),
        Map.entry("num.network.threads", "2"),
        Map.entry("num.io.threads", "4"),
        Map.entry("background.threads", "2"),
        Map.entry("group.coordinator.threads", "1"),
        Map.entry("share.coordinator.threads", "1"),
        Map.entry("num.recovery.threads.per.data.dir", "1"),
        Map.entry("log.cleaner.threads", "1"),
        Map.entry("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20)),
        // No other broker could take over, and a session's end in a busy moment only does harm.
        // After a kill, KafkaBrokerMain ends it.
        Map.entry("broker.session.timeout.ms", "60000"));
  }

  /** The listeners of the same node as a controller only. */
  static String controllerListener(Properties settings) {
    return settings.getProperty("controller.quorum.voters").replaceFirst("^\\d+@", "CONTROLLER://");
  }
}
