package io.kappacdc.stack;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.stream.IntStream;

/** The broker's settings, in the terms of server.properties. */
final class KafkaSettings {
  private KafkaSettings() {}

  /**
   * Where a node listens, on the loopback interface.
   *
   * @param internal for the broker's own requests; not listened on unless they cannot go to {@code
   *     client}
   * @param advertised what clients are told instead of {@code client}
   * @param protocol what clients speak, Kafka's {@code security.protocol}
   */
  record Ports(int client, int controller, int internal, OptionalInt advertised, String protocol) {
    IntStream listened() {
      return isApart()
          ? IntStream.of(client, controller, internal)
          : IntStream.of(client, controller);
    }

    /**
     * The broker's requests to itself, such as the markers of transactions, must not depend on what
     * stands between it and its clients.
     */
    boolean isApart() {
      return advertised.isPresent() || !protocol.equals("PLAINTEXT");
    }

    /** Where the broker itself answers, in plain text. */
    int direct() {
      return isApart() ? internal : client;
    }
  }

  /** What makes one node a cluster; not for a caller to change. */
  static Map<String, String> singleNode(Path data, Ports ports) {
    var settings = new HashMap<String, String>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + ports.controller());
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("log.dirs", data.toString());
    String controller = "CONTROLLER://127.0.0.1:" + ports.controller();
    String client = "CLIENT://127.0.0.1:";
    if (ports.isApart()) {
      String internal = "INTERNAL://127.0.0.1:" + ports.internal();
      settings.put("listeners", client + ports.client() + "," + internal + "," + controller);
      int told = ports.advertised().orElse(ports.client());
      settings.put("advertised.listeners", client + told + "," + internal);
      settings.put(
          "listener.security.protocol.map",
          "CLIENT:" + ports.protocol() + ",INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT");
      settings.put("inter.broker.listener.name", "INTERNAL");
    } else {
      settings.put("listeners", client + ports.client() + "," + controller);
      settings.put("advertised.listeners", client + ports.client());
      settings.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
      settings.put("inter.broker.listener.name", "CLIENT");
    }
    return settings;
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
