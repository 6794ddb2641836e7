package io.kappacdc.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.cli.supervise.FakeLauncher;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code up} as a process that is sent signals. */
class UpProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private FakeLauncher fake;
  private Path output;

  @BeforeEach
  void prepare() {
    fake = FakeLauncher.in(directory);
    output = directory.resolve("output");
  }

  @Test
  void aSignalStopsEverythingAndCountsAsSuccess() throws Exception {
    Process up = up();
    awaitReady();

    up.destroy(); // SIGTERM, which Ctrl-C's SIGINT is treated like

    assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).isEqualTo(ExitCode.OK);
    assertThat(Files.readString(output)).contains("kappa: stopping", "kappa: stopped");
    assertThat(fake.pids("capture")).noneMatch(FakeLauncher::isAlive);
    assertThat(fake.pids("process")).noneMatch(FakeLauncher::isAlive);
    assertThat(fake.home().resolve("stack.yaml")).doesNotExist();
  }

  @Test
  void afterAKillNothingIsLeftAndTheNextOneStarts() throws Exception {
    // Given
    Process killed = up();
    awaitReady();

    // When
    killed.destroyForcibly().waitFor();

    // Then
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(fake.pids("capture")).noneMatch(FakeLauncher::isAlive);
              assertThat(fake.pids("process")).noneMatch(FakeLauncher::isAlive);
            });
    Files.delete(output);
    Process next = up();
    awaitReady();
    next.destroy();
    assertThat(next.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(next.exitValue()).isEqualTo(ExitCode.OK);
  }

  @Test
  void itServesTheConsoleForAsLongAsItRuns() throws Exception {
    Process up = up();
    awaitReady();

    String url =
        Files.readAllLines(output).stream()
            .filter(line -> line.startsWith("  console "))
            .map(line -> line.substring("  console ".length()))
            .findFirst()
            .orElseThrow();
    HttpResponse<String> page =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    up.destroy();

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<title>kappa console</title>");
    assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).isEqualTo(ExitCode.OK);
    assertThat(fake.home().resolve("console-url")).doesNotExist();
  }

  @Test
  void aConsoleThatOthersReachWithoutATokenIsRefusedBeforeAnythingStarts() throws Exception {
    Process up = up("KAPPA_CONSOLE_HTTP_ADDRESS", "0.0.0.0:0");

    assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).isEqualTo(ExitCode.FAILED);
    assertThat(Files.readString(output))
        .contains("problem: The console is not served on 0.0.0.0:0", "KAPPA_CONSOLE_TOKEN");
    assertThat(fake.pids("capture")).isEmpty();
  }

  @Test
  void aFailureEndsItWithTheRolesOwnWords() throws Exception {
    Files.writeString(
        fake.home().resolve("behave-process"),
        "echo 'problem: P'; echo 'cause:   C'; echo 'remedy:  R'; exit 2");

    Process up = up();

    assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).isEqualTo(ExitCode.FAILED);
    assertThat(Files.readString(output)).contains("problem: P", "cause:   C", "remedy:  R");
    assertThat(fake.pids("capture")).noneMatch(FakeLauncher::isAlive);
  }

  @Test
  void whatCaptureHealedByReadingAnewIsVerified() throws Exception {
    // Given
    Files.writeString(fake.home().resolve("behave-verify"), "exit 1");
    Process up = up();
    awaitReady();
    says("{\"resnapshots\":{\"count\":1,\"lastReason\":\"slot gone\"}}");
    says("{\"resnapshots\":{\"count\":1,\"lastReason\":\"slot gone\",\"wholeFromLsn\":\"0/1\"}}");

    // When
    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(output).contains("NOT THE SAME: source and stores differ"));

    // Then
    up.destroy();
    assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output))
        .contains("kappa: capture has read all tables anew (slot gone); verifying");
    assertThat(fake.pids("verify")).hasSize(1).noneMatch(FakeLauncher::isAlive);
  }

  @Test
  void whatCouldNotBeVerifiedIsTriedAgain() throws Exception {
    // Given
    Files.writeString(fake.home().resolve("behave-verify"), "exit 2");
    Process up = up();
    awaitReady();
    says("{\"resnapshots\":{\"count\":1,\"lastReason\":\"slot gone\",\"wholeFromLsn\":\"0/1\"}}");
    await().atMost(PATIENCE).until(() -> Files.readString(output).contains("trying again in 1 s"));

    // When
    Files.writeString(fake.home().resolve("behave-verify"), "exit 0");

    // Then
    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(output).contains("verified: source and stores hold"));
    up.destroy();
    assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output)).containsOnlyOnce("read all tables anew");
  }

  private void says(String captureStatus) throws IOException {
    Files.writeString(fake.home().resolve("capture-status.json"), captureStatus);
  }

  private void awaitReady() {
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(output) && Files.readAllLines(output).contains("READY"));
  }

  private Process up(String... variable) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Dkappa.root=" + fake.root(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    KappaMain.class.getName(),
                    "up",
                    "--home=" + fake.home(),
                    "--source-url=jdbc:postgresql://db.example/a?user=u&password=geheim"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("KAPPA_SINK_URL", "jdbc:postgresql://db.example/b");
    builder.environment().put("KAPPA_KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092");
    for (int i = 0; i + 1 < variable.length; i += 2) {
      builder.environment().put(variable[i], variable[i + 1]);
    }
    return builder.start();
  }
}
