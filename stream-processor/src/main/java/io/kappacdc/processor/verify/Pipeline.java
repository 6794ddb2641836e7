package io.kappacdc.processor.verify;

import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.runtime.config.TableFilter;
import io.kappacdc.runtime.config.TlsPort;
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
   * @param tables which of its tables capture takes
   * @param transformed whether capture changes rows on the way, so that columns may be missing from
   *     the stores on purpose
   * @param policies what becomes of columns before they enter Kafka
   */
  public record Source(
      DatabaseAddress database,
      String publication,
      TableFilter tables,
      boolean transformed,
      ColumnPolicies policies) {}

  /**
   * The configured pipeline, after a look at Kafka's port.
   *
   * @throws io.kappacdc.runtime.KappaException if the configuration does not say where a part is,
   *     or has no key for columns that are hashed, or Kafka cannot be spoken to in plain text
   */
  public static Pipeline of(KappaConfig config) {
    TlsPort.refuseInPlainText(config.kafka());
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
        new Source(
            source,
            config.source().publication(),
            config.source().tables(),
            !config.capture().transforms().isEmpty(),
            ColumnPolicies.of(config.capture())),
        new KafkaSettings(
            required("kafka.bootstrap-servers", config.kafka().bootstrapServers()),
            config.kafka().topicPrefix(),
            config.kafka().clientProperties()),
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
