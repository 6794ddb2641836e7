package io.kappacdc.stack;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The broker's settings, in the terms of server.properties. */
final class KafkaSettings {
  /** Ours, in the file of Kafka's: what a new node's storage is formatted with. */
  static final String CLUSTER_ID = "kappa.cluster.id";

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

  /**
   * A node among those of its cluster, each of which is broker and controller.
   *
   * @param nodeId from 1
   * @param clusterId as Kafka writes it; of one node alone, whatever its storage was formatted with
   * @param controllerPorts of all nodes, in the order of their ids
   */
  record Member(int nodeId, Optional<String> clusterId, List<Integer> controllerPorts) {
    Member {
      controllerPorts = List.copyOf(controllerPorts);
    }

    static Member alone(int controllerPort) {
      return new Member(1, Optional.empty(), List.of(controllerPort));
    }

    int controllerPort() {
      return controllerPorts.get(nodeId - 1);
    }

    private String voters() {
      return IntStream.rangeClosed(1, controllerPorts.size())
          .mapToObj(id -> id + "@127.0.0.1:" + controllerPorts.get(id - 1))
          .collect(Collectors.joining(","));
    }
  }

  /** What makes nodes a cluster; not for a caller to change. */
  static Map<String, String> node(Path data, Ports ports, Member member) {
    var settings = new HashMap<String, String>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(member.nodeId()));
    settings.put("controller.quorum.voters", member.voters());
    member.clusterId().ifPresent(id -> settings.put(CLUSTER_ID, id));
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

  /** Several nodes: what one of them acknowledged outlives it. */
  static Map<String, String> replicated(int nodes) {
    String copies = Integer.toString(Math.min(3, nodes));
    String inSync = Integer.toString(Math.min(2, nodes));
    return Map.ofEntries(
        Map.entry("default.replication.factor", copies),
        Map.entry("min.insync.replicas", inSync),
        Map.entry("offsets.topic.replication.factor", copies),
        Map.entry("transaction.state.log.replication.factor", copies),
        Map.entry("transaction.state.log.min.isr", inSync),
        Map.entry("share.coordinator.state.topic.replication.factor", copies),
        Map.entry("share.coordinator.state.topic.min.isr", inSync),
        Map.entry("broker.session.timeout.ms", "9000"));
  }

  /** Whether no other node can lead the partitions of this one. */
  static boolean isAlone(Properties settings) {
    return !settings.getProperty("controller.quorum.voters").contains(",");
  }

  /** The listeners of the same node as a controller only. */
  static String controllerListener(Properties settings) {
    return settings.getProperty("controller.quorum.voters").replaceFirst("^\\d+@", "CONTROLLER://");
  }
}
