package io.kappacdc.processor.verify;

import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.runtime.config.KappaConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a pipeline that a verification reads.
 *
 * @param lakePath the lake's root
 */
public record Pipeline(Source source, KafkaSettings kafka, DatabaseAddress sink, String lakePath) {

  /**
   * What is captured.
   *
   * @param publication the publication that capture reads
   * @param transformed whether capture changes rows on the way, so that columns may be missing from
   *     the stores on purpose
   */
  public record Source(DatabaseAddress database, String publication, boolean transformed) {}

  /**
   * The configured pipeline.
   *
   * @throws io.kappacdc.runtime.KappaException if the configuration does not say where a part is
   */
  public static Pipeline of(KappaConfig config) {
    DatabaseAddress source =
        new DatabaseAddress(
            required("source.url", config.source().url()),
            config.source().user(),
            config.source().password());
    DatabaseAddress sink =
        new DatabaseAddress(
            required("sink.url", config.sink().url()),
            config.sink().user(),
            config.sink().password());
    return new Pipeline(
        new Source(source, config.source().publication(), !config.capture().transforms().isEmpty()),
        new KafkaSettings(
            required("kafka.bootstrap-servers", config.kafka().bootstrapServers()),
            config.kafka().topicPrefix(),
            Map.of()),
        sink,
        required("lake.path", config.lake().path()));
  }

  private static String required(String key, @Nullable String value) {
    if (value == null) {
      throw NotVerifiedException.notConfigured(key);
    }
    return value;
  }
}
