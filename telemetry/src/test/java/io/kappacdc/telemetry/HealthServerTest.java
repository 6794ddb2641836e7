package io.kappacdc.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ListenAddress;
import io.kappacdc.telemetry.Health.Dependency;
import io.kappacdc.telemetry.Health.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthServerTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ListenAddress ANY_PORT = new ListenAddress("127.0.0.1", 0);

  private final Meters meters = Meters.ofThisJvm();
  private final AtomicReference<Health> health =
      new AtomicReference<>(health("STREAMING", true, Dependency.up()));
  private final CountDownLatch held = new CountDownLatch(1);
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(SOON).build();
  private HealthServer server =
      HealthServer.start(ANY_PORT, "capture.http-address", meters, health::get);

  @AfterEach
  void close() {
    held.countDown();
    server.close();
    meters.close();
  }

  private static Health health(String phase, boolean ready, Dependency source) {
    return new Health(
        "capture",
        phase,
        ready,
        Instant.parse("2026-01-01T00:00:00Z"),
        Map.of("source", source),
        new Figures(Instant.parse("2026-01-01T00:00:01.5Z"), 12, 0, null, 0.25));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path)).timeout(SOON);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  @Test
  void listensOnLoopbackOnAPortOfItsOwn() throws Exception {
    HttpResponse<String> metrics = get("/metrics");

    assertThat(server.url()).matches("http://127\\.0\\.0\\.1:\\d+");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.body()).contains("# TYPE jvm_memory_used_bytes gauge");
  }

  @Test
  void tellsHealthAsJson() throws Exception {
    HttpResponse<String> answer = get("/health");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.body())
        .isEqualToIgnoringWhitespace(
            """
            {
              "status" : "UP",
              "service" : "capture",
              "phase" : "STREAMING",
              "ready" : true,
              "startedAt" : "2026-01-01T00:00:00Z",
              "lastBatchTime" : "2026-01-01T00:00:01.500Z",
              "recordsProcessed" : 12,
              "errorsPerMinute" : 0,
              "lagSeconds" : 0.25,
              "dependencies" : { "source" : { "status" : "UP" } }
            }
            """);
  }

  @Test
  void healthIs503WhileADependencyIsDownButNotWhileOneIsDegraded() throws Exception {
    health.set(health("RETRYING", false, Dependency.down("it does not answer")));
    HttpResponse<String> down = get("/health");
    health.set(health("STREAMING", true, Dependency.degraded("its slot holds much WAL")));
    HttpResponse<String> degraded = get("/health");

    assertThat(down.statusCode()).isEqualTo(503);
    assertThat(down.body())
        .contains("\"status\" : \"DOWN\"", "\"reason\" : \"it does not answer\"");
    assertThat(degraded.statusCode()).isEqualTo(200);
    assertThat(degraded.body()).contains("\"status\" : \"DEGRADED\"");
  }

  @Test
  void readinessFollowsTheServiceAndLivenessTheProcess() throws Exception {
    HttpResponse<String> streaming = get("/readyz");
    health.set(health("SNAPSHOT", false, Dependency.up()));
    HttpResponse<String> snapshot = get("/readyz");

    assertThat(streaming.statusCode()).isEqualTo(200);
    assertThat(snapshot.statusCode()).isEqualTo(503);
    assertThat(snapshot.body()).isEqualTo("not ready: snapshot\n");
    assertThat(get("/livez").statusCode()).isEqualTo(200);
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    HttpResponse<String> head =
        client.send(
            request("/livez").method("HEAD", BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length")).contains("6");
  }

  @Test
  void refusesOtherMethodsBodiesAndPaths() throws Exception {
    HttpResponse<String> delete =
        client.send(request("/metrics").DELETE().build(), BodyHandlers.ofString());
    HttpResponse<String> body =
        client.send(
            request("/metrics").method("GET", BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());

    assertThat(delete.statusCode()).isEqualTo(405);
    assertThat(delete.headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(body.statusCode()).isEqualTo(413);
    assertThat(get("/metrics/more").statusCode()).isEqualTo(404);
    assertThat(get("/").statusCode()).isEqualTo(404);
  }

  @Test
  void answersAFewRequestsAtATimeAndTurnsTheOthersAway() throws Exception {
    server.close();
    CountDownLatch taken = new CountDownLatch(HealthServer.ANSWERS_MAX);
    server =
        HealthServer.start(
            ANY_PORT,
            "capture.http-address",
            meters,
            () -> {
              taken.countDown();
              awaitRelease();
              return health.get();
            });
    List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
    for (int i = 0; i < HealthServer.ANSWERS_MAX; i++) {
      held.add(client.sendAsync(request("/health").build(), BodyHandlers.ofString()));
    }
    assertThat(taken.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

    HttpResponse<String> oneMore = get("/livez");

    assertThat(oneMore.statusCode()).isEqualTo(503);
    assertThat(oneMore.headers().firstValue("Retry-After")).contains("1");
    this.held.countDown();
    assertThat(held)
        .allSatisfy(
            answer ->
                assertThat(answer)
                    .succeedsWithin(SOON)
                    .satisfies(a -> assertThat(a.statusCode()).isEqualTo(200)));
  }

  private void awaitRelease() {
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void hangsUpOnARequestThatDoesNotEnd() throws Exception {
    URI url = URI.create(server.url());
    try (Socket slow = new Socket(url.getHost(), url.getPort())) {
      slow.getOutputStream().write("GET /livez HTT".getBytes(StandardCharsets.US_ASCII));
      slow.setSoTimeout((int) SOON.toMillis());
      InputStream answer = slow.getInputStream();

      await().atMost(SOON).until(() -> isClosed(answer));
    }
    assertThat(get("/livez").statusCode()).isEqualTo(200);
  }

  private static boolean isClosed(InputStream answer) {
    try {
      return answer.read() == -1;
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void saysWhichKeyToChangeWhenThePortIsTaken() {
    URI url = URI.create(server.url());
    ListenAddress taken = new ListenAddress(url.getHost(), url.getPort());

    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> HealthServer.start(taken, "processor.http-address", meters, health::get))
        .satisfies(
            e -> {
              assertThat(e.problem()).isEqualTo("Cannot serve metrics and health on " + taken);
              assertThat(e.remedy()).startsWith("Set processor.http-address to another address");
            });
  }

  @Test
  void aFailureToFindOutIsA500WithoutItsDetails() throws Exception {
    server.close();
    server =
        HealthServer.start(
            ANY_PORT,
            "capture.http-address",
            meters,
            () -> {
              throw new IllegalStateException("secret");
            });

    HttpResponse<String> answer = get("/health");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("secret");
  }
}
