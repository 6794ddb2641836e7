package io.kappacdc.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The whole product as a user runs it: the launcher, real servers, capture and processor in
 * processes of their own. The tests share one stack and run in order, each on what the one before
 * left.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndToEndIT {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Duration START_MAX = Duration.ofMinutes(3);
  private static final int ROUNDS = 500;
  private static final Duration COMMAND_MAX = Duration.ofMinutes(6);

  @TempDir static Path directory;

  private static Path home;
  private static Process up;
  private static Connection source;
  private static final AtomicLong ACCOUNT_CHANGES = new AtomicLong();
  private static final AtomicLong LOG_CHANGES = new AtomicLong();

  record Outcome(int exitCode, String output) {}

  @BeforeAll
  static void startTheStack() throws Exception {
    home = directory.resolve("home");
    up = launcher("up.log", "up").start();
    await()
        .atMost(START_MAX)
        .failFast(() -> assertThat(up.isAlive()).as(logOf("up.log")).isTrue())
        .until(() -> logOf("up.log").lines().anyMatch("READY"::equals));
    source = connect("source");
    execute(
        "CREATE TABLE account (id int PRIMARY KEY, owner text, balance numeric(12,2), big text)",
        "ALTER TABLE account ALTER COLUMN big SET STORAGE EXTERNAL",
        "CREATE TABLE \"Audit.Log\" (at timestamptz, note text)");
  }

  @AfterAll
  static void stopTheStack() throws Exception {
    if (source != null) {
      source.close();
    }
    up.destroy();
    if (!up.waitFor(60, TimeUnit.SECONDS)) {
      up.destroyForcibly();
    }
  }

  private static ProcessBuilder launcher(String log, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ROOT.resolve("kappa").toString());
    command.addAll(List.of(arguments));
    command.add("--home=" + home);
    ProcessBuilder builder = new ProcessBuilder(command);
    ShortLived.configure(builder);
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true).redirectOutput(directory.resolve(log).toFile());
    return builder;
  }

  private static String logOf(String name) throws IOException {
    Path log = directory.resolve(name);
    return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
  }

  private static Outcome kappa(String... arguments) throws Exception {
    String log = "command-" + System.nanoTime() + ".log";
    Process process = launcher(log, arguments).start();
    if (!process.waitFor(COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", arguments) + " did not end:\n" + logOf(log));
    }
    return new Outcome(process.exitValue(), logOf(log));
  }

  private static Connection connect(String role) throws Exception {
    Map<?, ?> stack =
        (Map<?, ?>)
            new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(home.resolve("stack.yaml")));
    return DriverManager.getConnection(
        String.valueOf(stack.get(role + ".url")),
        String.valueOf(stack.get(role + ".user")),
        String.valueOf(stack.get(role + ".password")));
  }

  private static void execute(String... statements) throws SQLException {
    try (Statement statement = source.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static long sink(String sql) throws Exception {
    try (Connection sink = connect("sink");
        Statement statement = sink.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static long lake(String sql) throws Exception {
    Outcome outcome = kappa("sql", "--format=csv", sql);
    assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    List<String> numbers =
        outcome.output().lines().map(String::strip).filter(line -> line.matches("\\d+")).toList();
    assertThat(numbers).as(outcome.output()).hasSize(1);
    return Long.parseLong(numbers.get(0));
  }

  private static void assertVerified() throws Exception {
    Outcome verification = kappa("verify", "--timeout=3m");
    assertThat(verification.exitCode()).as(verification.output()).isZero();
  }

  /** One transaction over both tables: transfers, new rows, rows deleted and inserted again. */
  private static void changeSomething(Connection connection, long round) throws SQLException {
    connection.setAutoCommit(false);
    long id = round % 500;
    try (Statement statement = connection.createStatement()) {
      String big = "repeat('" + round % 10 + "', 5000)";
      int deleted =
          round % 7 == 0 ? statement.executeUpdate("DELETE FROM account WHERE id = " + id) : 0;
      int inserted =
          statement.executeUpdate(
              "INSERT INTO account VALUES ("
                  + id
                  + ", 'o''"
                  + round
                  + "', "
                  + round
                  + ".50, "
                  + big
                  + "), ("
                  + (id + 1000 * (round + 1))
                  + ", NULL, 'NaN', NULL)"
                  + " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, balance = account.balance"
                  + " + 1");
      int moved = statement.executeUpdate("UPDATE account SET balance = 1 WHERE id = " + (id + 1));
      int logged =
          statement.executeUpdate(
              "INSERT INTO \"Audit.Log\" VALUES (now(), 'round " + round + "')");
      connection.commit();
      ACCOUNT_CHANGES.addAndGet(deleted + inserted + moved);
      LOG_CHANGES.addAndGet(logged);
    }
  }

  /** Kills the process of a role, once it is there: it may just be starting again. */
  private static void kill(String role) {
    Path pidFile = home.resolve("run").resolve(role + ".pid");
    await()
        .atMost(START_MAX)
        .ignoreExceptions()
        .until(
            () -> {
              long pid = Long.parseLong(Files.readString(pidFile).strip().split(" ")[0]);
              return ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            });
  }

  @Test
  @Order(1)
  void everyChangeArrivesOnceWhateverIsKilledInMidFlow() throws Exception {
    AtomicBoolean writing = new AtomicBoolean(true);
    Semaphore rounds = new Semaphore(0);
    Thread writer = new Thread(() -> write(writing, rounds), "writer");
    writer.start();
    try {
      rounds.release(ROUNDS);
      awaitRows(200);
      kill("capture");
      rounds.release(ROUNDS);
      awaitRows(ROUNDS * 2L);
      kill("processor");
      rounds.release(ROUNDS);
      awaitRows(ROUNDS * 5L);
      rounds.release(ROUNDS);
      kill("processor");
      kill("capture");
      await().atMost(START_MAX).until(() -> rounds.availablePermits() == 0);
    } finally {
      writing.set(false);
      rounds.release();
      writer.join();
    }

    assertVerified();
    assertThat(sink("SELECT count(*) FROM account_trail")).isEqualTo(ACCOUNT_CHANGES.get());
    assertThat(sink("SELECT count(*) FROM \"Audit.Log_trail\"")).isEqualTo(LOG_CHANGES.get());
    assertThat(lake("SELECT count(*) FROM trail.public_account")).isEqualTo(ACCOUNT_CHANGES.get());
  }

  private static void write(AtomicBoolean writing, Semaphore rounds) {
    try (Connection connection = connect("source")) {
      long round = 0;
      while (writing.get()) {
        rounds.acquire();
        changeSomething(connection, ++round);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitRows(long rows) {
    await()
        .atMost(START_MAX)
        .ignoreExceptions()
        .until(() -> sink("SELECT count(*) FROM account_trail") >= rows);
  }

  @Test
  @Order(2)
  void aTableCreatedWhileItRunsFlowsAndIsVerified() throws Exception {
    execute(
        "CREATE SCHEMA late",
        "CREATE TABLE late.comer (a uuid, b text, v jsonb, PRIMARY KEY (b, a))",
        "INSERT INTO late.comer SELECT gen_random_uuid(), 'b' || i, jsonb_build_object('i', i)"
            + " FROM generate_series(1, 100) i",
        "UPDATE late.comer SET b = b || '-moved' WHERE b LIKE '%7'",
        "DELETE FROM late.comer WHERE b LIKE '%3'");

    assertVerified();
    assertThat(sink("SELECT count(*) FROM late.comer_trail WHERE _kappa_op = 'c'")).isEqualTo(110);
  }

  @Test
  @Order(3)
  void replayFromEarliestIntoTheLiveSinksChangesNothing() throws Exception {
    long trail = sink("SELECT count(*) FROM account_trail");

    Outcome replay = kappa("replay", "--from", "earliest");

    assertThat(replay.exitCode()).as(replay.output()).isZero();
    assertThat(replay.output())
        .contains("postgres-trail wrote 0 changes", "delta-trail wrote 0", "delta-mirror wrote 0");
    assertThat(sink("SELECT count(*) FROM account_trail")).isEqualTo(trail);
  }

  @Test
  @Order(4)
  void aValueChangedInTheTrailAndARowDeletedFromTheMirrorByHandAreNamed() throws Exception {
    try (Connection sink = connect("sink");
        Statement statement = sink.createStatement()) {
      statement.execute("UPDATE late.comer_trail SET v = '{\"i\": 0}' WHERE b = 'b42'");
    }

    deleteFromMirror("late.comer", "b = 'b51'");

    Outcome verification = kappa("verify", "--table=late.comer");

    assertThat(verification.exitCode()).as(verification.output()).isEqualTo(1);
    assertThat(verification.output()).contains("b=b42", "b=b51");
  }

  @Test
  @Order(5)
  void rebuildingFromTheTopicsHealsTheSinks() throws Exception {
    Outcome replay = kappa("replay", "--from", "earliest", "--rebuild", "--table", "late.comer");

    assertThat(replay.exitCode()).as(replay.output()).isZero();
    assertVerified();
  }

  @Test
  @Order(6)
  void aSignalStopsEveryRoleInAnOrderlyWay() throws Exception {
    Path log = home.resolve("logs").resolve("processor.log");
    int before = Files.readString(log, StandardCharsets.UTF_8).length();

    up.destroy();

    assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).as(logOf("up.log")).isZero();
    assertThat(logOf("up.log")).contains("kappa: stopped");
    String since = Files.readString(log, StandardCharsets.UTF_8).substring(before);
    assertThat(since).doesNotContain("Exception", "problem:");
  }

  private static void deleteFromMirror(String table, String condition) throws Exception {
    String options =
        Files.readString(ROOT.resolve("pom.xml"))
            .replaceFirst("(?s).*<spark.jvm.options>(.*)</spark.jvm.options>.*", "$1");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options.split(" ")));
    command.addAll(
        List.of(
            "-cp",
            Files.readString(ROOT.resolve("stream-processor/target/classpath.txt")).strip(),
            ROOT.resolve("cli/src/test/resources/endtoend/DeleteFromMirror.java").toString(),
            home.resolve("lake/mirror").resolve(table).toString(),
            condition));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("delete.log").toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(logOf("delete.log")).isZero();
  }
}
