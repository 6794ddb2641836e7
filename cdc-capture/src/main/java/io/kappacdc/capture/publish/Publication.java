package io.kappacdc.capture.publish;

import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.capture.resume.TableNote;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What goes to Kafka next.
 *
 * @param begin how far the source is published before it
 * @param segments whole source transactions in commit order, or some of a snapshot's rows
 * @param offset how far the source is published with it
 * @param notes what holds of tables from its last Kafka transaction on
 */
public record Publication(
    SourceOffset begin, List<Segment> segments, SourceOffset offset, List<TableNote> notes)
    implements AutoCloseable {
  /**
   * Events that share an LSN: a transaction, or rows of a snapshot.
   *
   * @param transaction null for a snapshot
   * @param published events up to this ordinal are in Kafka already
   * @param behind how far the source is published with the segment
   */
  record Segment(
      EventBuffer events,
      long lsn,
      @Nullable SourceTransaction transaction,
      long published,
      SourceOffset behind) {}

  public Publication {
    segments = List.copyOf(segments);
    notes = List.copyOf(notes);
  }

  /** Nothing but how far the source is published. */
  public static Publication of(SourceOffset offset) {
    return new Publication(offset, List.of(), offset, List.of());
  }

  @Override
  public void close() {
    segments.forEach(segment -> segment.events().close());
  }
}
