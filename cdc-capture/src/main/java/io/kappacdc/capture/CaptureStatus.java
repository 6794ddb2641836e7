package io.kappacdc.capture;

import io.kappacdc.capture.publish.Resnapshots;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.source.SlotGuardian.Streaming;
import io.kappacdc.capture.source.SlotMeasurement;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What capture is doing at the moment. Thread-safe. */
final class CaptureStatus {
  /** What it is at. */
  enum Phase {
    STARTING,
    SNAPSHOT,
    STREAMING,
    /** An attempt failed, the next one is due. */
    RETRYING,
    STOPPED,
    FAILED
  }

  /** The slot as it was measured last. */
  record Slot(String name, SlotMeasurement measurement, @Nullable String warning) {}

  /**
   * All of it at one moment.
   *
   * @param session counts the attempts of this process
   * @param offset how far the source is published; null while that is not known
   * @param publishedAt when something was published last
   * @param snapshotRows rows that the snapshot under way has read, or the last one
   * @param lastError the last failure in a line; empty if there was none
   */
  record Snapshot(
      Phase phase,
      long session,
      @Nullable SourceOffset offset,
      @Nullable Instant publishedAt,
      long snapshotRows,
      Resnapshots resnapshots,
      @Nullable Slot slot,
      String lastError,
      @Nullable Instant lastErrorAt) {}

  private final Clock clock;
  private Phase phase = Phase.STARTING;
  private long session;
  private @Nullable SourceOffset offset;
  private @Nullable Instant publishedAt;
  private long snapshotRows;
  private Resnapshots resnapshots = Resnapshots.NONE;
  private @Nullable Slot slot;
  private String lastError = "";
  private @Nullable Instant lastErrorAt;

  CaptureStatus(Clock clock) {
    this.clock = clock;
  }

  Clock clock() {
    return clock;
  }

  synchronized void attemptBegins() {
    phase = Phase.STARTING;
    session++;
    snapshotRows = 0;
  }

  /** The attempt knows where it starts from, and that it may. */
  synchronized void startsFrom(SourceOffset start, Resnapshots known) {
    offset = start;
    resnapshots = known;
    phase = start.isStreaming() ? Phase.STREAMING : Phase.SNAPSHOT;
  }

  synchronized void published(SourceOffset reached, Resnapshots known) {
    startsFrom(reached, known);
    publishedAt = clock.instant();
  }

  synchronized void snapshotRead(long rows) {
    snapshotRows = rows;
  }

  synchronized void measured(Slot measured) {
    slot = measured;
  }

  synchronized void attemptFailed(String error) {
    phase = Phase.RETRYING;
    lastError = error;
    lastErrorAt = clock.instant();
  }

  synchronized void ended(@Nullable Throwable error) {
    if (error == null) {
      phase = Phase.STOPPED;
    } else {
      attemptFailed(String.valueOf(error.getMessage()));
      phase = Phase.FAILED;
    }
  }

  /** What is published while the log is followed; null while it is not. */
  synchronized @Nullable Streaming streaming() {
    SourceOffset reached = offset;
    return phase == Phase.STREAMING && reached != null
        ? new Streaming(session, reached.lsn())
        : null;
  }

  synchronized Snapshot snapshot() {
    return new Snapshot(
        phase,
        session,
        offset,
        publishedAt,
        snapshotRows,
        resnapshots,
        slot,
        lastError,
        lastErrorAt);
  }
}
