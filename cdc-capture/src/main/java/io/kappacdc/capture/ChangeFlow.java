package io.kappacdc.capture;

import io.kappacdc.capture.publish.Publication;
import io.kappacdc.capture.publish.TransactionAssembler;
import io.kappacdc.capture.publish.TransactionalPublisher;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.capture.source.EngineSession;
import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceRecords;
import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.capture.transform.ChangeDecoder;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Position;
import io.kappacdc.event.SourceMessage;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes the engine's batches through decoder and assembler to the publisher: every batch ends with
 * all complete transactions in Kafka. Not thread-safe.
 */
final class ChangeFlow implements EngineSession.Batches {
  /**
   * Complete transactions are published when they reach this size, without awaiting the batch's
   * end.
   */
  private static final long READY_BYTES_MAX = 16 << 20;

  private final SourceCatalog catalog;
  private final ChangeDecoder decoder;
  private final TransactionAssembler assembler;
  private final TransactionalPublisher publisher;
  private final TableSnapshots tables;
  private final JoiningChanges joining;
  private final String slot;
  private final Clock clock;
  private long snapshotReads;
  private boolean barriersDue;
  private @Nullable SourceOffset committed;

  ChangeFlow(
      SourceCatalog catalog,
      ChangeDecoder decoder,
      TransactionAssembler assembler,
      TransactionalPublisher publisher,
      TableSnapshots tables,
      JoiningChanges joining,
      String slot,
      Clock clock) {
    this.catalog = catalog;
    this.decoder = decoder;
    this.assembler = assembler;
    this.publisher = publisher;
    this.tables = tables;
    this.joining = joining;
    this.slot = slot;
    this.clock = clock;
    this.barriersDue = assembler.isSnapshotRunning();
  }

  @Override
  public @Nullable SourceOffset handle(List<SourceRecord> records) {
    committed = null;
    if (!assembler.isSnapshotRunning()) {
      tables.prepare();
    }
    for (SourceRecord record : records) {
      handle(record);
      if (assembler.readyBytes() > READY_BYTES_MAX) {
        publish();
      }
    }
    publish();
    if (!assembler.isSnapshotRunning()) {
      tables.proceed();
    }
    return committed;
  }

  /** Rows that the snapshot has read. */
  long snapshotReads() {
    return snapshotReads;
  }

  private void handle(SourceRecord record) {
    switch (SourceRecords.kind(record)) {
      case READ -> read(record);
      case CHANGE -> change(record);
      case END -> {
        emitBarriersBeforeStreaming();
        SourceTransaction transaction = SourceRecords.transaction(record);
        tables.before(transaction);
        assembler.end(SourceRecords.transactionName(record), transaction);
      }
      case MESSAGE -> {
        if (SourceRecords.isTransactional(record)) {
          assembler.add(null);
        } else {
          emitBarriersBeforeStreaming();
          assembler.reached(SourceRecords.endLsn(record), SourceRecords.messageMicros(record));
          switch (SourceRecords.messagePrefix(record)) {
            case SourceMessage.SNAPSHOT -> tables.asked(SourceRecords.messageText(record));
            case SourceMessage.FENCE -> tables.lookAtAll();
            default -> {}
          }
          tables.reached(SourceRecords.endLsn(record));
        }
      }
      case OTHER -> {}
    }
  }

  private void change(SourceRecord record) {
    // Also if it is dropped: when the transaction is read again its row may be there, or not.
    Position position = new Position(0, assembler.nextOrdinal());
    assembler.add(joining.hasRow(record) ? decoder.decode(record, position) : null);
  }

  private void read(SourceRecord record) {
    long lsn = SourceRecords.snapshotLsn(record);
    emitBarriers(lsn);
    snapshotReads++;
    ChangeEvent event =
        decoder.decode(record, new Position(lsn, Position.SNAPSHOT_ORDINAL_BASE + snapshotReads));
    if (event != null) {
      assembler.read(event);
    }
    if (SourceRecords.isLastOfSnapshot(record)) {
      assembler.snapshotCompleted(lsn, SourceRecords.commitMicros(record));
    }
  }

  /** For a snapshot that read no row at all: it was taken where the slot began. */
  private void emitBarriersBeforeStreaming() {
    if (barriersDue) {
      emitBarriers(catalog.slotLsn(slot));
    }
  }

  /**
   * A snapshot states anew what a table has: rows that an older snapshot or older changes brought,
   * and that are gone since, go with a truncate before the first row.
   */
  private void emitBarriers(long lsn) {
    if (!barriersDue) {
      return;
    }
    barriersDue = false;
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    for (SourceTable table : catalog.capturedTables()) {
      if (publisher.hasEventsOf(table.schema(), table.table())) {
        Position position = new Position(lsn, Position.SNAPSHOT_ORDINAL_BASE);
        assembler.read(
            ChangeEvent.truncate(new Origin(position, 0, micros), decoder.schema(table)));
      }
    }
  }

  private void publish() {
    Optional<Publication> publication = assembler.take();
    if (publication.isPresent()) {
      try (Publication taken = publication.get()) {
        publisher.publish(taken);
        committed = taken.offset();
      }
    }
  }
}
