package io.kappacdc.capture.publish;

import io.kappacdc.capture.resume.SourceOffset;
import java.util.List;

/**
 * What goes into one Kafka transaction.
 *
 * @param segments whole source transactions in commit order, or some of a snapshot's rows
 * @param offset how far the source is published with it
 */
public record Publication(List<Segment> segments, SourceOffset offset) implements AutoCloseable {
  /** Events that share an LSN: a transaction, or rows of a snapshot. */
  record Segment(long lsn, EventBuffer events) {}

  public Publication {
    segments = List.copyOf(segments);
  }

  /** Events in all segments. */
  public long eventCount() {
    return segments.stream().mapToLong(segment -> segment.events().count()).sum();
  }

  @Override
  public void close() {
    segments.forEach(segment -> segment.events().close());
  }
}
