package io.kappacdc.processor;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.stream.BatchOutcome;
import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.Pacing;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A real sink that dies now and then, at places drawn by lot. */
final class DyingSink implements Sink {
  /** Of so many calls one dies. */
  private static final int ODDS = 4;

  private static final int DEATHS_MAX = 6;

  private final Sink sink;
  private final Random random;
  private volatile int deaths;

  DyingSink(Sink sink, long seed) {
    this.sink = sink;
    this.random = new Random(seed);
  }

  int deaths() {
    return deaths;
  }

  private boolean isDue() {
    return deaths < DEATHS_MAX && random.nextInt(ODDS) == 0;
  }

  private Error death(String where) {
    deaths++;
    return new Error("died " + where);
  }

  @Override
  public BatchOutcome write(ChangeBatch batch) {
    if (isDue()) {
      sink.write(new SomeTopics(batch, random.nextBoolean() ? "_a" : "_b"));
      throw death("between the tables of a batch");
    }
    BatchOutcome outcome = sink.write(batch);
    if (isDue()) {
      throw death("between a batch and its cut");
    }
    return outcome;
  }

  /** A batch of which only topics with this ending have records. */
  private record SomeTopics(ChangeBatch batch, String ending) implements ChangeBatch {
    @Override
    public long batchId() {
      return batch.batchId();
    }

    @Override
    public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
      return batch.forEachSlice(new SomeSlices<>(task, ending));
    }
  }

  private record SomeSlices<R extends Serializable>(SliceTask<R> task, String ending)
      implements SliceTask<R> {
    @Override
    public R run(TopicPartition partition, Iterator<KafkaRecord> records) throws Exception {
      return task.run(
          partition, partition.topic().endsWith(ending) ? records : Collections.emptyIterator());
    }
  }

  @Override
  public void completed(Cut cut) {
    if (isDue()) {
      throw death("before it recorded a cut");
    }
    sink.completed(cut);
    if (isDue()) {
      throw death("after it recorded a cut");
    }
  }

  @Override
  public String name() {
    return sink.name();
  }

  @Override
  public Pacing pacing() {
    return sink.pacing();
  }

  @Override
  public Map<TopicPartition, SinkPosition> positions() {
    return sink.positions();
  }

  @Override
  public int generation() {
    return sink.generation();
  }

  @Override
  public void beginAnew(Map<TopicPartition, Long> nextOffsets, int generation) {
    sink.beginAnew(nextOffsets, generation);
  }

  @Override
  public Map<TopicPartition, String> stopped() {
    return sink.stopped();
  }

  @Override
  public long quarantined() {
    return sink.quarantined();
  }

  @Override
  public void close() {
    sink.close();
  }
}
