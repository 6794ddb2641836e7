package io.kappacdc.processor.postgres;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.schema.SchemaRegistry;
import io.kappacdc.processor.stream.CommitTimes;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes the changes of one topic partition to their trail, in one transaction with the partition's
 * ledger row (in several where the table's shape changes on the way). The row lock on the ledger
 * makes a second writer of the same partition wait and then find that there is nothing left to
 * write.
 */
final class TrailSliceTask implements SliceTask<TrailSlice> {
  /** How changes get into the trail. */
  enum Mode {
    /** Straight by COPY: the ledger knows what the trail has. */
    COPY,
    /** By way of a temporary table, leaving out what the trail has already. */
    MERGE
  }

  private static final long serialVersionUID = 1L;
  private static final String UNIQUE_VIOLATION = "23505";
  private static final String DATA_EXCEPTION_CLASS = "22";

  /** No such table, no such column. */
  private static final Set<String> FORM_IS_LOST = Set.of("42P01", "42703");

  private final PostgresSettings.ForTasks settings;
  private final Set<TopicPartition> stopped;
  private final Mode mode;
  private final Map<TopicPartition, Map<Long, String>> refused;
  private final Map<TopicPartition, SinkPosition> reached;

  /**
   * @param stopped partitions to leave alone
   * @param reached how far the store is known to have been, of the partitions it has
   * @param refused records for the quarantine, by their offsets, with the reasons
   */
  TrailSliceTask(
      PostgresSettings.ForTasks settings,
      Set<TopicPartition> stopped,
      Mode mode,
      Map<TopicPartition, SinkPosition> reached,
      Map<TopicPartition, Map<Long, String>> refused) {
    this.settings = settings;
    this.stopped = Set.copyOf(stopped);
    this.mode = mode;
    this.reached = Map.copyOf(reached);
    this.refused = Map.copyOf(refused);
  }

  @Override
  public TrailSlice run(TopicPartition partition, Iterator<KafkaRecord> records) throws Exception {
    if (stopped.contains(partition)) {
      return new TrailSlice(partition, 0, new CommitTimes(), 0, null, false, null, null);
    }
    try (Connection connection = PostgresPool.connect(settings.postgres());
        Writing writing = new Writing(connection, partition)) {
      return writing.write(records);
    }
  }

  /** One run over the records of a slice. */
  private final class Writing implements AutoCloseable {
    private final Connection connection;
    private final TopicPartition partition;
    private final TrailSchemas schemas = TrailSchemas.shared(settings.postgres());
    private final EventReader reader = new EventReader(SchemaRegistry.shared(settings.kafka()));
    private final Instant sinkTime = Instant.now();
    private CommitTimes committedTimes = new CommitTimes();
    private CommitTimes openTimes = new CommitTimes();
    private final TrailQuarantine quarantine = new TrailQuarantine();
    private long committedRows;
    private long committedUnreadable;
    private long openRows;
    private SinkPosition committed;
    private Position last;
    private long lastOffset;
    private long nextOffset;
    private @Nullable TrailCopy copy;

    /** Of the copy that is open, or was last. */
    private @Nullable TableSchema schema;

    /** In the order of the stream, so that two tasks cannot wait for each other. */
    private final SortedSet<Long> resnapshots = new TreeSet<>();

    Writing(Connection connection, TopicPartition partition) throws SQLException {
      this.connection = connection;
      this.partition = partition;
      this.committed = Ledger.lock(connection, partition);
      requireNothingLost();
      this.last = committed.position();
      this.lastOffset = committed.lastOffset();
      this.nextOffset = committed.nextOffset();
    }

    /** What comes next in Kafka is not what comes next in a store that went back. */
    private void requireNothingLost() throws SQLException {
      SinkPosition known = reached.get(partition);
      if (known != null && known.position().isAfter(committed.position())) {
        TrailSchemas.forget(settings.postgres());
        throw new SQLException(
            "The sink's server has lost commits: "
                + partition
                + " was at "
                + known.position()
                + " and is at "
                + committed.position()
                + "; reading on from there");
      }
    }

    TrailSlice write(Iterator<KafkaRecord> records) throws SQLException {
      Map<Long, String> refusedHere = refused.getOrDefault(partition, Map.of());
      try {
        while (records.hasNext()) {
          KafkaRecord record = records.next();
          String reason = refusedHere.get(record.offset());
          try {
            if (reason == null) {
              apply(reader.read(record.value()), record.offset());
            }
          } catch (WireFormatException e) {
            reason = String.valueOf(e.getMessage());
          }
          if (reason != null) {
            setAside(record, reason);
          }
          nextOffset = Math.max(nextOffset, record.offset() + 1);
        }
        commit();
        return slice(null, false, null);
      } catch (TrailSchemaException e) {
        commit();
        return slice(
            e.getMessage() + " (" + partition + " offset " + nextOffset + ")", false, null);
      } catch (SQLException e) {
        TrailCopy failed = copy;
        rollback();
        if (UNIQUE_VIOLATION.equals(e.getSQLState()) && mode == Mode.COPY) {
          return slice(null, true, null);
        }
        if (e.getSQLState() == null || !e.getSQLState().startsWith(DATA_EXCEPTION_CLASS)) {
          if (FORM_IS_LOST.contains(String.valueOf(e.getSQLState()))) {
            TrailSchemas.forget(settings.postgres());
          }
          throw e;
        }
        return refused(e, failed);
      }
    }

    private TrailSlice slice(
        @Nullable String stopReason, boolean conflict, TrailSlice.@Nullable Refused refusal) {
      return new TrailSlice(
          partition,
          committedRows,
          committedTimes,
          committedUnreadable,
          stopReason,
          conflict,
          committed,
          refusal);
    }

    private TrailSlice refused(SQLException e, @Nullable TrailCopy failed) {
      String column = schema == null ? "" : ServerMessage.column(e, schema);
      String reason =
          "The trail does not take a value%s: SQLSTATE %s"
              .formatted(column.isEmpty() ? "" : " of column " + column, e.getSQLState());
      OptionalLong offset = failed == null ? OptionalLong.empty() : failed.failedAt(e);
      return offset.isPresent()
          ? slice(null, false, new TrailSlice.Refused(offset.getAsLong(), reason))
          : slice(reason + " (" + partition + ")", false, null);
    }

    private void apply(ChangeEvent event, long offset) throws SQLException, TrailSchemaException {
      if (!event.position().isAfter(last)) {
        return;
      }
      copyFor(event).add(event, offset);
      last = event.position();
      lastOffset = offset;
      if (event.operation() == Operation.TRUNCATE
          && last.ordinal() == Position.SNAPSHOT_ORDINAL_BASE) {
        resnapshots.add(last.lsn());
      }
      openTimes.add(event.commitMicros());
      openRows++;
    }

    private void setAside(KafkaRecord record, String reason) throws SQLException {
      quarantine.add(record, reason);
      if (quarantine.isFull()) {
        endCopy();
        quarantine.write(connection);
      }
    }

    private TrailCopy copyFor(ChangeEvent event) throws SQLException, TrailSchemaException {
      TableSchema next = event.schema();
      if (copy != null && copy.schema().id().equals(next.id())) {
        return copy;
      }
      endCopy();
      if (!schemas.isApplied(next, event.position())) {
        commit();
        schemas.apply(connection, settings.kafka().topics(), next, event.position());
        relock();
      }
      schema = next;
      copy = TrailCopy.begin(connection, next, sinkTime, mode);
      return copy;
    }

    /**
     * Another writer may have come in between the two transactions: then what it wrote is not
     * written again.
     */
    private void relock() throws SQLException {
      SinkPosition now = Ledger.lock(connection, partition);
      if (!now.position().equals(last)) {
        throw new SQLException(
            "Another processor writes " + partition + " too; planning anew from the ledger");
      }
    }

    private void endCopy() throws SQLException {
      if (copy != null) {
        openRows -= copy.end();
        copy = null;
      }
    }

    private void commit() throws SQLException {
      endCopy();
      for (long lsn : resnapshots) {
        Moments.noteResnapshot(connection, lsn);
      }
      resnapshots.clear();
      quarantine.write(connection);
      SinkPosition now = new SinkPosition(last.lsn(), last.ordinal(), nextOffset, lastOffset);
      Ledger.advance(connection, partition, now);
      connection.commit();
      committed = now;
      committedUnreadable += quarantine.takeWritten();
      committedRows += openRows;
      committedTimes.addAll(openTimes);
      openRows = 0;
      openTimes = new CommitTimes();
    }

    private void rollback() throws SQLException {
      TrailCopy failed = copy;
      copy = null;
      quarantine.clear();
      if (failed != null) {
        failed.cancel();
      }
      connection.rollback();
    }

    @Override
    public void close() throws SQLException {
      if (copy != null) {
        rollback();
      }
    }
  }
}
