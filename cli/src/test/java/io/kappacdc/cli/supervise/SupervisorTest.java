package io.kappacdc.cli.supervise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.kappacdc.cli.config.Database;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private FakeLauncher fake;
  private final List<String> notes = new ArrayList<>();
  private static final int RESTARTS_MAX_BY_DEFAULT = 5;
  private final SteppedClock clock = new SteppedClock();

  /** A clock that stands still unless it is told to go on. */
  private static final class SteppedClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void prepare() {
    fake = FakeLauncher.in(directory);
  }

  @Test
  void startsTheRolesTellsOthersAndStopsThemInTheEnd() throws IOException {
    Path stackFile = fake.home().resolve("stack.yaml");
    List<Long> pids = new ArrayList<>();

    try (Supervisor supervisor = started(elsewhere())) {
      await().atMost(PATIENCE).until(supervisor::isReady);

      assertThat(Files.readString(stackFile)).contains("source.password: \"geheim\"");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stackFile)))
          .isEqualTo("rw-------");
      pids.addAll(fake.pids("capture"));
      pids.addAll(fake.pids("process"));
      assertThat(pids).hasSize(2).allMatch(FakeLauncher::isAlive);
    }

    assertThat(stackFile).doesNotExist();
    assertThat(pids).noneMatch(FakeLauncher::isAlive);
  }

  @Test
  void secretsReachTheRolesThroughTheEnvironmentOnly() {
    try (Supervisor supervisor = started(elsewhere())) {
      await().atMost(PATIENCE).until(supervisor::isReady);

      assertThat(fake.noted("environment", "capture")).contains("KAPPA_SOURCE_PASSWORD=geheim");
      assertThat(fake.noted("arguments", "capture").strip())
          .isEqualTo("capture --home=" + fake.home());
    }
  }

  @Test
  void knowsWhereTheRolesServeMetricsAndHealth() {
    fake.behave("capture", "echo 'KAPPA HTTP capture http://127.0.0.1:4711'");
    try (Supervisor supervisor = started(elsewhere())) {
      await().atMost(PATIENCE).until(supervisor::isReady);

      assertThat(supervisor.httpUrls())
          .containsExactly(Map.entry("capture", "http://127.0.0.1:4711"));
    }
  }

  @Test
  void aRoleThatIsKilledIsStartedAgain() {
    try (Supervisor supervisor = started(elsewhere())) {
      await().atMost(PATIENCE).until(() -> tended(supervisor).isReady());

      ProcessHandle.of(fake.pids("process").get(0)).orElseThrow().destroyForcibly();

      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                clock.now = clock.now.plusSeconds(1);
                return tended(supervisor).isReady() && fake.pids("process").size() == 2;
              });
      assertThat(notes)
          .containsExactly("the processor process ended with code 137; starting it again in 0.5 s");
    }
  }

  @Test
  void aRoleThatSaysWhyItCannotWorkIsNotTriedAgain() {
    fake.behave(
        "capture",
        """
        echo 'problem: The source cannot be captured'
        echo 'cause:   wal_level is replica'
        echo 'remedy:  ALTER SYSTEM SET wal_level = logical;'
        exit 1
        """);
    try (Supervisor supervisor = started(elsewhere())) {
      assertThatExceptionOfType(KappaException.class)
          .isThrownBy(() -> await().atMost(PATIENCE).until(() -> tended(supervisor).isReady()))
          .satisfies(
              e -> {
                assertThat(e.problem()).isEqualTo("The source cannot be captured");
                assertThat(e.reason()).isEqualTo("wal_level is replica");
                assertThat(e.remedy()).startsWith("ALTER SYSTEM SET wal_level = logical;");
              });
    }
    assertThat(fake.pids("capture")).hasSize(1);
  }

  @Test
  void aRoleThatFailsAgainAndAgainIsGivenUpWithItsLastWords() {
    fake.behave("process", "echo 'Exception: out of luck'; exit 3");
    try (Supervisor supervisor = started(elsewhere())) {
      assertThatExceptionOfType(KappaException.class)
          .isThrownBy(
              () ->
                  await()
                      .atMost(PATIENCE)
                      .until(
                          () -> {
                            clock.now = clock.now.plusSeconds(1);
                            return tended(supervisor).isReady();
                          }))
          .satisfies(
              e -> {
                assertThat(e.problem()).isEqualTo("The processor process does not stay up");
                assertThat(e.reason()).contains("exited with code 3", "Exception: out of luck");
              });
    }
    assertThat(fake.pids("process")).hasSize(RESTARTS_MAX_BY_DEFAULT + 1);
    assertThat(fake.pids("capture")).noneMatch(FakeLauncher::isAlive);
  }

  @Test
  void aSecondSupervisorOfTheSameHomeIsRefused() {
    try (Supervisor first = started(elsewhere())) {
      assertThatExceptionOfType(KappaException.class)
          .isThrownBy(() -> claim(elsewhere()))
          .satisfies(
              e -> {
                assertThat(e.problem()).isEqualTo("A stack is up in " + fake.home() + " already");
                assertThat(e.remedy()).contains("kill " + ProcessHandle.current().pid());
              });
      assertThat(first.notReady()).isSubsetOf("capture", "processor");
    }
  }

  @Test
  void whatAnEarlierSupervisorLeftRunningIsStoppedFirst() throws IOException {
    Process orphan = new ProcessBuilder("sleep", "300").start();
    new PidFiles(fake.home().resolve("run")).remember(Role.CAPTURE, orphan.toHandle());

    try (Supervisor supervisor = claim(elsewhere())) {
      assertThat(orphan.isAlive()).isFalse();
      assertThat(supervisor.embedded()).isEmpty();
      assertThat(notes)
          .containsExactly("stopped the capture process that an earlier run left behind");
    }
  }

  @Test
  void anotherProcessWithARememberedNumberIsLeftAlone() throws IOException {
    Process stranger = new ProcessBuilder("sleep", "300").start();
    try {
      Path file = Files.createDirectories(fake.home().resolve("run")).resolve("capture.pid");
      Files.writeString(file, stranger.pid() + " 1000");

      claim(elsewhere()).close();

      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroyForcibly();
    }
  }

  @Test
  void anEmbeddedServerThatIsKilledComesBackWithItsData() throws Exception {
    Map<String, String> configured = new HashMap<>(elsewhere());
    configured.keySet().removeIf(path -> path.startsWith("source."));
    try (Supervisor supervisor = started(configured)) {
      Database source = Database.of("source", supervisor.effective());
      try (Connection connection = source.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE kept (id int)");
      }
      assertThat(fake.home().resolve("pgpass")).content().contains(":*:kappa:");
      String pidFile = Files.readString(fake.home().resolve("source/data/postmaster.pid"));

      ProcessHandle server =
          ProcessHandle.of(pidFile.lines().findFirst().map(Long::valueOf).get()).orElseThrow();
      server.destroyForcibly();
      server.onExit().join();
      await().atMost(PATIENCE).until(() -> tended(supervisor).isReady());

      try (Connection connection = source.connect();
          Statement statement = connection.createStatement()) {
        assertThat(statement.execute("SELECT * FROM kept")).isTrue();
      }
      assertThat(notes)
          .containsExactly("the embedded source server died; starting it again on its data");
    }
  }

  private Supervisor started(Map<String, String> configured) {
    Supervisor supervisor = claim(configured);
    supervisor.startServers();
    supervisor.startRoles();
    return supervisor;
  }

  private Supervisor claim(Map<String, String> configured) {
    return Supervisor.claim(
        new Supervisor.Settings(new KappaHome(fake.home()), configured),
        fake.launcher(),
        notes::add,
        clock);
  }

  private static Supervisor tended(Supervisor supervisor) {
    supervisor.tend();
    return supervisor;
  }

  /** A configuration that points to servers of somebody else, whom nobody here calls. */
  static Map<String, String> elsewhere() {
    return Map.of(
        "source.url", "jdbc:postgresql://db.example/a",
        "source.password", "geheim",
        "sink.url", "jdbc:postgresql://db.example/b",
        "kafka.bootstrap-servers", "kafka.example:9092");
  }
}
