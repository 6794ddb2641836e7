package io.kappacdc.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kappacdc.runtime.KappaException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackTest {
  @TempDir Path home;

  @Test
  void twoStacksRunSideBySide() {
    // Given / When
    LocalStack one = LocalStack.startTemporary();
    LocalStack other = LocalStack.startTemporary();

    // Then
    assertThat(Stream.of(one, other).flatMap(LocalStackTest::ports).collect(Collectors.toSet()))
        .hasSize(6);
    one.closeAndDelete();
    assertThat(one.home()).doesNotExist();
    assertThat(other.source().isHealthy()).isTrue();
    assertThat(other.sink().isHealthy()).isTrue();
    assertThat(other.kafka().isHealthy()).isTrue();
    List<Long> processes = other.pids();
    other.closeAndDelete();
    assertThat(Pids.running(processes)).isEmpty();
  }

  @Test
  void startsAllServersOrNone() {
    // Given
    Set<Long> before = Set.copyOf(Pids.descendants());

    // When / Then
    assertThatThrownBy(
            () ->
                LocalStack.start(
                    home,
                    EmbeddedPostgres.builder(home.resolve("source")),
                    EmbeddedPostgres.builder(home.resolve("sink")).setting("no_such", "1"),
                    EmbeddedKafka.builder(home.resolve("kafka"))))
        .isInstanceOf(KappaException.class)
        .hasMessageContaining("no_such");
    await().untilAsserted(() -> assertThat(Pids.descendants()).isSubsetOf(before));
  }

  @Test
  void serversEndWithTheProcessThatStartedThemHoweverItEnds() throws Exception {
    // Given
    Owner owner = startOwner();
    assertThat(Pids.running(owner.servers())).hasSameElementsAs(owner.servers());

    // When
    owner.process().destroyForcibly();

    // Then
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(Pids.running(owner.servers())).isEmpty());
  }

  @Test
  void startsOnTheDataOfACrashedStackWhoseServersStillRun() throws Exception {
    // Given: the source died, and suspended processes keep its shared memory, as if stuck in I/O
    Owner owner = startOwner();
    assertThatThrownBy(() -> LocalStack.start(home))
        .isInstanceOf(KappaException.class)
        .hasMessageContaining("process " + owner.process().pid() + " already runs it there");
    owner.sourceChildren().forEach(pid -> Pids.signal("STOP", pid));
    Pids.signal("KILL", owner.source());
    owner.process().destroyForcibly().waitFor();
    assertThat(Pids.running(owner.servers())).containsAll(owner.sourceChildren());

    // When
    try (LocalStack stack = LocalStack.start(home)) {
      // Then
      assertThat(Pids.running(owner.servers())).isEmpty();
      assertThat(stack.source().isHealthy()).isTrue();
      assertThat(stack.sink().isHealthy()).isTrue();
      assertThat(stack.kafka().isHealthy()).isTrue();
    }
  }

  private record Owner(
      Process process, long source, List<Long> sourceChildren, List<Long> servers) {}

  /** A JVM with the class path of a module that uses this one: no Kafka, no archive libraries. */
  private Owner startOwner() throws IOException {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(
                entry ->
                    entry.endsWith("classes")
                        || entry.contains("runtime-0")
                        || entry.contains("jspecify")
                        || entry.contains("postgresql-42"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Platform.java(),
                "-Dkappa.root=" + System.getProperty("kappa.root"),
                "-cp",
                classPath,
                StackOwnerMain.class.getName(),
                home.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    List<Long> source = pids(output.readLine());
    List<Long> servers = pids(output.readLine());
    return new Owner(process, source.get(0), source.subList(1, source.size()), servers);
  }

  private static List<Long> pids(String line) {
    return Stream.of(line.split(" ")).map(Long::valueOf).toList();
  }

  private static Stream<Integer> ports(LocalStack stack) {
    return Stream.of(stack.source().port(), stack.sink().port(), stack.kafka().port());
  }
}
