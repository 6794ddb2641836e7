package io.kappacdc.cli.doctor;

import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.config.KafkaConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/** Kafka: whether it keeps what it has taken, for as long as a replay wants it. */
final class KafkaExamination {
  private static final int TIMEOUT_SECONDS = 10;
  private static final int BROKERS_FOR_COPIES = 3;
  private static final Duration TRANSACTION_MAX = Duration.ofMinutes(15);
  private static final String FOREVER = "-1";

  private final KafkaConfig config;
  private final TopicNames names;

  KafkaExamination(KafkaConfig config) {
    this.config = config;
    this.names = new TopicNames(config.topicPrefix());
  }

  void examine(KafkaAddress address, Findings findings) throws InterruptedException {
    Map<String, Object> properties = address.properties();
    properties.put(
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        Long.toString(Duration.ofSeconds(TIMEOUT_SECONDS).toMillis()));
    properties.put(
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
        Long.toString(Duration.ofSeconds(TIMEOUT_SECONDS).toMillis()));
    try (Admin admin = Admin.create(properties)) {
      DescribeClusterResult cluster = admin.describeCluster();
      Collection<Node> brokers = answer(cluster.nodes());
      findings.ok(
          "kafka.reachable", brokers.size() == 1 ? "1 broker" : brokers.size() + " brokers");
      encryption(address, findings);
      broker(admin, brokers, findings);
      topics(admin, brokers, findings);
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      findings.problem(
          "kafka.reachable",
          "no answer: " + cause.getMessage(),
          "Start it, or correct kafka.bootstrap-servers and kafka.properties; what else is to be looked"
              + " at there is not known.");
    }
  }

  private static <T> T answer(KafkaFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private static void encryption(KafkaAddress address, Findings findings) {
    boolean here =
        Stream.of(address.bootstrapServers().split(","))
            .map(server -> server.trim().replaceFirst(":\\d+$", "").replaceAll("^\\[|]$", ""))
            .allMatch(Encryption::isHere);
    String protocol = address.clientProperties().getOrDefault("security.protocol", "PLAINTEXT");
    if (here) {
      findings.ok("kafka.tls", "it is on this machine");
    } else if (!protocol.endsWith("SSL")) {
      findings.problem(
          "kafka.tls",
          "rows go over the network in plain text, security.protocol is " + protocol,
          "Set kafka.properties for TLS and a login: docs/security.md.");
    } else {
      findings.ok("kafka.tls", "security.protocol is " + protocol);
    }
  }

  private static Optional<Config> settings(Admin admin, Collection<Node> brokers)
      throws InterruptedException, TimeoutException {
    ConfigResource resource =
        new ConfigResource(
            ConfigResource.Type.BROKER, Integer.toString(brokers.iterator().next().id()));
    try {
      return Optional.of(answer(admin.describeConfigs(List.of(resource)).all()).get(resource));
    } catch (ExecutionException e) {
      return Optional.empty(); // for want of a right
    }
  }

  private void broker(Admin admin, Collection<Node> brokers, Findings findings)
      throws InterruptedException, TimeoutException {
    Optional<Config> told = settings(admin, brokers);
    if (told.isEmpty()) {
      findings.unknown(
          "kafka.transactions",
          "the broker does not tell its settings",
          "Allow DescribeConfigs on the cluster, or look there yourself.");
      return;
    }
    Config settings = told.get();
    transactions(settings, brokers.size(), findings);
    if (Boolean.parseBoolean(value(settings, "unclean.leader.election.enable"))) {
      findings.problem(
          "kafka.unclean-election",
          "a broker that lacks records may become leader, and they are gone",
          "Set unclean.leader.election.enable=false.");
    } else {
      findings.ok("kafka.unclean-election", "no broker that lacks records becomes leader");
    }
  }

  private static void transactions(Config settings, int brokers, Findings findings) {
    long longest = number(settings, "transaction.max.timeout.ms");
    long copies = number(settings, "transaction.state.log.replication.factor");
    if (longest < TRANSACTION_MAX.toMillis()) {
      findings.problem(
          "kafka.transactions",
          "transaction.max.timeout.ms is %,d, and capture asks for %,d"
              .formatted(longest, TRANSACTION_MAX.toMillis()),
          "Raise it to " + TRANSACTION_MAX.toMillis() + " or more.");
    } else if (brokers >= BROKERS_FOR_COPIES && copies < BROKERS_FOR_COPIES) {
      findings.problem(
          "kafka.transactions",
          "transaction.state.log.replication.factor is " + copies + " with " + brokers + " brokers",
          "Make it 3, and move the partitions of __transaction_state to three brokers.");
    } else {
      findings.ok("kafka.transactions", "capture's transactions fit");
    }
  }

  private void topics(Admin admin, Collection<Node> brokers, Findings findings)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<String> ours =
        answer(admin.listTopics().names()).stream()
            .filter(topic -> topic.startsWith(names.prefix()))
            .sorted()
            .toList();
    Map<String, TopicDescription> described =
        new TreeMap<>(answer(admin.describeTopics(ours).allTopicNames()));
    if (described.isEmpty()) {
      copiesToBe(admin, brokers, findings);
      return;
    }
    List<ConfigResource> resources =
        ours.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList();
    Map<ConfigResource, Config> settings = answer(admin.describeConfigs(resources).all());
    copies(described, settings, brokers.size(), findings);
    retention(settings, findings);
  }

