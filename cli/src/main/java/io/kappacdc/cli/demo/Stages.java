package io.kappacdc.cli.demo;

import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.cli.status.ProcessorStatus;
import io.kappacdc.event.wire.TopicNames;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Counts changes at every stage. Not thread-safe. */
final class Stages implements AutoCloseable {
  private final Path home;
  private final Clock clock;
  private final CapturedCounter captured;
  private final TrailTables postgresTrail;
  private final DeltaLogs deltaLogs;
  private @Nullable Instant firstInPostgres;
  private @Nullable Instant firstInDelta;
  private long lastTrailRows;

  /** Changes that have passed each stage. */
  record Counts(long captured, long postgresTrail, long deltaTrail, long deltaMirror) {}

  Stages(Path home, Map<String, String> values, Clock clock) {
    this.home = home;
    this.clock = clock;
    this.captured =
        CapturedCounter.start(
            new KafkaAddress(values.get("kafka.bootstrap-servers"), Map.of()),
            new TopicNames(values.get("kafka.topic-prefix")));
    this.postgresTrail = new TrailTables(Database.of("sink", values));
    this.deltaLogs = new DeltaLogs(Path.of(values.get("lake.path"), "trail"));
  }

  Counts counts() {
    Optional<ProcessorStatus> processor = ProcessorStatus.read(home);
    try {
      lastTrailRows = postgresTrail.rows();
    } catch (SQLException e) {
      // The database is away for a moment; the last count stands.
    }
    return new Counts(
        captured.events(),
        lastTrailRows,
        rows(processor, "delta-trail"),
        rows(processor, "delta-mirror"));
  }

  private static long rows(Optional<ProcessorStatus> processor, String sink) {
    return processor
        .flatMap(status -> status.sink(sink))
        .map(ProcessorStatus.SinkProgress::rows)
        .orElse(0L);
  }

  /** Notes when the first rows can be seen; to be called often until {@link #hasFirstRows}. */
  void lookForFirstRows() {
    try {
      if (firstInPostgres == null && postgresTrail.hasRows()) {
        firstInPostgres = clock.instant();
      }
      if (firstInDelta == null) {
        firstInDelta = deltaLogs.firstRows().orElse(null);
      }
    } catch (SQLException | IOException e) {
      // Not there yet, or in the middle of being made: seen the next time.
    }
  }

  boolean hasFirstRows() {
    return firstInPostgres != null && firstInDelta != null;
  }

  Optional<Instant> firstInPostgres() {
    return Optional.ofNullable(firstInPostgres);
  }

  Optional<Instant> firstInDelta() {
    return Optional.ofNullable(firstInDelta);
  }

  Optional<TrailTables.Latency> postgresLatency() {
    try {
      return postgresTrail.latency();
    } catch (SQLException e) {
      return Optional.empty();
    }
  }

  Optional<ProcessorStatus.Latency> latencyOf(String sink) {
    return ProcessorStatus.read(home)
        .flatMap(status -> status.sink(sink))
        .map(ProcessorStatus.SinkProgress::latency);
  }

  SortedSet<String> topics() {
    return captured.topics();
  }

  @Override
  public void close() throws SQLException {
    captured.close();
    postgresTrail.close();
  }
}
