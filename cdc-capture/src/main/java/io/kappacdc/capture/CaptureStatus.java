package io.kappacdc.capture;

import io.kappacdc.capture.publish.Committed;
import io.kappacdc.capture.publish.Resnapshots;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.source.SlotGuardian.Streaming;
import io.kappacdc.capture.source.SlotMeasurement;
import io.kappacdc.telemetry.Contact;
import io.kappacdc.telemetry.ErrorRate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** What capture is doing at the moment, told by all who take part in it. Thread-safe. */
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
   * A table of which the topics lack rows, or that is read again.
   *
   * @param rows so many are read
   * @param refused why no more are read; empty if they are
   */
  record Unread(String table, long rows, String refused) {}

  /**
   * All of it at one moment.
   *
   * @param session counts the attempts of this process
   * @param offset how far the source is published; null while that is not known
   * @param publishedAt when something was published last
   * @param snapshotRows rows that the snapshot under way has read, or the last one
   * @param unread tables that are read while the others stream, or should be
   * @param waitsFor what at the source it waits for; empty if it does not
   * @param lastError the last failure in a line; empty if there was none
   * @param lastErrorKind its kind, without a message
   * @param failures attempts that failed since the process began
   * @param events published since the process began
   * @param httpUrl where metrics and health are served; empty if they are not
   */
  record Snapshot(
      Phase phase,
      long session,
      @Nullable SourceOffset offset,
      @Nullable Instant publishedAt,
      long snapshotRows,
      Resnapshots resnapshots,
      @Nullable Slot slot,
      List<Unread> unread,
      String waitsFor,
      String lastError,
      @Nullable Instant lastErrorAt,
      String lastErrorKind,
      long failures,
      long events,
      String httpUrl) {}

  /** An answer counts for at least so long, and for several of the intervals between questions. */
  private static final Duration SILENCE_MAX = Duration.ofMinutes(1);

  private static final int INTERVALS_MAX = 5;

  private final Clock clock;
  private final Consumer<Committed> counting;
  private final Contact source;
  private final Contact kafka;
  private final ErrorRate errors;
  private Phase phase = Phase.STARTING;
  private long session;
  private @Nullable SourceOffset offset;
  private @Nullable Instant publishedAt;
  private long snapshotRows;
  private Resnapshots resnapshots = Resnapshots.NONE;
  private @Nullable Slot slot;
  private List<Unread> unread = List.of();
  private String waitsFor = "";
  private String lastError = "";
  private @Nullable Instant lastErrorAt;
  private String lastErrorKind = "";
  private long failures;
  private long events;
  private String httpUrl = "";

  CaptureStatus(Clock clock) {
    this(clock, Duration.ZERO, committed -> {});
  }

  /**
   * @param checkInterval at which the source and Kafka are asked
   * @param counting told of each Kafka transaction, on the publishing thread
   */
  CaptureStatus(Clock clock, Duration checkInterval, Consumer<Committed> counting) {
    this.clock = clock;
    this.counting = counting;
    Duration silenceMax = SILENCE_MAX.plus(checkInterval.multipliedBy(INTERVALS_MAX));
    this.source = new Contact(clock, silenceMax);
    this.kafka = new Contact(clock, silenceMax);
    this.errors = new ErrorRate(clock);
  }

  Clock clock() {
    return clock;
  }

  /** Whether the source answers. */
  Contact source() {
    return source;
  }

  /** Whether Kafka answers. */
  Contact kafka() {
    return kafka;
  }

  /** Attempts that failed. */
  ErrorRate errors() {
    return errors;
  }

  /** Metrics and health are served there. */
  synchronized void servedAt(String url) {
    httpUrl = url;
  }

  /** Kafka has committed. */
  void committed(Committed committed) {
    kafka.answered();
    counting.accept(committed);
    synchronized (this) {
      events += committed.total().events();
    }
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

  synchronized void waitsFor(String what) {
    waitsFor = what;
  }

  synchronized void unread(List<Unread> tables) {
    unread = List.copyOf(tables);
  }

  synchronized void snapshotRead(long rows) {
    snapshotRows = rows;
  }

  synchronized void measured(Slot measured) {
    slot = measured;
  }

  /**
   * An attempt failed.
   *
   * @param summary the error in a line
   */
  synchronized void attemptFailed(String summary, Throwable error) {
    phase = Phase.RETRYING;
    failures++;
    errors.failed();
    lastError = summary;
    lastErrorKind = Contact.kind(error);
    lastErrorAt = clock.instant();
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof KafkaException) {
        kafka.failed(lastErrorKind);
        return;
      }
    }
  }

  synchronized void ended(@Nullable Throwable error) {
    if (error == null) {
      phase = Phase.STOPPED;
    } else {
      attemptFailed(String.valueOf(error.getMessage()), error);
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
        unread,
        waitsFor,
        lastError,
        lastErrorAt,
        lastErrorKind,
        failures,
        events,
        httpUrl);
  }
}