  private void copiesToBe(Admin admin, Collection<Node> brokers, Findings findings)
      throws InterruptedException, TimeoutException {
    long copies =
        config.replicationFactor() != null
            ? config.replicationFactor()
            : settings(admin, brokers)
                .map(settings -> number(settings, "default.replication.factor"))
                .orElse(0L);
    if (copies > brokers.size()) {
      findings.problem(
          "kafka.copies",
          "topics are to have %,d copies, and there are %,d brokers: none can be created"
              .formatted(copies, brokers.size()),
          "Lower kafka.replication-factor or the brokers' default, or add brokers.");
    } else if (copies == 1) {
      findings.advice(
          "kafka.copies",
          "topics will have one copy: what a broker loses is lost",
          "Run three brokers, with default.replication.factor=3 (or kafka.replication-factor: 3) and"
              + " min.insync.replicas=2.");
    } else if (copies == 0) {
      findings.unknown(
          "kafka.copies",
          "how many copies topics will have: the broker does not tell its settings",
          "Allow DescribeConfigs on the cluster, or set kafka.replication-factor.");
    } else {
      findings.ok("kafka.copies", "topics will have %,d copies".formatted(copies));
    }
  }

  private static void copies(
      Map<String, TopicDescription> described,
      Map<ConfigResource, Config> settings,
      int brokers,
      Findings findings) {
    List<String> single = new ArrayList<>();
    List<String> behind = new ArrayList<>();
    List<String> trusting = new ArrayList<>();
    described.forEach(
        (topic, description) -> {
          int copies =
              description.partitions().stream()
                  .mapToInt(partition -> partition.replicas().size())
                  .min()
                  .orElse(0);
          if (copies < 2) {
            single.add(topic);
          }
          if (description.partitions().stream()
              .anyMatch(partition -> partition.isr().size() < partition.replicas().size())) {
            behind.add(topic);
          }
          Config ofTopic = settings.get(new ConfigResource(ConfigResource.Type.TOPIC, topic));
          if (copies > 1 && number(ofTopic, "min.insync.replicas") < 2) {
            trusting.add(topic);
          }
        });
    if (!behind.isEmpty()) {
      findings.problem(
          "kafka.copies",
          "copies are missing or behind of " + Names.some(behind),
          "Look after the brokers that are gone or slow.");
    } else if (!single.isEmpty()) {
      String remedy =
          brokers < BROKERS_FOR_COPIES
              ? "Run three brokers, and give the topics three copies (kafka-reassign-partitions)."
              : "Give them three copies (kafka-reassign-partitions); set kafka.replication-factor: 3"
                  + " for those to come.";
      findings.advice(
          "kafka.copies",
          "what a broker loses is lost: one copy only of " + Names.some(single),
          remedy);
    } else if (!trusting.isEmpty()) {
      findings.problem(
          "kafka.copies",
          "one copy counts as written (min.insync.replicas is 1) of " + Names.some(trusting),
          "Set min.insync.replicas=2 on these topics, or on the brokers.");
    } else {
      findings.ok("kafka.copies", "every record is on two brokers when it counts as written");
    }
  }

  private void retention(Map<ConfigResource, Config> settings, Findings findings) {
    List<String> compacted = new ArrayList<>();
    List<String> expiring = new ArrayList<>();
    settings.forEach(
        (resource, ofTopic) -> {
          boolean table = resource.name().matches(names.tablePattern());
          boolean schemas = resource.name().equals(names.schemas());
          if (table && value(ofTopic, "cleanup.policy").contains("compact")) {
            compacted.add(resource.name());
          }
          boolean kept =
              value(ofTopic, "cleanup.policy").equals("compact")
                  || value(ofTopic, "retention.ms").equals(FOREVER)
                      && value(ofTopic, "retention.bytes").equals(FOREVER);
          if ((table || schemas) && !kept) {
            expiring.add(resource.name());
          }
        });
    if (!compacted.isEmpty()) {
      findings.problem(
          "kafka.retention",
          "Kafka removes earlier changes of a key (cleanup.policy=compact) from "
              + Names.some(compacted.stream().sorted().toList()),
          "Set cleanup.policy=delete; what is gone already, only reading the tables anew heals.");
    } else if (!expiring.isEmpty()) {
      findings.advice(
          "kafka.retention",
          "a replay from the earliest offset does not reach the beginning of "
              + Names.some(expiring.stream().sorted().toList()),
          "Set kafka.retention: forever and retention.ms=-1, retention.bytes=-1 on the topics, or keep"
              + " the lake's trail in a backup.");
    } else {
      findings.ok("kafka.retention", "topics keep everything, a replay begins at the beginning");
    }
  }

  private static String value(Config settings, String name) {
    return settings.get(name) == null || settings.get(name).value() == null
        ? ""
        : settings.get(name).value();
  }

  private static long number(Config settings, String name) {
    String value = value(settings, name);
    return value.isEmpty() ? 0 : Long.parseLong(value);
  }
}
