package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.processor.stream.CutTopic.Placed;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans the batches of one query so that they end on cuts. Reads the cuts as it goes and holds at
 * most three of them beside those of one poll, however far the query is behind. Made and used on
 * the query's thread; a new query has a new planner.
 */
final class CutPlanner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CutPlanner.class);

  /** A new cut ends the wait at once. */
  private static final Duration WAIT = Duration.ofMillis(500);

  /** How long a read waits for cuts that are known to be there. */
  private static final Duration READ_MAX = Duration.ofSeconds(30);

  private static final Duration LOOK_FOR_CUTS_EVERY = Duration.ofSeconds(1);

  /** Takes the newest generation, whichever it is. */
  static final int ANY_GENERATION = 0;

  private final CutTopic topic;
  private final Settings settings;

  /** Where partitions begin that the query did not know when it started. */
  private final Offsets begins = new Offsets();

  /** Topics that came up after the query's start. */
  private final Set<String> found = new HashSet<>();

  private boolean isOpen;
  private long lookedNanos;
  private boolean hasLooked;
  private int generation;

  /** Partitions that cuts speak of; others are not capture's. */
  private SortedMap<String, long[]> newest = new TreeMap<>();

  /** Offset of the last cut to plan on, if there is one. */
  private long lastOffset = Long.MAX_VALUE;

  /** Offset of the last cut taken. */
  private long takenOffset = -1;

  private @Nullable Cut lastTaken;

  /** The last cut that the query has passed already. */
  private @Nullable Cut passed;

  /** The last COMPLETE cut that the batch may end on. */
  private @Nullable Cut complete;

  /** The last cut behind {@link #complete} that the batch may end on. */
  private @Nullable Cut partial;

  /** The first cut that is too far away for the batch. */
  private @Nullable Cut beyond;

  /**
   * What is planned.
   *
   * @param topics regular expression of the topics to read
   * @param offsetsMax offsets that a batch spans at most
   * @param positions where the sink was when the query started
   * @param generation of the topics that the positions belong to; {@link #ANY_GENERATION} where
   *     nothing depends on it
   * @param extent whether the query ends
   * @param idle told of a COMPLETE cut that the sink stands at and that needs no batch
   */
  record Settings(
      KafkaSettings kafka,
      Pattern topics,
      long offsetsMax,
      Map<TopicPartition, SinkPosition> positions,
      int generation,
      Extent extent,
      Consumer<Cut> idle) {}

  /** How far a query reads. */
  enum Extent {
    ENDLESS,
    /** Up to the newest cut at its start. */
    UP_TO_NOW
  }

  CutPlanner(Settings settings) {
    this.settings = settings;
    this.topic = new CutTopic(settings.kafka());
    this.begins.addMissing(Offsets.of(settings.positions()));
  }

  /**
   * Plans the next batch; waits a little when there is nothing.
   *
   * @param start where it begins; partitions that are missing begin at the sink's positions or at
   *     their earliest record, see {@link #withBegins}
   */
  CutPlan next(Offsets start) {
    if (!isOpen && !open(start)) {
      return new CutPlan.NoCuts();
    }
    carryOver(start);
    boolean hasWaited = false;
    while (beyond == null && takenOffset < lastOffset) {
      boolean mayWait = complete == null && partial == null && !hasWaited;
      Placed next = mayWait ? await() : topic.next(Duration.ZERO);
      if (next == null) {
        break;
      }
      hasWaited = true;
      takenOffset = next.offset();
      take(next.cut(), start);
    }
    return plan(start);
  }

  private @Nullable Placed await() {
    if (settings.extent() == Extent.ENDLESS) {
      return topic.next(WAIT);
    }
    long deadline = System.nanoTime() + READ_MAX.toNanos();
    for (Placed next = topic.next(WAIT); ; next = topic.next(WAIT)) {
      if (next != null) {
        return next;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Kafka does not deliver the cuts up to " + lastOffset);
      }
    }
  }

  private boolean open(Offsets start) {
    if (hasLooked && System.nanoTime() - lookedNanos < LOOK_FOR_CUTS_EVERY.toNanos()) {
      return false;
    }
    hasLooked = true;
    lookedNanos = System.nanoTime();
    Placed last = topic.exists() ? topic.newest() : null;
    if (last == null) {
      return false;
    }
    generation = last.cut().generation();
    if (settings.generation() != ANY_GENERATION && generation > settings.generation()) {
      throw begun(generation); // since the positions were compared with the topics
    }
    newest = last.cut().endOffsets();
    if (settings.extent() == Extent.UP_TO_NOW) {
      lastOffset = last.offset();
    }
    Placed behind =
        topic.seekBehind(
            cut ->
                cut.generation() < generation
                    || offsetsBetween(start, mine(cut).endOffsets()) == 0);
    takenOffset = behind == null ? -1 : behind.offset();
    if (behind != null && behind.cut().generation() == generation) {
      lastTaken = mine(behind.cut());
      passed = lastTaken;
    }
    isOpen = true;
    LOG.info(
        "Planning on cuts: first={} newest={} generation={}",
        behind == null ? "the earliest" : Lsn.format(behind.cut().lsn()),
        Lsn.format(last.cut().lsn()),
        generation);
    return true;
  }

  /** The cut without topics that this query does not read. */
  private Cut mine(Cut cut) {
    if (cut.endOffsets().keySet().stream().allMatch(name -> matches(name))) {
      return cut;
    }
    SortedMap<String, long[]> ends = new TreeMap<>(cut.endOffsets());
    ends.keySet().removeIf(name -> !matches(name));
    return new Cut(
        cut.state(), cut.lsn(), cut.commitMicros(), cut.generation(), ends, cut.unread());
  }

  private boolean matches(String name) {
    return settings.topics().matcher(name).matches();
  }

  /** What was too far away for the last batch, or was left behind its end. */
  private void carryOver(Offsets start) {
    Cut[] left = {partial, beyond};
    complete = null;
    partial = null;
    beyond = null;
    for (Cut cut : left) {
      if (cut != null) {
        place(cut, start);
      }
    }
  }

  private void take(Cut next, Offsets start) {
    if (next.generation() < generation) {
      return;
    }
    if (next.generation() > generation) {
      throw begun(next.generation());
    }
    Cut cut = mine(next);
    requireMonotone(cut);
    lastTaken = cut;
    newest = cut.endOffsets();
    place(cut, start);
  }

  private static IllegalStateException begun(int generation) {
    return new IllegalStateException(
        "Capture has begun generation " + generation + " of the topics");
  }

  private void requireMonotone(Cut cut) {
    Cut before = lastTaken;
    if (before == null) {
      return;
    }
    for (Map.Entry<String, long[]> topicEnds : before.endOffsets().entrySet()) {
      long[] ends = cut.endOffsets().get(topicEnds.getKey());
      long[] known = topicEnds.getValue();
      for (int partition = 0; partition < known.length; partition++) {
        long end = ends == null || partition >= ends.length ? 0 : ends[partition];
        if (end < known[partition]) {
          throw GapException.wentBack(
              new TopicPartition(topicEnds.getKey(), partition), end, known[partition]);
        }
      }
    }
  }

  private void place(Cut cut, Offsets start) {
    findBegins(cut, start);
    long offsets = offsetsBetween(start, cut.endOffsets());
    if (offsets == 0) {
      if (cut.isComplete()) {
        passed = cut;
      }
    } else if (offsets > settings.offsetsMax()) {
      beyond = cut;
    } else if (cut.isComplete()) {
      complete = cut;
      partial = null;
    } else {
      partial = cut;
    }
  }

  private CutPlan plan(Offsets start) {
    if (complete != null) {
      passed = null;
      return new CutPlan.Batch(
          endsAt(complete, start), isMoment(complete, start) ? complete : null);
    }
    Cut idle = passed;
    passed = null;
    if (idle != null && idle.isComplete() && isMoment(idle, start)) {
      settings.idle().accept(idle);
    }
    if (partial != null) {
      return new CutPlan.Batch(endsAt(partial, start), null);
    }
    return beyond == null
        ? new CutPlan.Nothing()
        : new CutPlan.Batch(share(start, beyond.endOffsets()), null);
  }

  /**
   * Whether the store holds no more than what lies before the cut, once it has read up to it: after
   * a crash some partitions may be further than others.
   */
  private boolean isMoment(Cut cut, Offsets start) {
    Offsets from = withBegins(start);
    boolean[] isBeyond = new boolean[1];
    from.forEach(
        (name, partition, offset) ->
            isBeyond[0] |=
                offset > end(cut.endOffsets(), name, partition)
                    && end(newest, name, partition) > 0);
    return !isBeyond[0];
  }

  private static long end(SortedMap<String, long[]> ends, String name, int partition) {
    long[] known = ends.get(name);
    return known == null || partition >= known.length ? 0 : known[partition];
  }

  private Offsets endsAt(Cut cut, Offsets start) {
    Offsets ends = new Offsets(start);
    cut.endOffsets()
        .forEach(
            (name, offsets) -> {
              for (int partition = 0; partition < offsets.length; partition++) {
                if (offsets[partition] > from(start, name, partition)) {
                  ends.put(name, partition, offsets[partition]);
                }
              }
            });
    return ends;
  }

  /** Ends on the way to others that are too far away for one batch, in proportion. */
  Offsets share(Offsets start, SortedMap<String, long[]> ends) {
    long total = offsetsBetween(start, ends);
    Offsets shared = new Offsets(start);
    double part = Math.min(1, settings.offsetsMax() / (double) Math.max(1, total));
    ends.forEach(
        (name, offsets) -> {
          for (int partition = 0; partition < offsets.length; partition++) {
            long from = from(start, name, partition);
            long size = offsets[partition] - from;
            if (size > 0) {
              long share = part == 1 ? size : Math.max(1, (long) (size * part));
              shared.put(name, partition, from + share);
            }
          }
        });
    return shared;
  }

  /** How many offsets lie between a start and some ends. */
  long offsetsBetween(Offsets start, SortedMap<String, long[]> ends) {
    long sum = 0;
    for (Map.Entry<String, long[]> topicEnds : ends.entrySet()) {
      long[] offsets = topicEnds.getValue();
      for (int partition = 0; partition < offsets.length; partition++) {
        sum += Math.max(0, offsets[partition] - from(start, topicEnds.getKey(), partition));
      }
    }
    return sum;
  }

  private long from(Offsets start, String name, int partition) {
    long offset = start.get(name, partition);
    return offset == Offsets.UNKNOWN ? Math.max(0, begins.get(name, partition)) : offset;
  }

  /** Looks up where partitions begin that have records now and were not known before. */
  private void findBegins(Cut cut, Offsets start) {
    for (Map.Entry<String, long[]> topicEnds : cut.endOffsets().entrySet()) {
      String name = topicEnds.getKey();
      long[] ends = topicEnds.getValue();
      for (int partition = 0; partition < ends.length; partition++) {
        if (ends[partition] == 0 || start.get(name, partition) != Offsets.UNKNOWN) {
          continue;
        }
        if (ends[partition] > begins.get(name, partition) && !found.contains(name)) {
          findBegin(new TopicPartition(name, partition), ends[partition]);
        }
      }
    }
  }

  private void findBegin(TopicPartition partition, long end) {
    Map<Integer, Long> earliest = topic.earliest(partition.topic());
    if (!earliest.containsKey(partition.partition())) {
      throw GapException.gone(partition, end);
    }
    found.add(partition.topic());
    earliest.forEach(
        (number, offset) -> {
          long known = begins.get(partition.topic(), number);
          if (known != Offsets.UNKNOWN && known < offset) {
            throw GapException.expired(
                new TopicPartition(partition.topic(), number), offset, end, known);
          }
          if (known == Offsets.UNKNOWN) {
            begins.put(partition.topic(), number, offset);
          }
        });
  }

  /** A batch's start with the partitions that join in it. */
  Offsets withBegins(Offsets start) {
    Offsets all = new Offsets(start);
    all.addMissing(begins);
    return all;
  }

  @Override
  public void close() {
    topic.close();
  }
}
