package io.kappacdc.processor;

import io.kappacdc.processor.lake.DeltaMirrorSink;
import io.kappacdc.processor.lake.DeltaTrailSink;
import io.kappacdc.processor.lake.SchemaSource;
import io.kappacdc.processor.postgres.PostgresTrailSink;
import io.kappacdc.processor.schema.SchemaRegistry;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.QueryListener;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.processor.stream.SinkQuery;
import io.kappacdc.processor.stream.SinkQuerySettings;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/**
 * The whole wiring: three sinks, each fed by a query of its own that starts at that sink's own
 * positions.
 */
final class Pipeline implements AutoCloseable {
  private final List<SinkQuery> queries;
  private final CompletableFuture<Void> ready;
  private final CompletableFuture<Void> ended;

  Pipeline(SparkSession spark, ProcessorSettings settings, Optional<String> topic, Start start) {
    this(spark, settings, topic, start, sink -> QueryListener.NONE);
  }

  /**
   * @param listeners who is told of the query that feeds a sink, by the sink's name
   */
  Pipeline(
      SparkSession spark,
      ProcessorSettings settings,
      Optional<String> topic,
      Start start,
      Function<String, QueryListener> listeners) {
    SinkQuerySettings reading =
        new SinkQuerySettings(
            settings.kafka(),
            topic.map(Pattern::quote).orElse(settings.kafka().topics().tablePattern()),
            settings.workDirectory(),
            settings.changesPerBatchMax(),
            settings.onGap(),
            start);
    KafkaSettings kafka = settings.kafka();
    SchemaSource schemas = () -> SchemaRegistry.shared(kafka);
    List<Sink> sinks =
        List.of(
            new PostgresTrailSink(settings.postgres(), kafka),
            new DeltaTrailSink(
                spark.newSession(), settings.lakePath(), schemas, settings.cutInterval()),
            new DeltaMirrorSink(
                spark.newSession(),
                settings.lakePath(),
                schemas,
                settings.mirrors(),
                settings.cutInterval()));
    queries =
        sinks.stream()
            .map(
                sink ->
                    new SinkQuery(spark.newSession(), sink, reading, listeners.apply(sink.name())))
            .toList();
    ready = all(SinkQuery::firstTrigger);
    ended = allOrFirstFailure();
  }

  void start() {
    queries.forEach(SinkQuery::start);
  }

  List<SinkQuery> queries() {
    return queries;
  }

  /** Completes when every query accepts its first trigger. */
  CompletableFuture<Void> ready() {
    return ready;
  }

  /** Completes when every query has ended; exceptionally as soon as one needs a person. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  private CompletableFuture<Void> all(Function<SinkQuery, CompletableFuture<Void>> part) {
    return CompletableFuture.allOf(queries.stream().map(part).toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> allOrFirstFailure() {
    CompletableFuture<Void> all = all(SinkQuery::ended);
    for (SinkQuery query : queries) {
      query
          .ended()
          .whenComplete(
              (nothing, error) -> {
                if (error != null) {
                  all.completeExceptionally(error);
                }
              });
    }
    return all;
  }

  /** Stops all queries side by side, each after its batch at hand. */
  @Override
  public void close() {
    all(query -> CompletableFuture.runAsync(() -> close(query))).join();
  }

  private static void close(SinkQuery query) {
    try {
      query.close();
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }
}
