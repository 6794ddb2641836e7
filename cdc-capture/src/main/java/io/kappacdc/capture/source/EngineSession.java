package io.kappacdc.capture.source;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.runtime.config.CaptureConfig;
import io.kappacdc.runtime.config.SourceConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the embedded engine, from an offset to a stop or a failure. {@link #run} blocks its
 * thread; {@link #stop} may be called from any other.
 */
public final class EngineSession {
  private static final Logger LOG = LoggerFactory.getLogger(EngineSession.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

  /** Takes what the engine delivers, batch by batch, in the order of the write-ahead log. */
  public interface Batches {
    /**
     * Handles one batch.
     *
     * @return the offset that Kafka holds now; null if nothing was committed
     */
    @Nullable SourceOffset handle(List<SourceRecord> records);
  }

  private final Batches batches;
  private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
  private final ReentrantLock batchLock = new ReentrantLock();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stopping;

  /**
   * @param onPolling called once the engine polls: slot and replication connection exist then
   */
  public EngineSession(
      SourceDatabase database,
      SourceConfig source,
      CaptureConfig capture,
      SourceOffset offset,
      Batches batches,
      Runnable onPolling) {
    this.batches = batches;
    Properties settings = DebeziumSettings.of(database, source, capture, offset);
    this.engine =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(settings)
            .using((OffsetCommitPolicy) (confirmed, elapsed) -> confirmed > 0)
            .using(
                (success, message, error) -> {
                  if (!success) {
                    failure.compareAndSet(
                        null, error != null ? error : new IllegalStateException(message));
                  }
                })
            .using(
                new DebeziumEngine.ConnectorCallback() {
                  @Override
                  public void pollingStarted() {
                    onPolling.run();
                  }
                })
            .notifying(this::handleBatch)
            .build();
  }

  /**
   * Runs until {@link #stop} or a failure.
   *
   * @throws RuntimeException what made the engine or the handling of a batch fail
   */
  public void run() {
    engine.run();
    Throwable error = failure.get();
    if (error == null || stopping && TransientFailure.isTransient(error)) {
      return;
    }
    if (error instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    throw new IllegalStateException("The engine failed", error);
  }

  private void handleBatch(
      List<RecordChangeEvent<SourceRecord>> events,
      DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    batchLock.lockInterruptibly();
    try {
      if (stopping || failure.get() != null) {
        return;
      }
      SourceOffset committed = batches.handle(events.stream().map(e -> e.record()).toList());
      if (committed != null && committed.isStreaming()) {
        confirm(events.get(events.size() - 1), committed, committer);
      }
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
      throw e;
    } finally {
      batchLock.unlock();
    }
  }

  /** Lets the slot follow; the offset's keys are Debezium's. */
  private static void confirm(
      RecordChangeEvent<SourceRecord> last,
      SourceOffset committed,
      DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    DebeziumEngine.Offsets offsets = committer.buildOffsets();
    offsets.set("lsn", committed.lsn());
    offsets.set("lsn_commit", committed.lsn());
    offsets.set("ts_usec", committed.commitMicros());
    committer.markProcessed(last, offsets);
    committer.markBatchFinished();
  }

  /** Ends the run after the batch in hand; returns when the engine has closed its connections. */
  public void stop() {
    stopping = true;
    batchLock.lock(); // the Kafka transaction in hand ends first
    batchLock.unlock();
    long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
    while (true) {
      try {
        engine.close();
        return;
      } catch (IOException e) {
        LOG.debug("Closing the engine", e);
        return;
      } catch (IllegalStateException e) {
        if (isDown(e) || System.nanoTime() > deadline) {
          return;
        }
        java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    }
  }

  private static boolean isDown(IllegalStateException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("shut down") || message.contains("shutting down");
  }
}
