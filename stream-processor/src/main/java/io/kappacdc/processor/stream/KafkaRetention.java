package io.kappacdc.processor.stream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/** How long Kafka keeps a topic's records. */
public final class KafkaRetention {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(15);

  private KafkaRetention() {}

  /** For people: "for ever", "for 7 days", or that it is not known. */
  public static String describe(KafkaSettings kafka, String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = Admin.create(kafka.admin())) {
      @Nullable ConfigEntry entry =
          admin
              .describeConfigs(List.of(resource))
              .all()
              .get(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS)
              .get(resource)
              .get(TopicConfig.RETENTION_MS_CONFIG);
      if (entry == null) {
        return "for as long as its retention says";
      }
      long millis = Long.parseLong(entry.value());
      return millis < 0 ? "for ever" : "for " + text(Duration.ofMillis(millis));
    } catch (ExecutionException | TimeoutException e) {
      return "for as long as its retention says";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "for as long as its retention says";
    }
  }

  private static String text(Duration duration) {
    if (duration.compareTo(Duration.ofDays(2)) >= 0) {
      return duration.toDays() + " days";
    }
    return duration.compareTo(Duration.ofHours(2)) >= 0
        ? duration.toHours() + " hours"
        : duration.toSeconds() + " seconds";
  }
}
