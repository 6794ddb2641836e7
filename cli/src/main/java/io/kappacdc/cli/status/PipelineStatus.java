package io.kappacdc.cli.status;

import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.event.Cut;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.KappaConfig;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * All stages at about one moment.
 *
 * @param supervisor pid of the process that runs the stack, if it is this home's
 * @param capture what capture says, if it is this home's
 */
public record PipelineStatus(
    Instant at,
    Optional<Long> supervisor,
    Stage<SourceStatus> source,
    Stage<KafkaStatus> kafka,
    Optional<CaptureStatus> capture,
    Stage<ProcessorStatus> processor,
    List<SinkStatus> sinks) {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration SILENCE_MAX = Duration.ofSeconds(10);
  private static final String POSTGRES_TRAIL = "postgres-trail";

  /** What a stage said, or why it did not. */
  public record Stage<T>(@Nullable T value, @Nullable String problem) {
    static <T> Stage<T> of(T value) {
      return new Stage<>(value, null);
    }

    static <T> Stage<T> failed(Throwable e) {
      String why = e instanceof KappaException known ? known.reason() : e.getMessage();
      return new Stage<>(null, why == null ? e.getClass().getSimpleName() : why);
    }
  }

  /**
   * One sink.
   *
   * @param lag null if its positions or the cuts are not known
   */
  public record SinkStatus(ProcessorStatus.SinkProgress progress, @Nullable Lag lag) {}

  public PipelineStatus {
    sinks = List.copyOf(sinks);
  }

  /** Asks all stages at the same time. */
  public static PipelineStatus take(KappaHome home, KappaConfig config, Clock clock) {
    CompletableFuture<Stage<SourceStatus>> source =
        ask(
            () ->
                SourceStatus.read(
                    Database.of(config.source(), home), config.source().slot(), TIMEOUT));
    CompletableFuture<Stage<KafkaStatus>> kafka = ask(() -> kafka(home, config));
    CompletableFuture<Stage<SortedMap<String, long[]>>> ledger =
        ask(() -> Ledger.read(Database.of(config.sink(), home), TIMEOUT));
    Stage<ProcessorStatus> processor =
        ProcessorStatus.read(home.directory())
            .map(Stage::of)
            .orElseGet(() -> new Stage<>(null, "it has not said anything in this home yet"));
    List<SinkStatus> sinks = sinks(processor.value(), kafka.join().value(), ledger.join().value());
    Stage<SourceStatus> sourceStage = source.join();
    return new PipelineStatus(
        clock.instant(), // after the answers: none of them is of the future
        home.runningSupervisor(),
        sourceStage,
        kafka.join(),
        CaptureStatus.read(home.directory()),
        processor,
        sinks);
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask() throws SQLException;
  }

  private static <T> CompletableFuture<Stage<T>> ask(Question<T> question) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return Stage.of(question.ask());
          } catch (SQLException | KappaException | KafkaException e) {
            return Stage.failed(e);
          }
        });
  }

  private static KafkaStatus kafka(KappaHome home, KappaConfig config) {
    return KafkaStatus.read(
        KafkaAddress.of(config.kafka(), home),
        new TopicNames(config.kafka().topicPrefix()),
        TIMEOUT);
  }

  private static List<SinkStatus> sinks(
      @Nullable ProcessorStatus processor,
      @Nullable KafkaStatus kafka,
      @Nullable SortedMap<String, long[]> ledger) {
    List<SinkStatus> sinks = new ArrayList<>();
    if (processor != null) {
      for (ProcessorStatus.SinkProgress sink : processor.sinks()) {
        Map<String, long[]> positions = sink.positions();
        if (sink.name().equals(POSTGRES_TRAIL) && ledger != null) {
          positions = ledger; // the sink itself knows best
        }
        boolean known = kafka != null && kafka.lastCut() != null && !positions.isEmpty();
        sinks.add(new SinkStatus(sink, known ? Lag.of(kafka.cuts(), positions) : null));
      }
    }
    return sinks;
  }

  /**
   * How far the moment up to which a sink is complete lies before the newest cut, in seconds of the
   * source's time.
   */
  OptionalDouble behindNewestCut(SinkStatus sink) {
    ProcessorStatus.Complete complete = sink.progress().complete();
    KafkaStatus said = kafka.value();
    Cut newest = said == null ? null : said.lastCut();
    return complete == null || newest == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.max(0, newest.commitMicros() - complete.micros()) / 1e6);
  }

  /** How long the processor has said nothing; it writes each second while it lives. */
  public Duration processorSilence() {
    ProcessorStatus said = processor.value();
    return said == null ? Duration.ZERO : silence(said.writtenMillis());
  }

  /** How long capture has said nothing; it writes each second while it lives. */
  public Duration captureSilence() {
    return capture.map(said -> silence(said.writtenMillis())).orElse(Duration.ZERO);
  }

  private Duration silence(long sinceMillis) {
    Duration silence = Duration.between(Instant.ofEpochMilli(sinceMillis), at);
    return silence.compareTo(SILENCE_MAX) > 0 ? silence : Duration.ZERO;
  }

  /** True if every stage has answered and does its work. */
  public boolean isHealthy() {
    return source.value() != null
        && processorSilence().isZero()
        && source.value().slot() != null
        && captureSilence().isZero()
        && capture.map(CaptureStatus::isWorking).orElse(true)
        && kafka.value() != null
        && !sinks.isEmpty()
        && sinks.stream()
            .allMatch(sink -> sink.progress().running() && sink.progress().stopped().isEmpty());
  }
}
