package io.kappacdc.cli.supervise;

import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.DataSize;
import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedPostgres;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The servers that run here because the configuration points to no others. Not thread-safe, apart
 * from its own start.
 */
final class EmbeddedServers implements AutoCloseable {
  private final Map<String, Server> servers = new LinkedHashMap<>();

  /** A server that this process runs; started again, it is another object. */
  interface Server {
    long pid();

    String log();

    /** What others must know, by path of the configuration. */
    Map<String, String> values();

    Server startAgain() throws SQLException;

    void stop();
  }

  record Postgres(EmbeddedPostgres server, String section) implements Server {
    static Postgres start(KappaHome home, String section) throws SQLException {
      return ready(
          EmbeddedPostgres.builder(home.resolve(section)).withoutShutdownHook().start(), section);
    }

    private static Postgres ready(EmbeddedPostgres server, String section) throws SQLException {
      server.createDatabaseIfMissing(section);
      return new Postgres(server, section);
    }

    @Override
    public long pid() {
      return server.pid();
    }

    @Override
    public String log() {
      return server.log().toString();
    }

    @Override
    public Map<String, String> values() {
      return Map.of(
          section + ".url",
          server.jdbcUrl(section),
          section + ".user",
          server.user(),
          section + ".password",
          server.password());
    }

    @Override
    public Server startAgain() throws SQLException {
      server.kill();
      return ready(server.startAgain(), section);
    }

    @Override
    public void stop() {
      server.stop();
    }
  }

  record Kafka(EmbeddedKafka server) implements Server {
    static Kafka start(KappaHome home, Map<String, String> configured) {
      long heap = DataSize.parse(configured.get("kafka.heap")).mebibytes();
      return new Kafka(
          EmbeddedKafka.builder(home.resolve("kafka"))
              .heap(heap + "m")
              .withoutShutdownHook()
              .start());
    }

    @Override
    public long pid() {
      return server.pid();
    }

    @Override
    public String log() {
      return server.log().toString();
    }

    @Override
    public Map<String, String> values() {
      return Map.of("kafka.bootstrap-servers", server.bootstrapServers());
    }

    @Override
    public Server startAgain() {
      server.kill();
      return new Kafka(server.startAgain());
    }

    @Override
    public void stop() {
      server.stop();
    }
  }

  @FunctionalInterface
  private interface Start {
    Server start() throws SQLException;
  }

  /**
   * Starts, at the same time, what {@code configured} does not name, or nothing at all.
   *
   * @throws io.kappacdc.runtime.KappaException when one of them cannot start
   */
  static EmbeddedServers start(KappaHome home, Map<String, String> configured) {
    Map<String, Start> missing = new LinkedHashMap<>();
    if (!configured.containsKey("kafka.bootstrap-servers")) {
      missing.put("kafka", () -> Kafka.start(home, configured));
    }
    for (String section : List.of("source", "sink")) {
      if (!configured.containsKey(section + ".url")) {
        missing.put(section, () -> Postgres.start(home, section));
      }
    }
    EmbeddedServers started = new EmbeddedServers();
    if (!missing.isEmpty()) {
      started.startAll(missing);
    }
    return started;
  }

  private void startAll(Map<String, Start> missing) {
    ExecutorService threads = Executors.newFixedThreadPool(missing.size());
    try {
      List<CompletableFuture<Void>> starts = new ArrayList<>();
      missing.forEach(
          (name, start) -> starts.add(CompletableFuture.runAsync(() -> add(name, start), threads)));
      CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      close();
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      threads.shutdown();
    }
  }

  private void add(String name, Start start) {
    try {
      Server server = start.start();
      synchronized (servers) {
        servers.put(name, server);
      }
    } catch (SQLException e) {
      throw SuperviseErrors.serverUnusable(name, e);
    }
  }

  /** What runs, by its section of the configuration. */
  Map<String, Server> running() {
    return Collections.unmodifiableMap(servers);
  }

  /** The values of all of them by path of the configuration. */
  Map<String, String> values() {
    Map<String, String> values = new TreeMap<>();
    servers.values().forEach(server -> values.putAll(server.values()));
    return values;
  }

  /** Starts again, on its data, a server that has died. */
  void startAgain(String name) {
    try {
      servers.put(name, servers.get(name).startAgain());
    } catch (SQLException e) {
      throw SuperviseErrors.serverUnusable(name, e);
    }
  }

  /** Stops Kafka first, then the databases, those at the same time. */
  @Override
  public void close() {
    synchronized (servers) {
      Server kafka = servers.remove("kafka");
      if (kafka != null) {
        kafka.stop();
      }
      servers.values().parallelStream().forEach(Server::stop);
      servers.clear();
    }
  }
}
