package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.publish.Resnapshots;
import io.kappacdc.event.Lsn;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A source database of its own, with slot and topics of its own, and captures of it. */
final class CaptureFixture implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  static final Duration PATIENCE = Duration.ofSeconds(120);

  final String name;
  final TopicReader topics;
  private final Map<String, String> settings = new TreeMap<>();
  private final List<RunningCapture> captures = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private EmbeddedPostgres postgres;
  private @Nullable Path yaml;

  CaptureFixture(Servers servers) {
    this.postgres = servers.postgres();
    this.name = "t" + NUMBER.incrementAndGet() + "_" + ProcessHandle.current().pid();
    try {
      postgres.createDatabaseIfMissing(name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    this.topics = new TopicReader(servers.kafka().bootstrapServers(), name);
    moveTo(postgres);
    settings.put("source.slot", "slot_" + name);
    settings.put("kafka.bootstrap-servers", servers.kafka().bootstrapServers());
    settings.put("kafka.topic-prefix", name);
    settings.put("capture.heartbeat-interval", "1s");
  }

  /** From here on the source is another server. */
  void moveTo(EmbeddedPostgres server) {
    postgres = server;
    settings.put("source.url", server.jdbcUrl(name));
    settings.put("source.user", server.user());
    settings.put("source.password", server.password());
  }

  CaptureFixture with(String path, String value) {
    settings.put(path, value);
    return this;
  }

  CaptureFixture withYaml(String text) {
    try {
      yaml = Files.writeString(Files.createTempFile("kappa", ".yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** The settings as a file for a command. */
  Path configFile() {
    StringBuilder text = new StringBuilder();
    settings.forEach((path, value) -> text.append(path).append(": '").append(value).append("'\n"));
    try {
      return Files.writeString(Files.createTempFile("kappa", ".yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  KappaConfig config() {
    ConfigLoader loader = new ConfigLoader();
    if (yaml != null) {
      loader.file(yaml);
    }
    return loader.flags(settings).load();
  }

  void sql(String... statements) {
    try (Connection connection = postgres.connect(name);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Nullable String query(String sql) {
    try (Connection connection = postgres.connect(name);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The rows of a table as {@link TopicReader#fold} gives them. */
  Map<String, String> rows(String table) {
    Map<String, String> rows = new TreeMap<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
      while (row.next()) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          text.append('/').append(row.getString(i));
        }
        rows.put(row.getString(1), text.toString());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return rows;
  }

  Connection connect() throws SQLException {
    return postgres.connect(name);
  }

  /** Starts capture in this JVM and waits until it captures. */
  RunningCapture start() {
    return start(SnapshotPolicy.asNeeded());
  }

  RunningCapture start(SnapshotPolicy policy) {
    RunningCapture capture = new RunningCapture(config(), policy);
    captures.add(capture);
    capture.awaitReady();
    capture.awaitStreaming();
    return capture;
  }

  /** Starts one more capture of the same slot, without waiting for it. */
  RunningCapture startBeside() {
    RunningCapture capture = new RunningCapture(config(), SnapshotPolicy.asNeeded());
    captures.add(capture);
    return capture;
  }

  /** The error that a start ends with. */
  Throwable startFailing() {
    return startFailing(Duration.ZERO);
  }

  Throwable startFailing(Duration patience) {
    CaptureService service =
        new CaptureService(
            config(),
            SnapshotPolicy.asNeeded(),
            patience,
            new CaptureStatus(Clock.systemUTC()),
            () -> {});
    try {
      service.run();
    } catch (RuntimeException e) {
      return e;
    }
    throw new AssertionError("Capture ended without an error");
  }

  /** Starts capture in a JVM of its own, which can be killed. */
  Process startProcess() {
    return startProcess("-Xmx256m");
  }

  Process startProcess(String heap) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            heap,
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            CaptureMain.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    settings.forEach(
        (path, value) -> builder.environment().put(ConfigLoader.variable(path), value));
    builder.environment().put("KAPPA_LAKE_PATH", "unused");
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    try {
      Process process = builder.start();
      processes.add(process);
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until a process that was just started captures. */
  static void awaitReady(Process process) throws IOException {
    try (var lines = process.inputReader()) {
      assertThat(lines.readLine()).startsWith("KAPPA HTTP capture http://127.0.0.1:");
      assertThat(lines.readLine()).isEqualTo("KAPPA READY capture");
    }
  }

  /** Where a process that was just started serves metrics and health. */
  static URI httpUrl(Process process) throws IOException {
    String line = process.inputReader().readLine();
    assertThat(line).startsWith("KAPPA HTTP capture http://");
    return URI.create(line.substring("KAPPA HTTP capture ".length()));
  }

  /** Waits until everything committed so far is in Kafka. */
  void awaitCaptured() {
    long fence =
        Lsn.parse(
            query(
                "SELECT pg_logical_emit_message(false, 'kappa.fence', ''), pg_current_xact_id()"));
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              captures.forEach(RunningCapture::requireAlive);
              assertThat(topics.lastCutLsn()).isGreaterThanOrEqualTo(fence);
            });
  }

  @Override
  public void close() {
    captures.forEach(RunningCapture::stop);
    for (Process process : processes) {
      process.destroyForcibly();
      process.onExit().join();
    }
    topics.close();
    sql(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
            + " WHERE slot_name = 'slot_"
            + name
            + "' AND active");
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                sql(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                        + " WHERE slot_name = 'slot_"
                        + name
                        + "'"));
  }

  /** Capture in a thread of this JVM. */
  static final class RunningCapture {
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CaptureStatus status = new CaptureStatus(Clock.systemUTC());
    private final CaptureService service;
    private final CompletableFuture<Void> run;

    RunningCapture(KappaConfig config, SnapshotPolicy policy) {
      service = new CaptureService(config, policy, Duration.ofMinutes(1), status, ready::countDown);
      run =
          CompletableFuture.runAsync(
              service::run, task -> new Thread(task, "capture-under-test").start());
    }

    void awaitReady() {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                requireAlive();
                return ready.await(100, TimeUnit.MILLISECONDS);
              });
    }

    /** What is written from here on the stream brings, and no snapshot. */
    void awaitStreaming() {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                requireAlive();
                return status.snapshot().phase() == CaptureStatus.Phase.STREAMING;
              });
    }

    void requireAlive() {
      if (run.isCompletedExceptionally()) {
        run.join();
      }
    }

    Resnapshots resnapshots() {
      requireAlive();
      return status.snapshot().resnapshots();
    }

    CaptureStatus statusSource() {
      return status;
    }

    CaptureStatus.Snapshot status() {
      return status.snapshot();
    }

    /** The error that ended it. */
    Throwable awaitFailure() {
      await().atMost(PATIENCE).until(run::isDone);
      return run.handle((done, error) -> error).join();
    }

    void stop() {
      service.stop(PATIENCE);
    }
  }
}
