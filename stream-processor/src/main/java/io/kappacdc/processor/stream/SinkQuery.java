package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import io.kappacdc.runtime.KappaException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.streaming.SourceProgress;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one sink fed: starts a streaming query at the sink's own positions, and after an error
 * starts another one, with growing pauses of at most {@link #PAUSE_MAX}. Each query gets a new
 * checkpoint, which is forgotten after it: where to start is the sink's knowledge alone. One thread
 * of its own; {@link #close()} may come from any thread.
 */
public final class SinkQuery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkQuery.class);
  private static final Duration PAUSE_MIN = Duration.ofMillis(250);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(10);

  /** How long a task waits for records that are known to be there. */
  private static final Duration FETCH_MAX = Duration.ofSeconds(30);

  private final SparkSession spark;
  private final Sink sink;
  private final SinkQuerySettings settings;
  private final QueryListener listener;
  private final SinkProgress progress = new SinkProgress(Clock.systemUTC());
  private final CompletableFuture<Void> firstTrigger = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile SortedMap<String, long[]> startedAt = Collections.emptySortedMap();
  private volatile boolean closing;
  private volatile @Nullable StreamingQuery query;

  public SinkQuery(SparkSession spark, Sink sink, SinkQuerySettings settings) {
    this(spark, sink, settings, QueryListener.NONE);
  }

  public SinkQuery(
      SparkSession spark, Sink sink, SinkQuerySettings settings, QueryListener listener) {
    this.spark = MemoryCheckpoint.in(spark);
    this.sink = sink;
    this.settings = settings;
    this.listener = listener;
    this.thread = new Thread(this::run, "query-" + sink.name());
  }

  public void start() {
    thread.start();
  }

  public Sink sink() {
    return sink;
  }

  public SinkProgress progress() {
    return progress;
  }

  /**
   * The offset to read next of each topic's partitions, after the last finished batch; of stopped
   * partitions, where the query is, not the sink.
   */
  public SortedMap<String, long[]> nextOffsets() {
    StreamingQuery running = query;
    SortedMap<String, long[]> offsets = new TreeMap<>(startedAt);
    if (running != null && running.lastProgress() != null) {
      for (SourceProgress source : running.lastProgress().sources()) {
        offsets.putAll(Offsets.parse(source.endOffset()).byTopic());
      }
    }
    return offsets;
  }

  /** Completes when the query has been planned and accepts its first trigger. */
  public CompletableFuture<Void> firstTrigger() {
    return firstTrigger;
  }

  /** Completes when the query has ended; exceptionally if it needs a person. */
  public CompletableFuture<Void> ended() {
    return ended;
  }

  private void run() {
    SparkSession.setActiveSession(spark);
    Duration pause = PAUSE_MIN;
    try {
      while (!closing) {
        long batchesBefore = progress.snapshot().batches();
        try {
          runOnce();
          if (settings.replays()) {
            break;
          }
        } catch (Exception e) {
          KappaException needsPerson = needsPerson(e);
          if (needsPerson != null && !mayHeal(needsPerson)) {
            throw needsPerson;
          }
          if (!closing) {
            progress.failed(e);
            listener.failed();
            pause = progress.snapshot().batches() > batchesBefore ? PAUSE_MIN : longer(pause);
            LOG.warn(
                "Query failed, starting again at the sink's positions: sink={} pauseMillis={}"
                    + " cause={}",
                sink.name(),
                pause.toMillis(),
                rootCause(e));
            LOG.debug("Stack trace of the failed query", e);
            pauseFor(pause);
          }
        }
      }
      ended.complete(null);
    } catch (Throwable e) {
      progress.failed(e);
      listener.failed();
      firstTrigger.completeExceptionally(e);
      ended.completeExceptionally(e);
    } finally {
      progress.stopped();
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : twice;
  }

  private static @Nullable KappaException needsPerson(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof KappaException known) {
        return known;
      }
      if (cause instanceof IllegalStateException
          && String.valueOf(cause.getMessage()).contains("data may have been lost")) {
        return GapException.lost(firstLine(cause));
      }
    }
    return null;
  }

  /** Whether to wait for capture, which may restate the tables whose topics are lost. */
  private boolean mayHeal(KappaException error) {
    return settings.resumes()
        && !settings.replays()
        && error instanceof GapException gap
        && gap.mayHeal();
  }

  private static String rootCause(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + firstLine(root);
  }

  private static String firstLine(Throwable error) {
    return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
  }

  private void pauseFor(Duration pause) throws InterruptedException {
    closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void runOnce() throws Exception {
    Path checkpoint = new Path(settings.workDirectory(), sink.name() + "-" + UUID.randomUUID());
    int smallMax =
        spark.sparkContext().isLocal() ? SmallBatches.OFFSETS_MAX_LOCAL : SmallBatches.OFFSETS_MAX;
    try (SmallBatches small = new SmallBatches(settings.kafka(), smallMax)) {
      StreamingQuery started = startQuery(checkpoint.toString(), small);
      query = started;
      progress.started();
      firstTrigger.complete(null);
      if (closing) {
        started.stop();
      }
      started.awaitTermination();
    } catch (StreamingQueryException e) {
      throw e.cause() instanceof Exception cause ? cause : e;
    } finally {
      query = null;
      MemoryCheckpoint.forget(checkpoint);
    }
  }

  private StreamingQuery startQuery(String checkpoint, SmallBatches small) throws TimeoutException {
    Known known = known();
    Map<TopicPartition, SinkPosition> positions = known.positions();
    startedAt = Offsets.of(positions).byTopic();
    ReadLimit limit =
        settings.stopsAtSinkPositions() ? ReadLimit.before(positions) : ReadLimit.NONE;
    Offsets begin =
        StartingOffsets.plan(
            settings.kafka(), settings.topicPattern(), settings.replays() ? Map.of() : positions);
    LOG.info("Starting query: sink={} begin={}", sink.name(), begin);
    AtomicReference<CutStream> stream = new AtomicReference<>();
    VoidFunction2<Dataset<Row>, Long> writeBatch =
        (records, batchId) -> {
          CutStream planned = stream.get();
          Optional<ChangeBatch> inMemory =
              settings.replays() ? Optional.empty() : small.read(batchId, planned.ranges());
          writeBatch(
              inMemory.orElseGet(() -> new KafkaChangeBatch(records, batchId, limit)), planned);
        };
    return CutTable.read(spark, kafkaOptions(), kafka -> stream(kafka, begin, known, stream::set))
        .writeStream()
        .trigger(settings.replays() ? Trigger.AvailableNow() : Trigger.ProcessingTime(0))
        .queryName(sink.name())
        .option("checkpointLocation", checkpoint)
        .foreachBatch(writeBatch)
        .start();
  }

  /**
   * Where the sink is.
   *
   * @param generation of the topics that the positions belong to
   */
  private record Known(Map<TopicPartition, SinkPosition> positions, int generation) {}

  /** The sink's positions, at the beginning of topics that were begun anew. */
  private Known known() {
    Map<TopicPartition, SinkPosition> positions = sink.positions();
    if (!settings.makesMoments()) {
      return new Known(positions, CutPlanner.ANY_GENERATION);
    }
    try (CutTopic cuts = new CutTopic(settings.kafka())) {
      int known = Math.max(1, sink.generation());
      Renewal renewal = Renewal.since(cuts, known);
      if (renewal.generation() <= known) {
        return new Known(positions, known);
      }
      Map<TopicPartition, Long> begins = renewal.begins(positions, cuts);
      if (!begins.isEmpty()) {
        if (!settings.resumes()) {
          throw GapException.begunAnew(renewal.lastLsns().keySet(), renewal.generation());
        }
        LOG.warn(
            "Topics were lost and begun anew; going on at their beginning: sink={} generation={}"
                + " topics={}",
            sink.name(),
            renewal.generation(),
            renewal.lastLsns().keySet());
      }
      sink.beginAnew(begins, renewal.generation());
      return new Known(sink.positions(), renewal.generation());
    }
  }

  private CaseInsensitiveStringMap kafkaOptions() {
    KafkaSettings kafka = settings.kafka();
    Map<String, String> options = new HashMap<>();
    kafka.clientProperties().forEach((name, value) -> options.put("kafka." + name, value));
    options.put("kafka.bootstrap.servers", kafka.bootstrapServers());
    options.put("kafka.isolation.level", "read_committed");
    options.put("subscribePattern", settings.topicPattern());
    options.put("startingOffsets", "earliest");
    options.put("failOnDataLoss", "true");
    options.put("kafkaConsumer.pollTimeoutMs", Long.toString(FETCH_MAX.toMillis()));
    return new CaseInsensitiveStringMap(options);
  }

  private CutStream stream(
      MicroBatchStream kafka, Offsets begin, Known known, Consumer<CutStream> made) {
    CutPlanner planner =
        new CutPlanner(
            new CutPlanner.Settings(
                settings.kafka(),
                Pattern.compile(settings.topicPattern()),
                settings.changesPerBatchMax(),
                known.positions(),
                known.generation(),
                settings.replays() ? CutPlanner.Extent.UP_TO_NOW : CutPlanner.Extent.ENDLESS,
                this::completed));
    Pace pace = new Pace(sink.pacing(), System::nanoTime);
    CutStream stream = new CutStream(kafka, planner, begin, pace);
    made.accept(stream);
    return stream;
  }

  private void writeBatch(ChangeBatch batch, CutStream stream) {
    long startNanos = System.nanoTime();
    int stoppedBefore = sink.stopped().size();
    BatchOutcome outcome = sink.write(batch);
    Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
    Instant committedAt = progress.batchCommitted(outcome, took);
    Duration plan = Duration.ofNanos(startNanos - stream.plannedNanos());
    listener.committed(new QueryListener.Batch(outcome, committedAt, plan, took));
    int stoppedNow = sink.stopped().size();
    if (stoppedNow > stoppedBefore) {
      listener.stopped(stoppedNow - stoppedBefore);
    }
    stream.reached().ifPresent(this::completed);
  }

  private void completed(Cut cut) {
    if (settings.makesMoments()) {
      long startNanos = System.nanoTime();
      sink.completed(cut);
      progress.completed(cut);
      listener.recordedMoment(Duration.ofNanos(System.nanoTime() - startNanos));
    }
  }

  /** Stops after the batch at hand is committed or abandoned, and closes the sink. */
  @Override
  public void close() throws Exception {
    closing = true;
    closed.countDown();
    StreamingQuery running = query;
    if (running != null) {
      running.stop();
    }
    thread.join();
    sink.close();
  }
}
