package io.kappacdc.processor;

import io.kappacdc.processor.lake.DeltaMirrorSink;
import io.kappacdc.processor.lake.DeltaTrailSink;
import io.kappacdc.processor.lake.SchemaSource;
import io.kappacdc.processor.postgres.PostgresTrailSink;
import io.kappacdc.processor.schema.SchemaRegistry;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.processor.stream.SinkQuery;
import io.kappacdc.processor.stream.SinkQuerySettings;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/**
 * The whole wiring: three sinks, each fed by a query of its own that starts at that sink's own
 * positions.
 */
final class Pipeline implements AutoCloseable {
  private final List<SinkQuery> queries;

  Pipeline(SparkSession spark, ProcessorSettings settings, Optional<String> topic, Start start) {
    SinkQuerySettings reading =
        new SinkQuerySettings(
            settings.kafka(),
            topic.map(Pattern::quote).orElse(settings.kafka().topics().tablePattern()),
            settings.workDirectory(),
            settings.changesPerBatchMax(),
            start);
    KafkaSettings kafka = settings.kafka();
    SchemaSource schemas = () -> SchemaRegistry.shared(kafka);
    List<Sink> sinks =
        List.of(
            new PostgresTrailSink(settings.postgres(), kafka),
            new DeltaTrailSink(spark.newSession(), settings.lakePath(), schemas),
            new DeltaMirrorSink(spark.newSession(), settings.lakePath(), schemas));
    queries = sinks.stream().map(sink -> new SinkQuery(spark.newSession(), sink, reading)).toList();
  }

  void start() {
    queries.forEach(SinkQuery::start);
  }

  List<SinkQuery> queries() {
    return queries;
  }

  /** Completes when every query accepts its first trigger. */
  CompletableFuture<Void> ready() {
    return CompletableFuture.allOf(
        queries.stream().map(SinkQuery::firstTrigger).toArray(CompletableFuture<?>[]::new));
  }

  /** Completes when every query has ended; exceptionally as soon as one needs a person. */
  CompletableFuture<Void> ended() {
    CompletableFuture<Void> ended =
        CompletableFuture.allOf(
            queries.stream().map(SinkQuery::ended).toArray(CompletableFuture<?>[]::new));
    for (SinkQuery query : queries) {
      query
          .ended()
          .whenComplete(
              (nothing, error) -> {
                if (error != null) {
                  ended.completeExceptionally(error);
                }
              });
    }
    return ended;
  }

  @Override
  public void close() throws Exception {
    for (SinkQuery query : queries) {
      query.close();
    }
  }
}
