package io.kappacdc.chaos.stack;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The servers, their proxies, and the pipeline between them. */
public final class Stack implements AutoCloseable {
  private final Path home;
  private final PostgresServer source;
  private final PostgresServer sink;
  private final KafkaServer broker;
  private final Up up;
  private final Orders orders;
  private final Gaps gaps = new Gaps();
  private boolean isClosed;

  /**
   * How to run the pipeline.
   *
   * @param home directory of the run: {@code source}, {@code sink}, {@code broker}, {@code kappa}
   * @param captureOptions of the JVM
   * @param processorOptions of the JVM
   * @param settings of the pipeline, by path of the configuration
   */
  public record Settings(
      Path home, String captureOptions, String processorOptions, Map<String, String> settings) {
    public Settings {
      home = home.toAbsolutePath().normalize();
      settings = Map.copyOf(settings);
    }
  }

  private Stack(Settings settings, PostgresServer source, PostgresServer sink, KafkaServer broker) {
    this.home = settings.home();
    this.source = source;
    this.sink = sink;
    this.broker = broker;
    Path config = home.resolve("chaos.yaml");
    write(config, settings);
    try {
      this.orders = new Orders(ordersDirectory(home));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.up =
        new Up(
            launcher(),
            home.resolve("kappa"),
            config,
            Map.of(
                "KAPPA_SOURCE_PASSWORD", source.password(),
                "KAPPA_SINK_PASSWORD", sink.password(),
                "KAPPA_CAPTURE_OPTS", settings.captureOptions(),
                "KAPPA_PROCESSOR_OPTS", settings.processorOptions()));
  }

  /** Starts the servers; the pipeline is the caller's to start. */
  public static Stack start(Settings settings) {
    CompletableFuture<PostgresServer> source = postgres("source", settings.home());
    CompletableFuture<PostgresServer> sink = postgres("sink", settings.home());
    CompletableFuture<KafkaServer> broker =
        CompletableFuture.supplyAsync(() -> KafkaServer.start(settings.home().resolve("broker")));
    try {
      return new Stack(settings, source.join(), sink.join(), broker.join());
    } catch (CompletionException | KappaException e) {
      List.of(source, sink, broker).forEach(Stack::closeWhenStarted);
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static void closeWhenStarted(CompletableFuture<? extends Server> start) {
    try {
      start.join().close();
    } catch (CompletionException e) {
      // This one did not start.
    }
  }

  private static CompletableFuture<PostgresServer> postgres(String name, Path home) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return PostgresServer.start(name, home.resolve(name));
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static Path launcher() {
    Path script = Path.of(System.getProperty("kappa.root", ".")).resolve("kappa");
    if (!Files.isExecutable(script)) {
      throw new KappaException(
          "Cannot start the pipeline",
          "there is no launcher " + script.toAbsolutePath(),
          "Start this program with the launcher, ./kappa, of a complete installation.");
    }
    return script.toAbsolutePath().normalize();
  }

  private void write(Path config, Settings settings) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("source.url", source.url());
    values.put("source.user", source.user());
    values.put("sink.url", sink.url());
    values.put("sink.user", sink.user());
    values.put("kafka.bootstrap-servers", broker.bootstrapServers());
    values.putAll(settings.settings());
    StringBuilder yaml = new StringBuilder();
    values.forEach((path, value) -> yaml.append(path).append(": \"").append(value).append("\"\n"));
    try {
      Files.writeString(config, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public PostgresServer source() {
    return source;
  }

  public PostgresServer sink() {
    return sink;
  }

  public KafkaServer broker() {
    return broker;
  }

  /** The pipeline. */
  public Up up() {
    return up;
  }

  /** What was taken from the pipeline for good. */
  public Gaps gaps() {
    return gaps;
  }

  /** What the agents are to do. */
  public Orders orders() {
    return orders;
  }

  /** Where orders are for the agents of a run with this home. */
  public static Path ordersDirectory(Path home) {
    return home.resolve("orders");
  }

  /** The lake's root. */
  public Path lake() {
    return home.resolve("kappa").resolve("lake");
  }

  public Path home() {
    return home;
  }

  /**
   * Stops the pipeline, then the servers; those without ceremony, since nobody needs them again.
   */
  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    up.close();
    List.of(broker, source, sink).forEach(Server::close);
  }
}
