package io.kappacdc.cli.doctor;

import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.cli.status.PipelineStatus;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.KappaConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks at an installation; what it looks for is listed in docs/production.md. */
public final class Doctor {
  private final KappaConfig config;
  private final KappaHome home;
  private final @Nullable Path configFile;

  /**
   * @param configFile where the configuration is from; null if there is no such file
   */
  public Doctor(KappaConfig config, KappaHome home, @Nullable Path configFile) {
    this.config = config;
    this.home = home;
    this.configFile = configFile;
  }

  /** Examines everything that can be reached. */
  public List<Finding> examine() throws InterruptedException {
    Findings findings = new Findings();
    Optional<Database> source = place("source", findings, () -> Database.of(config.source(), home));
    source.ifPresent(
        database -> new SourceExamination(config.source()).examine(database, findings));
    Optional<KafkaAddress> kafka =
        place("kafka", findings, () -> KafkaAddress.of(config.kafka(), home));
    if (kafka.isPresent()) {
      new KafkaExamination(config.kafka()).examine(kafka.get(), findings);
    }
    Optional<Database> sink = place("sink", findings, () -> Database.of(config.sink(), home));
    sink.ifPresent(database -> new SinkExamination(config.sink()).examine(database, findings));
    if (source.isPresent() && sink.isPresent()) {
      SinkExamination.examineApart(source.get(), sink.get(), findings);
    }
    new StorageExamination(config, home).examine(findings);
    new SettingsExamination(config, configFile).examine(findings);
    new PipelineExamination(home, findings)
        .examine(PipelineStatus.take(home, config, Clock.systemUTC()));
    return findings.all();
  }

  private static <T> Optional<T> place(String area, Findings findings, Supplier<T> place) {
    try {
      return Optional.of(place.get());
    } catch (KappaException e) {
      findings.unknown(area + ".reachable", e.reason(), e.remedy());
      return Optional.empty();
    }
  }
}
