package io.kappacdc.runtime.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The Kafka between capture and processor. */
public record KafkaConfig(
    @Key(
            doc =
                "Bootstrap servers, host:port separated by commas. Without it `up` and `demo` start an"
                    + " embedded broker.")
        @Nullable String bootstrapServers,
    @Key(
            doc = "First part of every topic's name; letters, digits, underscores.",
            byDefault = "pgsrc")
        String topicPrefix,
    @Key(doc = "Partitions of a table's topic, set when the topic is created.", byDefault = "2")
        int partitions,
    @Key(doc = "Replication factor of the topics that capture creates.", byDefault = "1")
        int replicationFactor,
    @Key(
            doc = "How long events are kept; `forever` keeps what `replay --from earliest` needs.",
            byDefault = "forever")
        Duration retention,
    @Key(doc = "Heap of the embedded broker.", byDefault = "512MiB") DataSize heap) {

  /** {@link #retention()} as Kafka's {@code retention.ms}: -1 for ever. */
  public long retentionMillis() {
    return retention.equals(ConfigBinder.FOREVER) ? -1 : retention.toMillis();
  }
}
