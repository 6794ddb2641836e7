package io.kappacdc.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A source PostgreSQL, a sink PostgreSQL and a Kafka broker, started at the same time.
 *
 * @param home holds their directories {@code source}, {@code sink} and {@code kafka}
 */
public record LocalStack(
    Path home, EmbeddedPostgres source, EmbeddedPostgres sink, EmbeddedKafka kafka)
    implements AutoCloseable {

  /** Starts all three with their defaults. */
  public static LocalStack start(Path home) {
    return start(
        home,
        EmbeddedPostgres.builder(home.resolve("source")),
        EmbeddedPostgres.builder(home.resolve("sink")),
        EmbeddedKafka.builder(home.resolve("kafka")));
  }

  /**
   * For tests: in a new directory below {@code java.io.tmpdir}, without fsync (which only a crash
   * of the operating system could tell) and with a broker that compiles quickly. {@link
   * #closeAndDelete()} removes it.
   */
  public static LocalStack startTemporary() {
    try {
      Path home = Files.createTempDirectory("kappa-stack");
      return start(
          home,
          EmbeddedPostgres.builder(home.resolve("source")).setting("fsync", "off"),
          EmbeddedPostgres.builder(home.resolve("sink")).setting("fsync", "off"),
          EmbeddedKafka.builder(home.resolve("kafka")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts all three as configured, or none.
   *
   * @throws io.kappacdc.runtime.KappaException when one of them cannot start
   */
  public static LocalStack start(
      Path home,
      EmbeddedPostgres.Builder source,
      EmbeddedPostgres.Builder sink,
      EmbeddedKafka.Builder kafka) {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      var sourceStart = CompletableFuture.supplyAsync(source::start, threads);
      var sinkStart = CompletableFuture.supplyAsync(sink::start, threads);
      var kafkaStart = CompletableFuture.supplyAsync(kafka::start, threads);
      try {
        CompletableFuture.allOf(sourceStart, sinkStart, kafkaStart).join();
      } catch (CompletionException e) {
        stopStarted(List.of(sourceStart, sinkStart, kafkaStart));
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
      return new LocalStack(home, sourceStart.join(), sinkStart.join(), kafkaStart.join());
    } finally {
      threads.shutdown();
    }
  }

  private static void stopStarted(
      List<? extends CompletableFuture<? extends AutoCloseable>> starts) {
    for (var start : starts) {
      if (!start.isCompletedExceptionally()) {
        try (AutoCloseable server = start.join()) {
          // Nothing to do with it.
        } catch (Exception e) {
          throw new IllegalStateException(e); // neither server's close declares one
        }
      }
    }
  }

  /** The processes of all three at this moment. */
  public List<Long> pids() {
    return List.of(source.pids(), sink.pids(), kafka.pids()).stream()
        .flatMap(List::stream)
        .toList();
  }

  /** Stops all three at the same time. */
  @Override
  public void close() {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      CompletableFuture.allOf(
              CompletableFuture.runAsync(source::stop, threads),
              CompletableFuture.runAsync(sink::stop, threads),
              CompletableFuture.runAsync(kafka::stop, threads))
          .join();
    } finally {
      threads.shutdown();
    }
  }

  /** Stops all three and deletes their data. */
  public void closeAndDelete() {
    close();
    try {
      FileTrees.delete(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
