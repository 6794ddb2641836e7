package io.kappacdc.processor;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.processor.stream.SinkProgress;
import io.kappacdc.processor.stream.SinkQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the processor is doing to a small JSON file, for {@code kappa status} and the demo's
 * display.
 */
final class StatusFile {
  private final ObjectMapper json = new ObjectMapper();
  private final Path file;
  private final String httpUrl;

  /**
   * @param httpUrl where metrics and health are served; empty if they are not
   */
  StatusFile(Path file, String httpUrl) {
    this.file = file;
    this.httpUrl = httpUrl;
  }

  /**
   * One sink's part.
   *
   * @param completeLsn up to where the store is complete; null before that is known
   * @param completeMicros the source's time there, microseconds since 1970
   */
  record SinkStatus(
      String name,
      boolean running,
      long rows,
      long batches,
      long lastCommitMillis,
      long lastBatchMillis,
      long restarts,
      String lastError,
      Map<String, Long> latencyMillis,
      Map<String, String> stopped,
      long quarantined,
      @Nullable String completeLsn,
      long completeMicros,
      Map<String, long[]> positions) {}

  /** The file's content. */
  record Status(long writtenMillis, String httpUrl, List<SinkStatus> sinks) {}

  void write(List<SinkQuery> queries, long nowMillis) throws IOException {
    List<SinkStatus> sinks = new ArrayList<>();
    for (SinkQuery query : queries) {
      sinks.add(status(query));
    }
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.write(temporary, json.writeValueAsBytes(new Status(nowMillis, httpUrl, sinks)));
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static SinkStatus status(SinkQuery query) {
    SinkProgress.Snapshot progress = query.progress().snapshot();
    Cut completed = progress.completed();
    Map<String, String> stopped = new TreeMap<>();
    query.sink().stopped().forEach((partition, reason) -> stopped.put("" + partition, reason));
    return new SinkStatus(
        query.sink().name(),
        progress.running(),
        progress.rows(),
        progress.batches(),
        progress.lastCommitMillis(),
        progress.lastBatchMillis(),
        progress.restarts(),
        progress.lastError(),
        Map.of(
            "p50", progress.latency().p50Millis(),
            "p99", progress.latency().p99Millis(),
            "max", progress.latency().maxMillis()),
        stopped,
        query.sink().quarantined(),
        completed == null ? null : Lsn.format(completed.lsn()),
        completed == null ? 0 : completed.commitMicros(),
        query.nextOffsets());
  }
}
