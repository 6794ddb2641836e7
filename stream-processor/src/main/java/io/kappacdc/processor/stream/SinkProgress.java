package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import io.kappacdc.telemetry.Contact;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one sink has done since the processor started, for status and reports. Thread-safe: the
 * query's thread writes, the status writer reads.
 */
public final class SinkProgress {
  private static final long LATENCY_MILLIS_MAX = Duration.ofHours(24).toMillis();

  private final Clock clock;
  private final Histogram latencyMillis = new Histogram(LATENCY_MILLIS_MAX, 3);
  private long rows;
  private long batches;
  private long lastCommitMillis;
  private long lastBatchMillis;
  private long restarts;
  private String lastError = "";
  private String lastErrorKind = "";
  private boolean running;
  private @Nullable Cut completed;

  SinkProgress(Clock clock) {
    this.clock = clock;
  }

  /**
   * A moment's figures.
   *
   * @param rows changes written since the start
   * @param lastCommitMillis when the last batch was committed, milliseconds since 1970, 0 before
   *     the first
   * @param lastBatchMillis how long the last batch took
   * @param restarts how often the query was started again after an error
   * @param lastErrorKind the kind of the last error, without a message; empty after a batch
   * @param completed the last moment of the source that the store reached; null before the first
   */
  public record Snapshot(
      long rows,
      long batches,
      long lastCommitMillis,
      long lastBatchMillis,
      long restarts,
      String lastError,
      String lastErrorKind,
      boolean running,
      Latency latency,
      @Nullable Cut completed) {}

  /**
   * Commit at the source to commit in the sink, of all changes since the start, in milliseconds.
   */
  public record Latency(long p50Millis, long p99Millis, long maxMillis, long changes) {}

  synchronized void started() {
    running = true;
  }

  /**
   * Counts a batch.
   *
   * @return when it was committed, by this clock
   */
  synchronized Instant batchCommitted(BatchOutcome outcome, Duration took) {
    Instant committedAt = clock.instant();
    long now = committedAt.toEpochMilli();
    outcome
        .commitTimes()
        .forEach(
            (commitMillis, changes) -> {
              long latency = Math.min(Math.max(0, now - commitMillis), LATENCY_MILLIS_MAX);
              latencyMillis.recordValueWithCount(latency, changes);
            });
    rows += outcome.rows();
    batches++;
    lastCommitMillis = now;
    lastBatchMillis = took.toMillis();
    lastError = "";
    lastErrorKind = "";
    return committedAt;
  }

  synchronized void completed(Cut cut) {
    completed = cut;
  }

  synchronized void failed(Throwable error) {
    running = false;
    restarts++;
    lastError = error.getClass().getSimpleName() + ": " + error.getMessage();
    lastErrorKind = Contact.kind(error);
  }

  synchronized void stopped() {
    running = false;
  }

  public synchronized Snapshot snapshot() {
    return new Snapshot(
        rows,
        batches,
        lastCommitMillis,
        lastBatchMillis,
        restarts,
        lastError,
        lastErrorKind,
        running,
        new Latency(
            latencyMillis.getValueAtPercentile(50),
            latencyMillis.getValueAtPercentile(99),
            latencyMillis.getMaxValue(),
            latencyMillis.getTotalCount()),
        completed);
  }
}
