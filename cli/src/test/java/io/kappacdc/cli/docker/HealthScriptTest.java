package io.kappacdc.cli.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.kappacdc.cli.status.CaptureStatus;
import io.kappacdc.cli.status.ProcessorStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The health checks of the containers, on status files as the roles write them. */
class HealthScriptTest {
  private static final String SINK =
      """
      {"name":"%s","running":%s,"rows":7,"batches":3,"lastCommitMillis":1,"lastBatchMillis":1,\
      "restarts":0,"lastError":"","latencyMillis":{"p50":1,"p99":1,"max":1},"stopped":{%s},\
      "completeLsn":"0/1A2B3C8","completeMicros":1,"positions":{}}""";

  @TempDir Path home;

  /** What the script printed and how it ended. */
  private record Outcome(int exitCode, String text) {}

  @ParameterizedTest
  @CsvSource({
    "SNAPSHOT, 0, capture works",
    "STREAMING, 0, capture works",
    "STARTING, 1, capture is STARTING",
    "RETRYING, 1, capture is RETRYING",
    "FAILED, 1, capture is FAILED"
  })
  void captureWorksWhileItReadsTheSource(String phase, int exitCode, String text) throws Exception {
    capture(phase);

    assertThat(health("capture")).isEqualTo(new Outcome(exitCode, text));
    assertThat(CaptureStatus.read(home).orElseThrow().phase()).isEqualTo(phase);
  }

  @Test
  void silenceIsNotHealth() throws Exception {
    assertThat(health("capture")).isEqualTo(new Outcome(1, "capture has not said anything yet"));

    Path file = capture("STREAMING");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofSeconds(60))));

    assertThat(health("capture"))
        .isEqualTo(new Outcome(1, "capture has been silent for 15 seconds"));
  }

  @Test
  void theProcessorWorksWhileAllItsSinksDo() throws Exception {
    processor(SINK.formatted("postgres-trail", true, ""), SINK.formatted("mirror", true, ""));
    assertThat(ProcessorStatus.read(home).orElseThrow().sinks()).hasSize(2);

    assertThat(health("processor")).isEqualTo(new Outcome(0, "processor works"));

    processor(SINK.formatted("postgres-trail", true, ""), SINK.formatted("mirror", false, ""));
    assertThat(health("processor")).isEqualTo(new Outcome(1, "a sink does not run"));

    processor(SINK.formatted("postgres-trail", true, "\"t-0\":\"why\""));
    assertThat(health("processor"))
        .isEqualTo(new Outcome(1, "a sink has stopped partitions: see kappa status"));

    processor();
    assertThat(health("processor")).isEqualTo(new Outcome(1, "no sink runs"));
  }

  @Test
  void theConsoleWorksWhileItServesItsPage() throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1);
    AtomicInteger status = new AtomicInteger(200);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    server.start();
    String address = "0.0.0.0:" + server.getAddress().getPort();
    try {
      assertThat(console(address)).isEqualTo(new Outcome(0, "console works"));

      status.set(500);
      assertThat(console(address).text()).startsWith("the console answers: HTTP/1.1 500 ");
    } finally {
      server.stop(0);
    }
    assertThat(console(address)).isEqualTo(new Outcome(1, "the console does not answer"));
  }

  @Test
  void knowsNoOtherRole() throws Exception {
    Files.writeString(home.resolve("broker-status.json"), "{}");

    assertThat(health("broker").text()).startsWith("usage: ");
  }

  private Path capture(String phase) throws IOException {
    return Files.writeString(
        home.resolve("capture-status.json"),
        "{\"writtenMillis\":1,\"pid\":1,\"phase\":\"" + phase + "\",\"attempts\":1}");
  }

  private void processor(String... sinks) throws IOException {
    Files.writeString(
        home.resolve("processor-status.json"),
        "{\"writtenMillis\":1,\"sinks\":[" + String.join(",", sinks) + "]}");
  }

  private Outcome health(String role) throws Exception {
    return health(role, Map.of());
  }

  private Outcome console(String address) throws Exception {
    return health("console", Map.of("KAPPA_CONSOLE_HTTP_ADDRESS", address));
  }

  private Outcome health(String role, Map<String, String> environment) throws Exception {
    Path script = Path.of(System.getProperty("kappa.root"), "docker", "health");
    ProcessBuilder builder =
        new ProcessBuilder("sh", script.toString(), role, home.toString())
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), text);
  }
}
