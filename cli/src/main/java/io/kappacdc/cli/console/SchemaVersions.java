package io.kappacdc.cli.console;

import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.cli.status.KafkaStatus;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The shapes that tables have had, from the schemas topic. It keeps each shape once, so one that
 * came back stands where it came last. Thread-safe.
 */
final class SchemaVersions {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration FRESH = Duration.ofSeconds(15);
  private static final int RECORDS_MAX = 5_000;
  private static final int VERSIONS_MAX = 50;

  private final KappaHome home;
  private final Supplier<KappaConfig> config;
  private @Nullable List<Version> read;
  private long readNanos;

  /** A shape, and when capture published it. */
  record Version(long atMillis, Map<String, @Nullable Object> schema) {
    String table() {
      return schema.get("schema") + "." + schema.get("table");
    }
  }

  SchemaVersions(KappaHome home, Supplier<KappaConfig> config) {
    this.home = home;
    this.config = config;
  }

  /**
   * A table's shapes, newest first, each with what it changed.
   *
   * @param table {@code schema.table} of the source
   * @throws RequestException if Kafka does not answer
   */
  Map<String, @Nullable Object> of(String table) {
    return history(all().stream().filter(version -> version.table().equals(table)).toList());
  }

  private synchronized List<Version> all() {
    if (read == null || System.nanoTime() - readNanos > FRESH.toNanos()) {
      read = read();
      readNanos = System.nanoTime();
    }
    return read;
  }

  private List<Version> read() {
    KafkaAddress kafka = kafka();
    String topic = new TopicNames(config.get().kafka().topicPrefix()).schemas();
    TopicPartition partition = new TopicPartition(topic, 0);
    List<TopicPartition> partitions = List.of(partition);
    List<Version> versions = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = KafkaStatus.consumer(kafka, TIMEOUT)) {
      if (!consumer.listTopics().containsKey(topic)) {
        return List.of();
      }
      consumer.assign(partitions);
      long end = consumer.endOffsets(partitions).get(partition);
      long beginning = consumer.beginningOffsets(partitions).get(partition);
      consumer.seek(partition, Math.max(beginning, end - RECORDS_MAX));
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      while (consumer.position(partition) < end && System.nanoTime() - deadline < 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          add(record.timestamp(), record.value(), versions);
        }
      }
      return versions;
    } catch (KafkaException e) {
      throw new RequestException(
          503,
          "Kafka does not answer",
          String.valueOf(e.getMessage()),
          "See ./kappa status whether it is up.");
    }
  }

  private KafkaAddress kafka() {
    try {
      return KafkaAddress.of(config.get().kafka(), home);
    } catch (KappaException e) {
      throw new RequestException(503, e.problem(), e.reason(), e.remedy());
    }
  }

  private static void add(long atMillis, byte @Nullable [] value, List<Version> versions) {
    if (value == null) {
      return;
    }
    try {
      versions.add(new Version(atMillis, Json.readObject(value)));
    } catch (IOException e) {
      // A record of another program; it is none of a table's shapes.
    }
  }

  /**
   * @param versions of one table, oldest first
   */
  static Map<String, @Nullable Object> history(List<Version> versions) {
    List<Object> shown = new ArrayList<>();
    for (int i = versions.size() - 1; i >= 0 && shown.size() < VERSIONS_MAX; i--) {
      Version version = versions.get(i);
      shown.add(
          Json.object(
              "at",
              version.atMillis(),
              "key",
              version.schema().get("key"),
              "identity",
              version.schema().get("identity"),
              "columns",
              version.schema().get("columns"),
              "changes",
              i == 0 ? List.of() : changes(versions.get(i - 1), version)));
    }
    return Json.object("versions", shown, "count", versions.size());
  }

  /** What a later shape has differently, in words. */
  static List<String> changes(Version earlier, Version later) {
    Map<String, Map<?, ?>> before = columns(earlier);
    Map<String, Map<?, ?>> after = columns(later);
    List<String> changes = new ArrayList<>();
    after.forEach(
        (name, column) -> {
          Map<?, ?> was = before.get(name);
          if (was == null) {
            changes.add("column " + name + " added, " + column.get("type"));
          } else if (!Objects.equals(was.get("type"), column.get("type"))) {
            changes.add(
                "column %s: %s, was %s".formatted(name, column.get("type"), was.get("type")));
          } else if (!Objects.equals(was.get("nullable"), column.get("nullable"))) {
            changes.add(
                "column %s %s"
                    .formatted(
                        name,
                        Boolean.TRUE.equals(column.get("nullable")) ? "may be null" : "not null"));
          }
        });
    before.keySet().stream()
        .filter(name -> !after.containsKey(name))
        .forEach(name -> changes.add("column " + name + " dropped"));
    for (String property : List.of("key", "identity")) {
      Object was = earlier.schema().get(property);
      Object is = later.schema().get(property);
      if (!Objects.equals(was, is)) {
        changes.add(
            "%s %s, was %s"
                .formatted(property.equals("key") ? property : "replica identity", is, was));
      }
    }
    return changes;
  }

  private static Map<String, Map<?, ?>> columns(Version version) {
    Map<String, Map<?, ?>> columns = new LinkedHashMap<>();
    if (version.schema().get("columns") instanceof List<?> list) {
      for (Object column : list) {
        if (column instanceof Map<?, ?> map) {
          columns.put(String.valueOf(map.get("name")), map);
        }
      }
    }
    return columns;
  }
}
