package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.CapturedTopics;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the processor, as a process, shows over HTTP. */
class ProcessorHttpTest {
  private static final Duration SOON = Duration.ofSeconds(240);
  private static final String ADDRESS_LINE = "KAPPA HTTP processor ";
  private static final List<String> SINKS =
      List.of("postgres-trail", "delta-trail", "delta-mirror");
  private static final TableSchema FUND =
      new TableSchema(
          "public",
          "fund",
          List.of(Column.of("id", "integer")),
          List.of("id"),
          ReplicaIdentity.DEFAULT);

  @TempDir Path home;

  private final KafkaSettings kafka = ServersForTests.kafka();
  private final CapturedTopics topics = new CapturedTopics(kafka);
  private final HttpClient client = HttpClient.newHttpClient();
  private EmbeddedPostgres sink;
  private Process processor;

  /** One of its own, as it goes away. */
  @BeforeEach
  void startSink() throws Exception {
    sink = EmbeddedPostgres.builder(home.resolve("sink")).setting("fsync", "off").start();
    sink.createDatabaseIfMissing("trail");
  }

  @AfterEach
  void close() throws Exception {
    processor.destroy();
    assertThat(processor.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    topics.close();
    sink.close();
  }

  /** Starts it in a JVM of its own, with what Spark needs opened as in this one. */
  private BufferedReader startProcessor() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-opens") || option.startsWith("-Djdk.reflect"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ProcessorMain.class.getName(), "process", "--home=" + home));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "KAPPA_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(),
                "KAPPA_KAFKA_TOPIC_PREFIX", kafka.topicPrefix(),
                "KAPPA_SINK_URL", sink.jdbcUrl("trail"),
                "KAPPA_SINK_USER", sink.user(),
                "KAPPA_SINK_PASSWORD", sink.password(),
                "KAPPA_PROCESSOR_MASTER", "local[2]"));
    processor = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    return processor.inputReader();
  }

  private HttpResponse<String> get(URI url, String path) {
    try {
      return client.send(
          HttpRequest.newBuilder(url.resolve(path)).timeout(SOON).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitAnswer(URI url, String path, int code, String... parts) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = get(url, path);
              assertThat(parts).allSatisfy(part -> assertThat(answer.body()).contains(part));
              assertThat(answer.statusCode()).isEqualTo(code);
            });
  }

  @Test
  void isReadyOnceItsSinksAreAndDownWhileTheSinksDatabaseIsAway() throws Exception {
    topics.createTable(FUND);
    topics.begin().create(FUND, "1").create(FUND, "2").commit();
    try (BufferedReader lines = startProcessor()) {
      String first = lines.readLine();
      assertThat(first).startsWith(ADDRESS_LINE + "http://127.0.0.1:");
      URI url = URI.create(first.substring(ADDRESS_LINE.length()));
      assertThat(get(url, "/readyz").statusCode()).isEqualTo(503);
      assertThat(get(url, "/livez").statusCode()).isEqualTo(200);
      assertThat(lines.readLine()).isEqualTo("KAPPA READY processor");

      awaitAnswer(url, "/readyz", 200, "ready");
      awaitAnswer(url, "/health", 200, "\"status\" : \"UP\"", "\"recordsProcessed\" : 6");
      for (String sink : SINKS) {
        String changes =
            "kappa_processor_changes_total{sink=\"%s\",table=\"public.fund\"} 2.0".formatted(sink);
        String lag = "kappa_processor_lag_events{sink=\"%s\"} 0.0".formatted(sink);
        awaitAnswer(url, "/metrics", 200, changes, lag);
      }
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(Files.readString(home.resolve("processor-status.json")))
                      .contains("\"httpUrl\":\"" + url + '"'));

      sink.kill();
      awaitAnswer(
          url,
          "/health",
          503,
          "\"status\" : \"DOWN\"",
          "\"sink-database\" : {\n      \"status\" : \"DOWN\"");
      topics.begin().create(FUND, "3").commit();
      awaitAnswer(url, "/readyz", 503);
      awaitAnswer(
          url,
          "/metrics",
          200,
          "kappa_processor_changes_total{sink=\"delta-trail\",table=\"public.fund\"} 3.0",
          "kappa_processor_sink_database_up 0.0");
      sink = sink.startAgain();

      awaitAnswer(url, "/readyz", 200);
      awaitAnswer(
          url,
          "/metrics",
          200,
          "kappa_processor_changes_total{sink=\"postgres-trail\",table=\"public.fund\"} 3.0",
          "kappa_processor_sink_database_up 1.0");
      awaitAnswer(url, "/health", 200, "\"status\" : \"UP\"");
    }
  }
}
