package io.kappacdc.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.runtime.KappaException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
  @TempDir Path directory;

  @Test
  void answersAndIsReadyForLogicalReplication() throws Exception {
    // Given / When
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder(directory).setting("cluster_name", "it's \\ here").start()) {
      // Then
      assertThat(query(postgres, "SHOW server_version")).startsWith("18.");
      assertThat(query(postgres, "SHOW wal_level")).isEqualTo("logical");
      assertThat(query(postgres, "SHOW track_commit_timestamp")).isEqualTo("on");
      assertThat(query(postgres, "SHOW fsync")).isEqualTo("on");
      assertThat(query(postgres, "SHOW server_encoding")).isEqualTo("UTF8");
      assertThat(query(postgres, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(query(postgres, "SHOW cluster_name")).isEqualTo("it's \\ here");
      assertThat(postgres.isHealthy()).isTrue();
      assertThat(postgres.pids()).contains(postgres.pid()).hasSizeGreaterThan(3);
    }
  }

  @Test
  void refusesWhoeverDoesNotKnowThePassword() {
    // Given
    try (EmbeddedPostgres postgres = quickServer().start()) {
      // When / Then
      assertThatThrownBy(
              () ->
                  java.sql.DriverManager.getConnection(
                      postgres.jdbcUrl("postgres"), postgres.user(), "guess"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void keepsCommittedRowsAndItsPortWhenKilled() throws Exception {
    // Given
    EmbeddedPostgres killed = quickServer().start();
    killed.createDatabaseIfMissing("Fund \"A\"");
    killed.createDatabaseIfMissing("Fund \"A\"");
    execute(killed, "Fund \"A\"", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS id");
    List<Long> processes = killed.pids();
    killed.kill();
    assertThat(Pids.running(processes)).isEmpty();
    assertThat(killed.isHealthy()).isFalse();

    // When
    try (EmbeddedPostgres again = killed.startAgain()) {
      // Then
      assertThat(again.port()).isEqualTo(killed.port());
      assertThat(again.password()).isEqualTo(killed.password());
      assertThat(query(again, "Fund \"A\"", "SELECT count(*) FROM t")).isEqualTo("1000");
    }
  }

  @Test
  void stopEndsOpenSessionsAndLeavesNoProcess() throws Exception {
    // Given
    EmbeddedPostgres postgres = quickServer().start();
    List<Long> processes = new ArrayList<>(Pids.descendants());
    assertThat(processes).contains(postgres.pid());
    try (Connection idle = postgres.connect("postgres")) {
      // When
      postgres.stop();
      postgres.stop();

      // Then
      assertThat(Pids.running(postgres.pids())).isEmpty();
      await().untilAsserted(() -> assertThat(Pids.running(processes)).isEmpty());
      assertThat(idle.isValid(1)).isFalse();
    }
  }

  @Test
  void takesAnotherPortWhenItsOwnIsTaken() throws Exception {
    // Given
    EmbeddedPostgres before = quickServer().start();
    before.stop();
    try (var other = new ServerSocket(before.port(), 1, InetAddress.getLoopbackAddress())) {
      // When
      try (EmbeddedPostgres after = before.startAgain()) {
        // Then
        assertThat(after.port()).isNotEqualTo(other.getLocalPort());
        assertThat(after.isHealthy()).isTrue();
      }
    }
  }

  @Test
  void isRefusedWhileTheDirectoryIsInUse() {
    // Given
    try (EmbeddedPostgres first = quickServer().start()) {
      // When / Then
      assertThatThrownBy(() -> quickServer().start())
          .isInstanceOf(KappaException.class)
          .hasMessageContaining("Cannot start the embedded PostgreSQL in")
          .hasMessageContaining("already runs it there");
      assertThat(first.isHealthy()).isTrue();
    }
  }

  @Test
  void quotesTheServersLogWhenItDoesNotStart() throws Exception {
    // Given
    EmbeddedPostgres.Builder misspelt = quickServer().setting("wal_levle", "logical");

    // When / Then
    assertThatThrownBy(misspelt::start)
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).isEqualTo("The embedded PostgreSQL did not start");
              assertThat(e.reason()).contains("unrecognized configuration parameter \"wal_levle\"");
              assertThat(e.remedy()).contains("server.log");
            });
    try (EmbeddedPostgres corrected = quickServer().start()) {
      assertThat(corrected.isHealthy()).isTrue();
    }
  }

  @Test
  void stopEndsProcessesThatOutliveTheirKilledServer() throws Exception {
    // Given: a suspended process keeps the shared memory, as one stuck in the disk's queue would
    EmbeddedPostgres crashed = quickServer().start();
    long checkpointer = checkpointer(crashed);
    Pids.signal("STOP", checkpointer);
    Pids.signal("KILL", crashed.pid());
    await().until(() -> Pids.running(List.of(crashed.pid())).isEmpty());
    assertThat(Pids.running(List.of(checkpointer))).isNotEmpty();

    // When
    crashed.stop();

    // Then
    assertThat(Pids.running(List.of(checkpointer))).isEmpty();
    try (EmbeddedPostgres again = crashed.startAgain()) {
      assertThat(again.isHealthy()).isTrue();
    }
  }

  @Test
  void startsWhenItsStalePidFileNamesAStranger() throws Exception {
    // Given
    assumeThat(Platform.isLinux()).isTrue();
    EmbeddedPostgres killed = quickServer().start();
    killed.kill();
    Process stranger = new ProcessBuilder("cat").start();
    Path pidFile = directory.resolve("data/postmaster.pid");
    Files.writeString(
        pidFile, Files.readString(pidFile).replaceFirst("\\d+", Long.toString(stranger.pid())));

    // When
    try (EmbeddedPostgres again = killed.startAgain()) {
      // Then
      assertThat(again.isHealthy()).isTrue();
      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroyForcibly();
    }
  }

  @Test
  void makesAHalfMadeClusterAnew() throws Exception {
    // Given
    Files.createDirectories(directory.resolve("data.new/base"));
    Files.writeString(directory.resolve("data.new/PG_VERSION"), "18");

    // When
    try (EmbeddedPostgres postgres = quickServer().start()) {
      // Then
      assertThat(postgres.isHealthy()).isTrue();
      assertThat(directory.resolve("data.new")).doesNotExist();
    }
  }

  @Test
  void runsAsAnotherUserWhereUserNamespacesAreForbiddenAndBack() throws Exception {
    // Given
    Optional<Unprivileged> asNobody = Unprivileged.asNobody();
    assumeThat(System.getProperty("user.name").equals("root") && asNobody.isPresent()).isTrue();

    // When
    EmbeddedPostgres.Builder builder = quickServer();
    try (EmbeddedPostgres postgres = builder.unprivileged(asNobody.get()).start()) {
      execute(postgres, "postgres", "CREATE TABLE t AS SELECT 7 AS id");

      // Then
      assertThat(Files.getAttribute(Path.of("/proc/" + postgres.pid()), "unix:uid"))
          .isNotEqualTo(0);
    }
    try (EmbeddedPostgres postgres = quickServer().start()) {
      assertThat(query(postgres, "SELECT id FROM t")).isEqualTo("7");
    }
  }

  /** What a kill leaves on disk does not depend on fsync: the operating system lives on. */
  private EmbeddedPostgres.Builder quickServer() {
    return EmbeddedPostgres.builder(directory).setting("fsync", "off");
  }

  private static long checkpointer(EmbeddedPostgres postgres) throws SQLException {
    return Long.parseLong(
        query(postgres, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"));
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    return query(postgres, "postgres", sql);
  }

  private static String query(EmbeddedPostgres postgres, String database, String sql)
      throws SQLException {
    try (Connection connection = postgres.connect(database);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return result.getString(1);
    }
  }

  private static void execute(EmbeddedPostgres postgres, String database, String sql)
      throws SQLException {
    try (Connection connection = postgres.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
