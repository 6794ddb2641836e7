package io.kappacdc.capture.resume;

import io.kappacdc.event.Lsn;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far the source has been published.
 *
 * @param phase whether the snapshot is complete
 * @param lsn in {@link Phase#STREAMING} the end of the last published transaction (or of a later
 *     logical message): everything that committed before it is published, and of what committed
 *     after it nothing but {@code begun}; in {@link Phase#SNAPSHOT} the LSN of the snapshot under
 *     way, before its first row the greatest that was ever published
 * @param commitMicros the source's time at {@code lsn}, microseconds since 1970-01-01T00:00:00Z
 * @param server where the LSN was read
 * @param last the last transaction published, if one was
 * @param begun the next transaction, if a part of it is published
 * @param tables of which tables the topics have all rows
 */
public record SourceOffset(
    Phase phase,
    long lsn,
    long commitMicros,
    SourceServer server,
    @Nullable SourceTransaction last,
    @Nullable PartlyPublished begun,
    CapturedTables tables) {
  /** What is under way. */
  public enum Phase {
    /** The snapshot is not complete: after a stop it is taken anew, at a later LSN. */
    SNAPSHOT,
    /** The write-ahead log is followed from the offset's LSN on. */
    STREAMING
  }

  public SourceOffset {
    Objects.requireNonNull(phase, "phase");
    Objects.requireNonNull(server, "server");
    Objects.requireNonNull(tables, "tables");
  }

  /** A snapshot that has not begun, of a source of which nothing was ever published. */
  public static SourceOffset beforeSnapshot(SourceServer server) {
    return new SourceOffset(Phase.SNAPSHOT, 0, 0, server, null, null, CapturedTables.UNKNOWN);
  }

  /** A snapshot that has not begun, of a source that may be another one than before. */
  public SourceOffset beforeNewSnapshot(SourceServer of) {
    return new SourceOffset(
        Phase.SNAPSHOT, highestLsn(), commitMicros, of, null, null, CapturedTables.UNKNOWN);
  }

  public boolean isStreaming() {
    return phase == Phase.STREAMING;
  }

  /** Whether what is published is a moment of the source. */
  public boolean isMoment() {
    return isStreaming() && begun == null && Long.compareUnsigned(lsn, tables.settledFrom()) >= 0;
  }

  /** The greatest LSN under which anything is published. */
  public long highestLsn() {
    long end = begun == null ? 0 : begun.transaction().endLsn();
    return Long.compareUnsigned(end, lsn) > 0 ? end : lsn;
  }

  /** The same source at another place between transactions. */
  public SourceOffset at(Phase newPhase, long newLsn, long newCommitMicros) {
    return new SourceOffset(newPhase, newLsn, newCommitMicros, server, last, begun, tables);
  }

  /** Behind a transaction. */
  public SourceOffset behind(SourceTransaction transaction) {
    return new SourceOffset(
        Phase.STREAMING,
        transaction.endLsn(),
        transaction.commitMicros(),
        server,
        transaction,
        null,
        tables);
  }

  /** Within the next transaction: events up to {@code ordinal} are published. */
  public SourceOffset within(SourceTransaction transaction, long ordinal) {
    return new SourceOffset(
        phase, lsn, commitMicros, server, last, new PartlyPublished(transaction, ordinal), tables);
  }

  /** The same place, as a server knows it that has the whole history up to it. */
  public SourceOffset on(SourceServer successor) {
    return new SourceOffset(phase, lsn, commitMicros, successor, last, begun, tables);
  }

  /** The same place with other tables. */
  public SourceOffset with(CapturedTables others) {
    return new SourceOffset(phase, lsn, commitMicros, server, last, begun, others);
  }

  @Override
  public String toString() {
    return phase
        + " "
        + Lsn.format(lsn)
        + (begun == null
            ? ""
            : " and "
                + begun.ordinal()
                + " events of the transaction that ends at "
                + Lsn.format(begun.transaction().endLsn()));
  }
}
