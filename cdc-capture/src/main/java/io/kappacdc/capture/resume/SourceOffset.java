package io.kappacdc.capture.resume;

import io.kappacdc.event.Lsn;
import java.util.Objects;

/**
 * How far the source has been published.
 *
 * @param phase whether the snapshot is complete
 * @param lsn in {@link Phase#STREAMING} the end of the last published transaction (or of a later
 *     logical message): everything that committed before it is published, nothing after it; in
 *     {@link Phase#SNAPSHOT} the LSN of the snapshot under way, 0 before its first row
 * @param commitMicros the source's time at {@code lsn}, microseconds since 1970-01-01T00:00:00Z
 * @param systemId the source server's system identifier, by which another server is told apart
 */
public record SourceOffset(Phase phase, long lsn, long commitMicros, String systemId) {
  /** What is under way. */
  public enum Phase {
    /** The snapshot is not complete: after a stop it is taken anew, at a later LSN. */
    SNAPSHOT,
    /** The write-ahead log is followed from the offset's LSN on. */
    STREAMING
  }

  public SourceOffset {
    Objects.requireNonNull(phase, "phase");
    Objects.requireNonNull(systemId, "systemId");
  }

  /** A snapshot that has not begun. */
  public static SourceOffset beforeSnapshot(String systemId) {
    return new SourceOffset(Phase.SNAPSHOT, 0, 0, systemId);
  }

  public boolean isStreaming() {
    return phase == Phase.STREAMING;
  }

  /** The same source at another place. */
  public SourceOffset at(Phase newPhase, long newLsn, long newCommitMicros) {
    return new SourceOffset(newPhase, newLsn, newCommitMicros, systemId);
  }

  @Override
  public String toString() {
    return phase + " " + Lsn.format(lsn);
  }
}
