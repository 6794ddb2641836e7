package io.kappacdc.cli.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What the processor last said about itself in {@code processor-status.json}.
 *
 * @param writtenMillis when, in milliseconds since 1970
 * @param httpUrl where it serves metrics and health; empty if it does not
 */
public record ProcessorStatus(long writtenMillis, String httpUrl, List<SinkProgress> sinks) {
  private static final String FILE = "processor-status.json";

  public ProcessorStatus {
    sinks = List.copyOf(sinks);
  }

  /**
   * One sink since the processor's start.
   *
   * @param lastCommitMillis when it committed last, milliseconds since 1970; 0 before that
   * @param lastBatchMillis how long its last batch took
   * @param latency from the source's commit to the sink's, of every change
   * @param stopped partitions that cannot go on, and why
   * @param quarantined records that the store could not read
   * @param complete up to where the store is complete; null if not said
   * @param positions for each topic, the next offset of each partition; empty if not said
   */
  public record SinkProgress(
      String name,
      boolean running,
      long rows,
      long batches,
      long lastCommitMillis,
      long lastBatchMillis,
      long restarts,
      String lastError,
      Latency latency,
      SortedMap<String, String> stopped,
      long quarantined,
      @Nullable Complete complete,
      SortedMap<String, long[]> positions) {
    public SinkProgress {
      stopped = Collections.unmodifiableSortedMap(new TreeMap<>(stopped));
      positions = Collections.unmodifiableSortedMap(new TreeMap<>(positions));
    }
  }

  /**
   * A moment of the source, up to which a store is complete in all tables that have not stopped.
   *
   * @param lsn as PostgreSQL prints it
   * @param micros the source's time, microseconds since 1970
   */
  public record Complete(String lsn, long micros) {
    /** The source's time. */
    public Instant time() {
      return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
  }

  /** Milliseconds. */
  public record Latency(long p50Millis, long p99Millis, long maxMillis) {}

  /** Nothing if no processor has written the file, or it is something else. */
  public static Optional<ProcessorStatus> read(Path home) {
    try {
      String text = Files.readString(home.resolve(FILE));
      Object root = new Load(LoadSettings.builder().build()).loadFromString(text); // JSON is YAML
      return root instanceof Map<?, ?> status ? Optional.of(of(status)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | YamlEngineException | ClassCastException e) {
      return Optional.empty(); // of another version, or half gone
    }
  }

  private static ProcessorStatus of(Map<?, ?> status) {
    List<SinkProgress> sinks = new ArrayList<>();
    if (status.get("sinks") instanceof List<?> list) {
      list.forEach(sink -> sinks.add(sink((Map<?, ?>) sink)));
    }
    String url = status.get("httpUrl") instanceof String given ? given : "";
    return new ProcessorStatus(number(status, "writtenMillis"), url, sinks);
  }

  private static SinkProgress sink(Map<?, ?> sink) {
    Map<?, ?> latency = sink.get("latencyMillis") instanceof Map<?, ?> map ? map : Map.of();
    SortedMap<String, String> stopped = new TreeMap<>();
    if (sink.get("stopped") instanceof Map<?, ?> map) {
      map.forEach((partition, reason) -> stopped.put("" + partition, "" + reason));
    }
    SortedMap<String, long[]> positions = new TreeMap<>();
    if (sink.get("positions") instanceof Map<?, ?> map) {
      map.forEach((topic, offsets) -> positions.put("" + topic, offsets((List<?>) offsets)));
    }
    return new SinkProgress(
        String.valueOf(sink.get("name")),
        Boolean.TRUE.equals(sink.get("running")),
        number(sink, "rows"),
        number(sink, "batches"),
        number(sink, "lastCommitMillis"),
        number(sink, "lastBatchMillis"),
        number(sink, "restarts"),
        sink.get("lastError") instanceof String error ? error : "",
        new Latency(number(latency, "p50"), number(latency, "p99"), number(latency, "max")),
        stopped,
        number(sink, "quarantined"),
        sink.get("completeLsn") instanceof String lsn
            ? new Complete(lsn, number(sink, "completeMicros"))
            : null,
        positions);
  }

  private static long[] offsets(List<?> numbers) {
    return numbers.stream().mapToLong(number -> ((Number) number).longValue()).toArray();
  }

  private static long number(Map<?, ?> map, String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }

  /** The sink of that name. */
  public Optional<SinkProgress> sink(String name) {
    return sinks.stream().filter(sink -> sink.name().equals(name)).findFirst();
  }
}
