package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.SupportsAdmissionControl;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spark's stream over Kafka, but for where its batches end: that is up to the {@link CutPlanner},
 * and where there are no cuts, to the ends of the partitions. Used by the query's thread.
 */
final class CutStream implements SupportsTriggerAvailableNow, MicroBatchStream {
  private static final Logger LOG = LoggerFactory.getLogger(CutStream.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final MicroBatchStream kafka;
  private final CutPlanner planner;
  private final Offsets begin;
  private final Pace pace;
  private boolean isWeak;
  private boolean isUpToNow;

  /** Without cuts, where the partitions ended when a query began that ends. */
  private @Nullable Offsets now;

  private @Nullable Cut reached;
  private List<OffsetRange> ranges = List.of();
  private long plannedNanos;

  /**
   * @param kafka Spark's own stream over the same topics
   * @param begin where the first batch begins
   * @param pace when batches may begin
   */
  CutStream(MicroBatchStream kafka, CutPlanner planner, Offsets begin, Pace pace) {
    this.kafka = kafka;
    this.planner = planner;
    this.begin = begin;
    this.pace = pace;
  }

  /** The moment of the source at which the sink stands after the last batch planned, if any. */
  Optional<Cut> reached() {
    return Optional.ofNullable(reached);
  }

  /**
   * What the last batch planned is to read; empty if it begins where nobody knows before it is
   * read.
   */
  List<OffsetRange> ranges() {
    return ranges;
  }

  /** When the end of the last batch was known, as {@link System#nanoTime}. */
  long plannedNanos() {
    return plannedNanos;
  }

  @Override
  public void prepareForTriggerAvailableNow() {
    isUpToNow = true;
  }

  @Override
  public Offset initialOffset() {
    return new CutOffset(begin);
  }

  @Override
  public Offset deserializeOffset(String json) {
    return new CutOffset(Offsets.parse(json));
  }

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("latestOffset(Offset, ReadLimit) is to be called");
  }

  /** The end of the next batch; null, as Spark has it, when there is nothing to read. */
  @Override
  @SuppressWarnings("NullAway")
  public Offset latestOffset(Offset start, ReadLimit limit) {
    Offsets from = ((CutOffset) start).offsets();
    if (!isUpToNow) {
      pause(pace.pause());
    }
    CutPlan plan = planner.next(from);
    reached = null;
    if (plan instanceof CutPlan.Batch batch) {
      isWeak = false;
      reached = batch.reached();
      return batch(from, batch.ends());
    }
    return plan instanceof CutPlan.Nothing ? null : withoutCuts(from);
  }

  private CutOffset batch(Offsets from, Offsets ends) {
    plannedNanos = System.nanoTime();
    ranges = rangesOf(from, ends);
    pace.begin(planner.offsetsBetween(from, ends.byTopic()));
    return new CutOffset(ends);
  }

  private List<OffsetRange> rangesOf(Offsets start, Offsets ends) {
    Offsets from = planner.withBegins(start);
    List<OffsetRange> found = new ArrayList<>();
    boolean[] isKnown = {true};
    ends.forEach(
        (topic, partition, end) -> {
          long begin = from.get(topic, partition);
          isKnown[0] &= begin != Offsets.UNKNOWN;
          if (begin < end) {
            found.add(new OffsetRange(new TopicPartition(topic, partition), begin, end));
          }
        });
    return isKnown[0] ? List.copyOf(found) : List.of();
  }

  private @Nullable Offset withoutCuts(Offsets from) {
    if (!isWeak) {
      isWeak = true;
      LOG.warn(
          "There are no cuts in Kafka: batches end where the partitions end, which is no moment of"
              + " the source");
    }
    Offsets all = ends(from);
    requireNotBehind(from, all);
    Offsets ends = planner.share(from, all.byTopic());
    if (!ends.equals(from)) {
      return batch(from, ends);
    }
    if (!isUpToNow) {
      pause(LOOK_AGAIN);
    }
    return null;
  }

  private Offsets ends(Offsets from) {
    Offsets known = now;
    if (known != null) {
      return known;
    }
    Offset latest =
        ((SupportsAdmissionControl) kafka)
            .latestOffset(kafka.deserializeOffset(from.json()), ReadLimit.allAvailable());
    Offsets ends = latest == null ? new Offsets(from) : Offsets.parse(latest.json());
    if (isUpToNow) {
      now = ends;
    }
    return ends;
  }

  private static void requireNotBehind(Offsets from, Offsets ends) {
    from.forEach(
        (topic, partition, offset) -> {
          TopicPartition known = new TopicPartition(topic, partition);
          long end = ends.get(topic, partition);
          if (end == Offsets.UNKNOWN) {
            throw GapException.gone(known, offset);
          }
          if (end < offset) {
            throw GapException.wentBack(known, end, offset);
          }
        });
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("Waiting for records"));
    }
  }

  @Override
  public InputPartition[] planInputPartitions(Offset start, Offset end) {
    Offsets from = planner.withBegins(((CutOffset) start).offsets());
    Offsets changedFrom = new Offsets();
    Offsets changedTo = new Offsets();
    ((CutOffset) end)
        .offsets()
        .forEach(
            (topic, partition, offset) -> {
              long begins = from.get(topic, partition);
              if (begins != offset) {
                changedTo.put(topic, partition, offset);
                if (begins != Offsets.UNKNOWN) {
                  changedFrom.put(topic, partition, begins);
                }
              }
            });
    return kafka.planInputPartitions(
        kafka.deserializeOffset(changedFrom.json()), kafka.deserializeOffset(changedTo.json()));
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return kafka.createReaderFactory();
  }

  @Override
  public void commit(Offset end) {
    // How far the sink is only the sink knows.
  }

  @Override
  public void stop() {
    planner.close();
    kafka.stop();
  }

  @Override
  public String toString() {
    return "Cuts of " + kafka;
  }
}
