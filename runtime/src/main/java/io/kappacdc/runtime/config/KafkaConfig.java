package io.kappacdc.runtime.config;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Kafka between capture and processor. */
public record KafkaConfig(
    @Key(
            doc =
                "Bootstrap servers, host:port separated by commas. Without it `up` and `demo` start an"
                    + " embedded broker.")
        @Nullable String bootstrapServers,
    @Key(
            doc =
                "Further properties of Kafka's clients, for TLS and login: a map of `security.protocol`,"
                    + " `sasl.jaas.config`, `ssl.truststore.location` and the like. See"
                    + " [security.md](security.md).",
            secret = true)
        Map<String, String> properties,
    @Key(
            doc =
                "File with such properties, as Kafka's own tools take it with `--command-config`;"
                    + " `kafka.properties` wins over it.")
        @Nullable String propertiesFile,
    @Key(
            doc = "First part of every topic's name; letters, digits, underscores.",
            byDefault = "pgsrc")
        String topicPrefix,
    @Key(doc = "Partitions of a table's topic, set when the topic is created.", byDefault = "2")
        int partitions,
    @Key(
            doc =
                "Replication factor of the topics that capture creates. Without it the broker's"
                    + " `default.replication.factor`.")
        @Nullable Integer replicationFactor,
    @Key(
            doc = "How long events are kept; `forever` keeps what `replay --from earliest` needs.",
            byDefault = "forever")
        Duration retention,
    @Key(doc = "Heap of the embedded broker.", byDefault = "512MiB") DataSize heap) {
  /** What exactly-once depends on, and what has a key of its own. */
  private static final Set<String> OURS =
      Set.of(
          "bootstrap.servers",
          "transactional.id",
          "transaction.timeout.ms",
          "enable.idempotence",
          "acks",
          "isolation.level",
          "group.id",
          "enable.auto.commit",
          "auto.offset.reset",
          "key.serializer",
          "value.serializer",
          "key.deserializer",
          "value.deserializer");

  public KafkaConfig {
    properties = Map.copyOf(properties);
    for (String name : new TreeMap<>(properties).keySet()) {
      if (OURS.contains(name)) {
        throw new IllegalArgumentException("properties: " + name + " is set by kappa itself");
      }
    }
  }

  /**
   * The properties of the file, and {@link #properties()} over them. What kappa sets itself is left
   * out: such a file may serve other tools as well.
   *
   * @throws KappaException if the file cannot be read
   */
  public Map<String, String> clientProperties() {
    Map<String, String> all = new TreeMap<>();
    if (propertiesFile != null) {
      Properties read = new Properties();
      try (Reader file = Files.newBufferedReader(Path.of(propertiesFile))) {
        read.load(file);
      } catch (IOException | IllegalArgumentException e) {
        throw new KappaException(
            "Cannot read the properties of Kafka's clients.",
            e.getClass().getSimpleName() + ": " + e.getMessage(),
            "Correct kafka.properties-file, or the permissions of the file that it names.",
            e);
      }
      read.stringPropertyNames().forEach(name -> all.put(name, read.getProperty(name)));
      all.keySet().removeAll(OURS);
    }
    all.putAll(properties);
    return all;
  }

  /** {@link #retention()} as Kafka's {@code retention.ms}: -1 for ever. */
  public long retentionMillis() {
    return retention.equals(ConfigBinder.FOREVER) ? -1 : retention.toMillis();
  }
}
