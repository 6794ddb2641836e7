package io.kappacdc.processor.health;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.NewestCut;
import io.kappacdc.processor.stream.QueryListener;
import io.kappacdc.processor.stream.SinkProgress;
import io.kappacdc.processor.stream.SinkQuery;
import io.kappacdc.processor.stream.TopicPartition;
import io.kappacdc.telemetry.Contact;
import io.kappacdc.telemetry.ErrorRate;
import io.kappacdc.telemetry.Health;
import io.kappacdc.telemetry.Health.Dependency;
import io.kappacdc.telemetry.Health.Figures;
import io.kappacdc.telemetry.Meters;
import io.kappacdc.telemetry.ProcessorMetric;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The processor's health and metrics, across the pipelines that a process runs one after the other.
 * Thread-safe.
 */
public final class ProcessorHealth implements AutoCloseable {
  /** Servers are asked every second or two, and may take ten to answer. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(45);

  /** Topic partitions that an answer names at most. */
  private static final int NAMED_MAX = 5;

  private final Meters meters;
  private final Clock clock;
  private final String topicPrefix;
  private final Contact kafka;
  private final Contact database;
  private final Instant startedAt;
  private final NewestCut newest;

  /** By sink; bounded by the number of sinks. */
  private final Map<String, SinkMetrics> listeners = new ConcurrentHashMap<>();

  private final Map<String, ErrorRate> errorsBySink = new ConcurrentHashMap<>();
  private final Map<String, SinkQuery> queries = new ConcurrentHashMap<>();
  private volatile @Nullable Future<?> started;

  private ProcessorHealth(KafkaSettings settings, Meters meters, Clock clock) {
    this.meters = meters;
    this.clock = clock;
    this.topicPrefix = settings.topicPrefix();
    this.kafka = new Contact(clock, SILENCE_MAX);
    this.database = new Contact(clock, SILENCE_MAX);
    this.startedAt = clock.instant();
    this.newest = NewestCut.watch(settings, kafka);
    meters.gauge(ProcessorMetric.KAFKA_UP.metric(), () -> kafka.isUp() ? 1 : 0);
    meters.gauge(ProcessorMetric.DATABASE_UP.metric(), () -> database.isUp() ? 1 : 0);
  }

  /** Starts asking Kafka how far the stream is. */
  public static ProcessorHealth watch(KafkaSettings settings, Meters meters, Clock clock) {
    return new ProcessorHealth(settings, meters, clock);
  }

  /** To be told whether the trail's database answers. */
  public Contact database() {
    return database;
  }

  /** Who counts what the query of this sink does. */
  public QueryListener listenerOf(String sink) {
    return listeners.computeIfAbsent(
        sink,
        name -> {
          ErrorRate own = errorsBySink.computeIfAbsent(name, any -> new ErrorRate(clock));
          return new SinkMetrics(meters, name, topicPrefix, own);
        });
  }

  /**
   * Shows these queries from now on, in place of earlier ones.
   *
   * @param ready done once all of them accept batches
   */
  public void show(List<SinkQuery> now, Future<?> ready) {
    started = ready;
    for (SinkQuery query : now) {
      String sink = query.sink().name();
      if (queries.put(sink, query) == null) {
        gauges(sink);
      }
    }
  }

  private void gauges(String sink) {
    gauge(ProcessorMetric.RUNNING, sink, query -> query.progress().snapshot().running() ? 1 : 0);
    gauge(ProcessorMetric.STOPPED, sink, query -> query.sink().stopped().size());
    gauge(ProcessorMetric.QUARANTINED, sink, query -> query.sink().quarantined());
    gauge(
        ProcessorMetric.LAST_BATCH,
        sink,
        query -> query.progress().snapshot().lastCommitMillis() / 1e3);
    gauge(
        ProcessorMetric.LSN,
        sink,
        query -> {
          Cut completed = query.progress().snapshot().completed();
          return completed == null ? Double.NaN : completed.lsn();
        });
    gauge(ProcessorMetric.LAG_EVENTS, sink, query -> orNone(lag(query).events()));
    gauge(ProcessorMetric.LAG, sink, query -> orNone(lag(query).seconds()));
  }

