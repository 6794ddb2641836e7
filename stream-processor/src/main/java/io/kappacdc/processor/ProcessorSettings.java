package io.kappacdc.processor;

import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.runtime.config.ProcessorConfig.OnGap;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the processor needs of the configuration, with nothing missing.
 *
 * @param cutInterval how often a lake sink records a moment of the source at most
 * @param workDirectory directory or URI for Spark's checkpoints
 */
public record ProcessorSettings(
    KafkaSettings kafka,
    PostgresSettings postgres,
    String lakePath,
    Duration cutInterval,
    String master,
    long changesPerBatchMax,
    OnGap onGap,
    String workDirectory) {
  /**
   * Takes the processor's part of the configuration.
   *
   * @throws KappaException if it does not say where Kafka or the sinks are
   */
  public static ProcessorSettings from(KappaConfig config) {
    return new ProcessorSettings(
        new KafkaSettings(
            required(config.kafka().bootstrapServers(), "kafka.bootstrap-servers"),
            config.kafka().topicPrefix(),
            Map.of()),
        new PostgresSettings(
            required(config.sink().url(), "sink.url"),
            config.sink().user(),
            config.sink().password(),
            config.sink().poolSize()),
        required(config.lake().path(), "lake.path"),
        config.lake().cutInterval(),
        config.processor().master(),
        config.processor().maxChangesPerBatch(),
        config.processor().onGap(),
        required(config.processor().workDir(), "processor.work-dir"));
  }

  private static String required(@Nullable String value, String key) {
    if (value == null) {
      throw new KappaException(
          "The configuration does not set " + key,
          "no stack is up in this home directory and no --config names one",
          "Start ./kappa up first (same --home), or set " + key + " in kappa.yaml.");
    }
    return value;
  }
}
