package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedPostgres;
import io.kappacdc.telemetry.CaptureMetric;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What capture, as a process, shows over HTTP. */
@ExtendWith(TestServers.class)
class HealthTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Process process;

  @AfterEach
  void stop() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private HttpResponse<String> get(URI capture, String path) {
    try {
      return client.send(
          HttpRequest.newBuilder(capture.resolve(path)).timeout(CaptureFixture.PATIENCE).build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitAnswer(URI capture, String path, int code, String... parts) {
    await()
        .atMost(CaptureFixture.PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = get(capture, path);
              assertThat(parts).allSatisfy(part -> assertThat(answer.body()).contains(part));
              assertThat(answer.statusCode()).isEqualTo(code);
            });
  }

  private static List<String> series(String metrics) {
    return metrics
        .lines()
        .map(line -> line.split("[{ ]", 2)[0])
        .filter(name -> name.startsWith("kappa_"))
        .distinct()
        .toList();
  }

  private static double value(String metrics, String series) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(series + ' '))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + series));
  }

  @Test
  void isReadyOnceItStreamsAndCountsWhatItPublished(Servers servers) throws Exception {
    try (CaptureFixture source = new CaptureFixture(servers)) {
      source.with("source.slot-check-interval", "500ms");
      source.sql(
          "CREATE TABLE fund (id int PRIMARY KEY, name text)",
          "CREATE TABLE other (id int PRIMARY KEY)",
          "INSERT INTO fund VALUES (1, 'secret-name'), (2, 'secret-name')");
      URI capture = CaptureFixture.httpUrl(source.startProcess());
      assertThat(get(capture, "/readyz").statusCode()).isEqualTo(503);
      assertThat(get(capture, "/livez").statusCode()).isEqualTo(200);
      awaitAnswer(capture, "/readyz", 200, "ready");

      source.sql(
          "INSERT INTO fund SELECT i, 'secret-name' FROM generate_series(3, 102) i",
          "UPDATE fund SET name = 'x' WHERE id <= 5",
          "INSERT INTO other VALUES (1)");

      awaitAnswer(
          capture,
          "/metrics",
          200,
          "kappa_capture_events_total{table=\"public.fund\"} 107.0",
          "kappa_capture_events_total{table=\"public.other\"} 1.0",
          "kappa_capture_phase{phase=\"streaming\"} 1.0",
          "kappa_capture_phase{phase=\"snapshot\"} 0.0");
      await()
          .atMost(CaptureFixture.PATIENCE)
          .until(
              () -> value(get(capture, "/metrics").body(), "kappa_capture_slot_held_bytes") >= 0);
      String metrics = get(capture, "/metrics").body();
      assertThat(series(metrics))
          .hasSameElementsAs(
              Arrays.stream(CaptureMetric.values())
                  .flatMap(metric -> metric.metric().series().stream())
                  .toList());
      assertThat(value(metrics, "kappa_capture_published_bytes_total{table=\"public.fund\"}"))
          .isBetween(107.0 * 10, 107.0 * 1000);
      assertThat(value(metrics, "kappa_capture_kafka_transaction_events_sum")).isEqualTo(108);
      assertThat(value(metrics, "kappa_capture_snapshot_rows")).isEqualTo(2);
      assertThat(value(metrics, "kappa_capture_lag_seconds")).isBetween(0.0, 30.0);
      assertThat(value(metrics, "kappa_capture_reconnects_total")).isZero();
      String health = get(capture, "/health").body();
      assertThat(health)
          .contains("\"status\" : \"UP\"", "\"phase\" : \"STREAMING\"", "\"ready\" : true")
          .contains("\"recordsProcessed\" : 108", "\"lastBatchTime\" : \"2", "\"lagSeconds\" : ");
      assertThat(health + metrics)
          .doesNotContain("secret-name", "jdbc:", source.config().source().password());
    }
  }

  @Test
  void isDownWhileAServerIsAwayAndUpAfterwards() throws Exception {
    try (Servers servers = Servers.start()) {
      CaptureFixture source = new CaptureFixture(servers);
      source.with("source.slot-check-interval", "500ms");
      source.sql("CREATE TABLE fund (id int PRIMARY KEY)");
      process = source.startProcess();
      URI capture = CaptureFixture.httpUrl(process);
      awaitAnswer(capture, "/health", 200, "\"status\" : \"UP\"", "\"phase\" : \"STREAMING\"");

      servers.postgres().kill();
      awaitAnswer(capture, "/health", 503, "\"source\" : {\n      \"status\" : \"DOWN\"");
      awaitAnswer(capture, "/readyz", 503, "not ready: ");
      EmbeddedPostgres postgres = servers.postgres().startAgain();
      awaitAnswer(capture, "/health", 200, "\"status\" : \"UP\"", "\"phase\" : \"STREAMING\"");
      awaitAnswer(capture, "/readyz", 200);

      servers.kafka().kill();
      source.sql("INSERT INTO fund VALUES (1)");
      awaitAnswer(capture, "/health", 503, "\"kafka\" : {\n      \"status\" : \"DOWN\"");
      EmbeddedKafka kafka = servers.kafka().startAgain();
      awaitAnswer(capture, "/health", 200, "\"status\" : \"UP\"", "\"phase\" : \"STREAMING\"");
      assertThat(value(get(capture, "/metrics").body(), "kappa_capture_reconnects_total"))
          .isPositive();
      assertThat(value(get(capture, "/metrics").body(), "kappa_capture_failures_total"))
          .isPositive();

      source.close();
      kafka.close();
      postgres.close();
    }
  }
}
