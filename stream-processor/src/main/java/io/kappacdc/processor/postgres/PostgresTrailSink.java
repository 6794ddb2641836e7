package io.kappacdc.processor.postgres;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.stream.BatchOutcome;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.CommitTimes;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.Pacing;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PostgreSQL trail as a sink: tasks write it side by side, one transaction a topic partition.
 */
public final class PostgresTrailSink implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresTrailSink.class);

  static final String NAME = "postgres-trail";

  /** A job and a transaction of each partition cost about as much as so many changes. */
  private static final Pacing PACING = new Pacing(2_000, 2);

  /**
   * Records of a partition and batch that the trail does not take, and that are set aside one by
   * one; if there are more, something is wrong with more than some values.
   */
  private static final int REFUSED_MAX = 20;

  private final PostgresSettings.ForTasks settings;
  private final TrailProgress progress;
  private int generation;
  private volatile long quarantined;

  /** Bounded by the number of topic partitions. */
  private final Map<TopicPartition, String> stopped = new ConcurrentHashMap<>();

  /** How far the store is known to have been; of all partitions, so bounded like them. */
  private final Map<TopicPartition, SinkPosition> reached = new ConcurrentHashMap<>();

  public PostgresTrailSink(PostgresSettings postgres, KafkaSettings kafka) {
    this.settings = new PostgresSettings.ForTasks(postgres, kafka);
    this.progress = new TrailProgress(postgres, NAME);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Pacing pacing() {
    return PACING;
  }

  @Override
  public Map<TopicPartition, SinkPosition> positions() {
    try (Connection connection = PostgresPool.connect(settings.postgres())) {
      Ledger.create(connection);
      new TrailViews(connection, settings.kafka().topics()).createAll();
      stopped.clear();
      TrailSchemas.forget(settings.postgres());
      quarantined = TrailQuarantine.count(connection);
      generation = TrailProgress.generation(connection, NAME);
      reached.clear();
      reached.putAll(Ledger.read(connection));
      return Map.copyOf(reached);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The trail's positions cannot be read from " + settings.postgres(), e);
    }
  }

  @Override
  public BatchOutcome write(ChangeBatch batch) {
    CommitTimes times = new CommitTimes();
    Map<String, Long> rowsByTopic = new HashMap<>();
    Map<TopicPartition, Map<Long, String>> refused = new HashMap<>();
    TrailSliceTask.Mode mode = TrailSliceTask.Mode.COPY;
    long rows = 0;
    boolean again = true;
    while (again) {
      List<TrailSlice> slices =
          batch.forEachSlice(
              new TrailSliceTask(settings, stopped.keySet(), mode, reached, refused));
      rows += add(slices, times, rowsByTopic);
      again = false;
      for (TrailSlice slice : slices) {
        again |= refuse(slice, refused);
      }
      if (slices.stream().anyMatch(TrailSlice::conflict)) {
        LOG.warn(
            "The trail has changes that its ledger does not know; merging: batch={}",
            batch.batchId());
        mode = TrailSliceTask.Mode.MERGE;
        again = true;
      }
    }
    return new BatchOutcome(rows, rowsByTopic, times);
  }

  /** Notes the record that a slice ended at; true if there is one, and the slice is to go on. */
  private boolean refuse(TrailSlice slice, Map<TopicPartition, Map<Long, String>> refused) {
    TrailSlice.Refused record = slice.refused();
    if (record == null) {
      return false;
    }
    Map<Long, String> known =
        refused.computeIfAbsent(slice.partition(), partition -> new HashMap<>());
    if (known.size() == REFUSED_MAX) {
      stop(
          slice.partition(),
          "%s (%s, more than %d records of a batch)"
              .formatted(record.reason(), slice.partition(), REFUSED_MAX));
    }
    known.put(record.offset(), record.reason());
    return true;
  }

  private void stop(TopicPartition partition, String reason) {
    stopped.put(partition, reason);
    LOG.error("Stopped: sink={} {} reason={}", name(), partition, reason);
  }

  private long add(List<TrailSlice> slices, CommitTimes times, Map<String, Long> rowsByTopic) {
    long rows = 0;
    for (TrailSlice slice : slices) {
      rows += slice.rows();
      rowsByTopic.merge(slice.partition().topic(), slice.rows(), Long::sum);
      times.addAll(slice.commitTimes());
      if (slice.reached() != null) {
        reached.put(slice.partition(), slice.reached());
      }
      if (slice.unreadable() > 0) {
        quarantined += slice.unreadable();
        LOG.error(
            "Records are in quarantine: sink={} partition={} count={}",
            name(),
            slice.partition(),
            slice.unreadable());
      }
      if (slice.stoppedReason() != null) {
        stop(slice.partition(), slice.stoppedReason());
      }
    }
    return rows;
  }

  @Override
  public void completed(Cut cut) {
    if (!progress.isConnected()) {
      requireNothingLost();
    }
    progress.record(cut, stopped.keySet());
  }

  /** A server that is back, or another one in its place, may not have all that was committed. */
  private void requireNothingLost() {
    try (Connection connection = PostgresPool.connect(settings.postgres())) {
      Map<TopicPartition, SinkPosition> now = Ledger.read(connection);
      reached.forEach(
          (partition, known) -> {
            SinkPosition found = now.get(partition);
            if (found == null || known.position().isAfter(found.position())) {
              throw new IllegalStateException(
                  "The sink's server has lost commits of " + partition + "; reading on from there");
            }
          });
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The trail's positions cannot be read from " + settings.postgres(), e);
    }
  }

  @Override
  public int generation() {
    return generation;
  }

  @Override
  public void beginAnew(Map<TopicPartition, Long> nextOffsets, int newGeneration) {
    try (Connection connection = PostgresPool.connect(settings.postgres())) {
      for (Map.Entry<TopicPartition, Long> next : nextOffsets.entrySet()) {
        Ledger.move(connection, next.getKey(), next.getValue());
      }
      TrailProgress.generation(connection, NAME, newGeneration);
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The trail's positions cannot be moved in " + settings.postgres(), e);
    }
  }

  @Override
  public Map<TopicPartition, String> stopped() {
    return Map.copyOf(stopped);
  }

  @Override
  public long quarantined() {
    return quarantined;
  }

  @Override
  public void close() {
    progress.close();
    PostgresPool.close(settings.postgres());
    TrailSchemas.forget(settings.postgres());
  }
}
