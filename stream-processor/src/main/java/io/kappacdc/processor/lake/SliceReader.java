package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.stream.CommitTimes;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a slice's events after the table's high-water position, up to the first that the table
 * cannot take as it is. What is no event goes to quarantine. Not thread-safe.
 */
final class SliceReader {
  private final TopicPartition partition;
  private final EventReader decoder;
  private final Iterator<KafkaRecord> records;
  private final QuarantineTask.Slice quarantine;
  private final boolean isStopped;
  private final Position start;
  private Position upTo = Position.endOf(-1);
  private LakeSchema columns;
  private @Nullable TableSchema schema;
  private @Nullable ChangeEvent event;
  private @Nullable SinkPosition reached;
  private boolean schemaChanged;
  private long bytes;
  private final CommitTimes commitTimes = new CommitTimes();
  private SliceEnd end = SliceEnd.COMPLETE;

  SliceReader(
      TopicPartition partition,
      TablePlan plan,
      SchemaSource schemas,
      Iterator<KafkaRecord> records,
      QuarantineTask.Slice quarantine) {
    this.partition = partition;
    this.decoder = new EventReader(schemas.resolver());
    this.records = records;
    this.quarantine = quarantine;
    this.isStopped = plan.stopped().contains(partition.partition());
    SinkPosition known = plan.positions().get(partition.partition());
    this.start = known == null ? Position.ORIGIN : known.position();
    this.columns = plan.columns();
  }

  /** Ends the slice before the first event behind a position, unless something else ends it. */
  void readUpTo(Position position) {
    upTo = position;
  }

  /** Moves to the next event; false at the end of the slice, whose reason is {@link #end()}. */
  boolean next() {
    schemaChanged = false;
    while (!isStopped && records.hasNext()) {
      KafkaRecord record = records.next();
      ChangeEvent read;
      try {
        read = decoder.read(record.value());
      } catch (WireFormatException e) {
        quarantine.add(record, String.valueOf(e.getMessage()));
        continue;
      }
      if (!isNew(read)) {
        continue;
      }
      if (!adapt(read.schema())) {
        return false;
      }
      if (read.position().isAfter(upTo)) {
        end = new SliceEnd.Full();
        return false;
      }
      event = read;
      commitTimes.add(read.commitMicros());
      byte[] value = record.value();
      bytes += value == null ? 0 : value.length;
      reached = SinkPosition.of(read.position(), record.offset() + 1);
      return true;
    }
    return false;
  }

  /** Whether the sink does not have it yet. */
  private boolean isNew(ChangeEvent read) {
    return read.position().isAfter(start);
  }

  private boolean adapt(TableSchema incoming) {
    if (incoming == schema || incoming.equals(schema)) {
      return true;
    }
    LakeSchema.Fit fit = columns.fit(incoming);
    if (fit instanceof LakeSchema.Fit.Fits fits) {
      columns = fits.merged();
      schema = incoming;
      schemaChanged = true;
      return true;
    }
    end =
        fit instanceof LakeSchema.Fit.Widens widens
            ? new SliceEnd.NeedsWiderColumns(widens.merged())
            : clash(incoming, (LakeSchema.Fit.Clashes) fit);
    return false;
  }

  private SliceEnd.Clash clash(TableSchema incoming, LakeSchema.Fit.Clashes clashes) {
    LakeColumn column = clashes.column();
    return new SliceEnd.Clash(
        clashes.reason(),
        LakeCatalog.plainName(incoming),
        LakeColumn.inSql(column.name()),
        LakeColumn.inSql(columns.formerName(column)),
        incoming.key().contains(column.column()));
  }

  /**
   * Looks for the first truncate behind a position, past all that comes before it, and ends the
   * slice before all that.
   *
   * @return whether there is one
   */
  boolean beginsAnewBehind(Position position) {
    while (records.hasNext()) {
      try {
        ChangeEvent read = decoder.read(records.next().value());
        if (mayBeginAnewAt(read, position)) {
          beginAnewAt(read);
          return true;
        }
      } catch (WireFormatException e) {
        continue; // whoever reads on from here puts it into quarantine
      }
    }
    return false;
  }

  private boolean mayBeginAnewAt(ChangeEvent read, Position position) {
    return read.operation() == Operation.TRUNCATE
        && isNew(read)
        && read.position().isAfter(position);
  }

  /** Ends the slice before a truncate, with which the table can be begun anew. */
  void beginAnewAt(ChangeEvent truncate) {
    end =
        new SliceEnd.BegunAnew(
            truncate.position().lsn(),
            truncate.position().ordinal(),
            SchemaJson.write(truncate.schema()));
  }

  /** Whether the table takes no records of this partition. */
  boolean isStopped() {
    return isStopped;
  }

  /** Ends the slice before the current event. */
  void stop(String reason) {
    end = new SliceEnd.Stopped(reason);
  }

  /** Ends the slice after the current event. */
  void stopFull() {
    end = new SliceEnd.Full();
  }

  /** Size of the events read so far, as they were in Kafka. */
  long bytes() {
    return bytes;
  }

  TopicPartition partition() {
    return partition;
  }

  ChangeEvent event() {
    return Objects.requireNonNull(event, "event");
  }

  /** The position after the current event. */
  @Nullable SinkPosition reached() {
    return reached;
  }

  /** Whether the current event's schema differs from that of the event before. */
  boolean schemaChanged() {
    return schemaChanged;
  }

  /** The table's columns with those that the events read so far add. */
  LakeSchema columns() {
    return columns;
  }

  /** When the events read so far were committed at the source. */
  CommitTimes commitTimes() {
    return commitTimes;
  }

  SliceEnd end() {
    return end;
  }
}