  private void gauge(ProcessorMetric metric, String sink, ToDoubleFunction<SinkQuery> figure) {
    meters.gauge(
        metric.metric(),
        () -> figure.applyAsDouble(Objects.requireNonNull(queries.get(sink))),
        sink);
  }

  private static double orNone(@Nullable Number number) {
    return number == null ? Double.NaN : number.doubleValue();
  }

  private SinkLag lag(SinkQuery query) {
    return SinkLag.of(
        newest.get().orElse(null),
        query.nextOffsets(),
        query.progress().snapshot().completed(),
        clock.instant());
  }

  /** All of it at this moment. */
  public Health health() {
    Map<String, Dependency> dependencies = new LinkedHashMap<>();
    dependencies.put("kafka", kafka.dependency());
    dependencies.put("sink-database", database.dependency());
    for (String sink : new TreeSet<>(queries.keySet())) {
      dependencies.put(sink, dependency(Objects.requireNonNull(queries.get(sink))));
    }
    boolean hasStarted = hasStarted();
    if (!hasStarted) {
      dependencies.put("queries", Dependency.degraded("they are starting"));
    }
    boolean ready =
        hasStarted
            && queries.values().stream().allMatch(query -> query.progress().snapshot().running());
    return new Health(
        "processor",
        hasStarted ? "RUNNING" : "STARTING",
        ready,
        startedAt,
        dependencies,
        all(dependencies.values().stream().map(Dependency::figures).filter(Objects::nonNull)));
  }

  private boolean hasStarted() {
    Future<?> ready = started;
    return ready != null && ready.isDone();
  }

  /** Of the slowest sink, but for the sums. */
  private static Figures all(Stream<Figures> sinks) {
    Figures sum = new Figures(null, 0, 0, null, null);
    for (Figures sink : sinks.toList()) {
      sum =
          new Figures(
              greatest(sum.lastBatch(), sink.lastBatch()),
              sum.records() + sink.records(),
              sum.errorsPerMinute() + sink.errorsPerMinute(),
              greatest(sum.lagEvents(), sink.lagEvents()),
              greatest(sum.lagSeconds(), sink.lagSeconds()));
    }
    return sum;
  }

  private static <T extends Comparable<T>> @Nullable T greatest(@Nullable T a, @Nullable T b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) >= 0 ? a : b;
  }

  private Dependency dependency(SinkQuery query) {
    SinkProgress.Snapshot progress = query.progress().snapshot();
    return state(query, progress).with(figures(query, progress));
  }

  private Dependency state(SinkQuery query, SinkProgress.Snapshot progress) {
    if (!progress.running()) {
      return progress.lastErrorKind().isEmpty()
          ? Dependency.degraded("its query is starting")
          : Dependency.down("its query failed and starts again: " + progress.lastErrorKind());
    }
    Map<TopicPartition, String> stopped = query.sink().stopped();
    if (stopped.isEmpty()) {
      return Dependency.up();
    }
    String named =
        stopped.keySet().stream()
            .map(TopicPartition::toString)
            .sorted()
            .limit(NAMED_MAX)
            .collect(Collectors.joining(", "));
    return Dependency.degraded(
        stopped.size()
            + " partitions have stopped, the reasons are in its status and log: "
            + named
            + (stopped.size() > NAMED_MAX ? ", …" : ""));
  }

  private Figures figures(SinkQuery query, SinkProgress.Snapshot progress) {
    SinkLag lag = lag(query);
    ErrorRate own = errorsBySink.get(query.sink().name());
    return new Figures(
        progress.lastCommitMillis() == 0 ? null : Instant.ofEpochMilli(progress.lastCommitMillis()),
        progress.rows(),
        own == null ? 0 : own.perMinute(),
        lag.events(),
        lag.seconds());
  }

  @Override
  public void close() {
    newest.close();
  }
}
