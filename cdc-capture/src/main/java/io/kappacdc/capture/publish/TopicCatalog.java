package io.kappacdc.capture.publish;

import io.kappacdc.event.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topics that exist: creates them before their first record, since a missing topic would stall
 * the producer. Not thread-safe.
 */
final class TopicCatalog implements AutoCloseable {
  private static final int SECONDS_MAX = 60;
  private static final int SECONDS_TO_BE_KNOWN = 10;
  private static final int LOOK_AGAIN_MILLIS = 50;

  private final PublisherSettings settings;
  private final Admin admin;
  private final Map<TableSchema, String> topicBySchema = new HashMap<>();
  private final Map<String, Integer> partitionCounts = new HashMap<>();

  TopicCatalog(PublisherSettings settings) {
    this.settings = settings;
    this.admin = Admin.create(settings.client());
  }

  /** Creates the topics of offsets, tables, schemas and cuts where they are missing. */
  void ensureControlTopics() {
    Map<String, String> compacted =
        Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    create(
        List.of(
            topic(settings.topics().offsets(), 1, compacted),
            topic(settings.topics().tables(), 1, compacted),
            topic(settings.topics().schemas(), 1, compacted),
            topic(settings.topics().cuts(), 1, retained())));
  }

  /** Partition counts that the stream relies on, whatever an operator may have added since. */
  void keepPartitionCounts(Map<String, long[]> endOffsets) {
    endOffsets.forEach((topic, ends) -> partitionCounts.put(topic, ends.length));
  }

  /** Creates the topics of these schemas' tables where they are missing. */
  void ensureTables(Collection<TableSchema> schemas) {
    Set<String> missing = new java.util.LinkedHashSet<>();
    for (TableSchema schema : schemas) {
      String topic = topicBySchema.computeIfAbsent(schema, this::name);
      if (!partitionCounts.containsKey(topic)) {
        missing.add(topic);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    List<NewTopic> topics = new ArrayList<>();
    missing.forEach(name -> topics.add(topic(name, settings.partitions(), retained())));
    create(topics);
    partitionCounts.putAll(describe(missing));
  }

  private String name(TableSchema schema) {
    return settings.topics().table(schema.schema(), schema.table());
  }

  /** The topic of a schema's table, which {@link #ensureTables} has seen. */
  String topic(TableSchema schema) {
    return topicBySchema.get(schema);
  }

  /** Partitions of a topic that {@link #ensureTables} has seen. */
  int partitions(String topic) {
    return partitionCounts.get(topic);
  }

  private Map<String, String> retained() {
    boolean forever = settings.retention().toDays() > 365L * 1000;
    return Map.of(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_DELETE,
        TopicConfig.RETENTION_MS_CONFIG,
        forever ? "-1" : Long.toString(settings.retention().toMillis()),
        TopicConfig.RETENTION_BYTES_CONFIG,
        "-1");
  }

  private NewTopic topic(String name, int partitions, Map<String, String> configs) {
    Map<String, String> all = new LinkedHashMap<>(configs);
    all.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        Integer.toString(PublisherSettings.RECORD_BYTES_MAX + (1 << 20)));
    return new NewTopic(name, partitions, settings.replicationFactor()).configs(all);
  }

  private void create(List<NewTopic> topics) {
    Map<String, org.apache.kafka.common.KafkaFuture<Void>> results =
        admin.createTopics(topics).values();
    results.forEach(
        (name, result) -> {
          try {
            result.get(SECONDS_MAX, TimeUnit.SECONDS);
          } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
              throw PublishErrors.of("create topic " + name, e.getCause());
            }
          } catch (InterruptedException | TimeoutException e) {
            throw PublishErrors.of("create topic " + name, e);
          }
        });
  }

  /** The broker that answers may not have heard yet of topics that the controller has created. */
  private Map<String, Integer> describe(Collection<String> topics) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_BE_KNOWN);
    try {
      while (true) {
        try {
          return counts(
              admin.describeTopics(topics).allTopicNames().get(SECONDS_MAX, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
              || System.nanoTime() > deadline) {
            throw PublishErrors.of("describe topics", e.getCause());
          }
        }
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException | TimeoutException e) {
      throw PublishErrors.of("describe topics", e);
    }
  }

  private static Map<String, Integer> counts(Map<String, TopicDescription> descriptions) {
    Map<String, Integer> counts = new HashMap<>();
    descriptions.forEach((name, topic) -> counts.put(name, topic.partitions().size()));
    return counts;
  }

  /** Makes what is under way fail soon; from any thread. */
  void abandon() {
    admin.close(java.time.Duration.ZERO);
  }

  @Override
  public void close() {
    admin.close(java.time.Duration.ofSeconds(1));
  }
}
