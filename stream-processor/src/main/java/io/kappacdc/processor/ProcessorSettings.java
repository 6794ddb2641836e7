package io.kappacdc.processor;

import io.kappacdc.processor.lake.MirrorSettings;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.runtime.config.LakeConfig;
import io.kappacdc.runtime.config.ProcessorConfig.OnGap;
import io.kappacdc.runtime.config.TlsPort;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
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
    MirrorSettings mirrors,
    String master,
    long changesPerBatchMax,
    OnGap onGap,
    String workDirectory) {
  /**
   * Takes the processor's part of the configuration, and looks at Kafka's port.
   *
   * @throws KappaException if it does not say where Kafka or the sinks are, or Kafka cannot be
   *     spoken to in plain text
   */
  public static ProcessorSettings from(KappaConfig config) {
    TlsPort.refuseInPlainText(config.kafka());
    return new ProcessorSettings(
        new KafkaSettings(
            required(config.kafka().bootstrapServers(), "kafka.bootstrap-servers"),
            config.kafka().topicPrefix(),
            config.kafka().clientProperties()),
        new PostgresSettings(
            required(config.sink().url(), "sink.url"),
            config.sink().user(),
            config.sink().password(),
            config.sink().poolSize()),
        required(config.lake().path(), "lake.path"),
        config.lake().cutInterval(),
        mirrors(config.lake(), required(config.processor().workDir(), "processor.work-dir")),
        config.processor().master(),
        config.processor().maxChangesPerBatch(),
        config.processor().onGap(),
        required(config.processor().workDir(), "processor.work-dir"));
  }

  private static MirrorSettings mirrors(LakeConfig lake, String workDirectory) {
    return new MirrorSettings(
        switch (lake.mirrorWriter()) {
          case INDEX -> MirrorSettings.Writer.INDEX;
          case MERGE -> MirrorSettings.Writer.MERGE;
        },
        lake.mirrorIndexMemory().bytes(),
        localDirectory(workDirectory).resolve("mirror-index"),
        lake.mirrorHistory());
  }

  /** The working directory if it is on this machine; indexes never leave the machine. */
  private static Path localDirectory(String workDirectory) {
    if (workDirectory.startsWith("file:")) {
      return Path.of(URI.create(workDirectory));
    }
    boolean isRemote = workDirectory.matches("[a-zA-Z][a-zA-Z0-9+.-]+://.*");
    return Path.of(isRemote ? System.getProperty("java.io.tmpdir") : workDirectory);
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
