package io.kappacdc.capture.publish;

import io.kappacdc.capture.publish.EventBuffer.EncodedEvent;
import io.kappacdc.capture.publish.Publication.Segment;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceOffset.Phase;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.runtime.KappaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gathers events until their transaction ends, and hands out whole transactions with the offset
 * behind them. Memory is bounded: a large open transaction goes to a file, and {@link #readyBytes}
 * tells when what is complete should be taken. Not thread-safe.
 */
public final class TransactionAssembler implements AutoCloseable {
  private final EventWriter writer = new EventWriter();
  private final long openBytesMax;
  private final List<Segment> ready = new ArrayList<>();
  private EventBuffer open;
  private long openRecords;
  private long openOrdinals;
  private long readyBytes;
  private @Nullable EventBuffer reads;
  private long readsLsn;
  private SourceOffset offset;
  private boolean advanced;

  /**
   * @param start the offset capture starts from
   * @param openBytesMax bytes of an open transaction held in memory
   */
  public TransactionAssembler(SourceOffset start, long openBytesMax) {
    this.offset = start;
    this.openBytesMax = openBytesMax;
    this.open = new EventBuffer(openBytesMax);
  }

  /** The rank that the next change of the open transaction has. */
  public long nextOrdinal() {
    return ++openOrdinals;
  }

  /**
   * Counts a record of the open transaction.
   *
   * @param event the change; null for what is not to be published, a message or a dropped row
   */
  public void add(@Nullable ChangeEvent event) {
    openRecords++;
    if (event != null) {
      open.add(encode(event));
    }
  }

  /**
   * Ends the open transaction.
   *
   * @param name the transaction, for people
   * @param recordCount how many records the source says it had
   * @param lsn the LSN behind its commit record, which becomes its events' LSN
   * @throws KappaException if records are missing or were repeated
   */
  public void end(String name, long recordCount, long lsn, long commitMicros) {
    if (recordCount != openRecords) {
      throw new KappaException(
          "Transaction " + name + " of the source is not complete.",
          "It ended with " + recordCount + " events, and " + openRecords + " arrived.",
          "Start capture again, which repeats the transaction; report it if it happens again.");
    }
    if (open.count() > 0) {
      ready.add(new Segment(lsn, open));
      readyBytes += open.memoryBytes();
      open = new EventBuffer(openBytesMax);
    }
    openRecords = 0;
    openOrdinals = 0;
    advance(Phase.STREAMING, lsn, commitMicros);
  }

  /** A point between transactions that was reached without data. */
  public void reached(long lsn, long micros) {
    advance(Phase.STREAMING, lsn, micros);
  }

  /** Adds a row that the snapshot at this LSN read, or a barrier before its rows. */
  public void read(ChangeEvent event) {
    long lsn = event.position().lsn();
    if (reads == null || readsLsn != lsn) {
      reads = new EventBuffer(Long.MAX_VALUE); // bounded by whoever watches readyBytes
      readsLsn = lsn;
      ready.add(new Segment(lsn, reads));
    }
    EncodedEvent encoded = encode(event);
    reads.add(encoded);
    readyBytes += encoded.bytes();
    advance(offset.phase(), lsn, event.commitMicros());
  }

  /** The snapshot is complete: from its LSN on the write-ahead log is followed. */
  public void snapshotCompleted(long lsn, long micros) {
    advance(Phase.STREAMING, lsn, micros);
  }

  public boolean isSnapshotRunning() {
    return !offset.isStreaming();
  }

  /** Whether a transaction has begun and not ended. */
  public boolean isTransactionOpen() {
    return openRecords > 0;
  }

  private EncodedEvent encode(ChangeEvent event) {
    return new EncodedEvent(
        event.schema(), event.position().ordinal(), writer.key(event), writer.body(event));
  }

  private void advance(Phase phase, long lsn, long commitMicros) {
    offset = offset.at(phase, lsn, commitMicros);
    advanced = true;
  }

  /** Memory that {@link #take} would set free. */
  public long readyBytes() {
    return readyBytes;
  }

  /** Everything complete so far; empty when nothing has changed since the last call. */
  public Optional<Publication> take() {
    if (!advanced) {
      return Optional.empty();
    }
    Publication publication = new Publication(ready, offset);
    ready.clear();
    reads = null;
    readyBytes = 0;
    advanced = false;
    return Optional.of(publication);
  }

  @Override
  public void close() {
    open.close();
    ready.forEach(segment -> segment.events().close());
  }
}
