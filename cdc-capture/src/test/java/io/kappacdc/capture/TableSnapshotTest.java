package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.Operation;
import io.kappacdc.runtime.cli.Cli;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import picocli.CommandLine;

/** Tables that are read in full while others stream. */
@ExtendWith(TestServers.class)
class TableSnapshotTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql(
        "CREATE TABLE fund (id int PRIMARY KEY, n int)",
        "CREATE TABLE unit (a text, id int, n int, PRIMARY KEY (id, a))",
        "CREATE PUBLICATION kappa_pub FOR TABLE fund WITH (publish_via_partition_root = true)");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  private void fillUnit(int rows) {
    source.sql(
        "INSERT INTO unit SELECT 'u' || i, i %% 7, i FROM generate_series(1, %d) i"
            .formatted(rows));
  }

  private void addUnit() {
    source.sql("ALTER PUBLICATION kappa_pub ADD TABLE unit");
  }

  private static void awaitRead(RunningCapture capture, CaptureFixture source, String table) {
    await()
        .atMost(CaptureFixture.PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              capture.requireAlive();
              assertThat(countOfReads(source, table)).isPositive();
              assertThat(capture.status().unread()).isEmpty();
            });
    source.awaitCaptured();
  }

  /** Without their schemas, which may come while it looks. */
  private static long countOfReads(CaptureFixture source, String table) {
    return source.topics.hasTable(table)
        ? source.topics.rawValues(table).stream().filter(v -> v.contains("\"op\":\"r\"")).count()
        : 0;
  }

  private static List<Captured> reads(List<Captured> events) {
    return events.stream().filter(e -> e.event().operation() == Operation.READ).toList();
  }

  /** Changes to both tables, one transaction after the other on two connections, until stopped. */
  private final class Writers implements AutoCloseable {
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<CompletableFuture<Void>> runs =
        List.of(
            CompletableFuture.runAsync(() -> write(0)), CompletableFuture.runAsync(() -> write(1)));

    private void write(int parity) {
      try (Connection connection = source.connect();
          Statement statement = connection.createStatement()) {
        for (int i = 0; !stopped.get(); i++) {
          int n = 2 * (i * 17 % 10_000) + parity;
          int changed = 2 * (i * 7_919 % 12_500) + parity;
          statement.execute(
              ("INSERT INTO fund VALUES (%d, 0) ON CONFLICT (id) DO UPDATE SET n = fund.n + 1;"
                      + "UPDATE unit SET n = -n WHERE a = 'u%d';"
                      + "DELETE FROM unit WHERE a = 'u%d';"
                      + "INSERT INTO unit VALUES ('new%d', 100 + %d, %d) ON CONFLICT DO NOTHING;"
                      + "UPDATE unit SET id = id - 50, n = %d WHERE a = 'new%d' AND id > 60")
                  .formatted(n, changed, changed + 2 * (i % 5), n, n % 9, i, i, n));
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      stopped.set(true);
      runs.forEach(CompletableFuture::join);
    }
  }

  /** What a reader of the table's topic has at the end, by its first column. */
  private void assertStoresWouldHave(String table) {
    List<Captured> events = source.topics.events(table);
    assertThat(TopicReader.fold(events)).isEqualTo(source.rows(table));
    TopicReader.assertWholeTransactionsOnce(source.topics.events());
    assertPositionsRise(events);
    source.topics.assertCutsHold();
  }

  private static void assertPositionsRise(List<Captured> byPosition) {
    Map<Integer, List<Captured>> partitions =
        byPosition.stream().collect(java.util.stream.Collectors.groupingBy(Captured::partition));
    partitions.values().forEach(p -> assertThat(p).extracting(Captured::offset).isSorted());
  }

  @Test
  void aTableAddedToThePublicationIsReadWhileItAndOthersAreWritten() {
    fillUnit(25_000);
    RunningCapture capture = source.start();

    try (Writers writers = new Writers()) {
      addUnit();
      awaitRead(capture, source, "unit");
    }
    source.awaitCaptured();

    assertStoresWouldHave("unit");
    assertStoresWouldHave("fund");
    assertThat(reads(source.topics.events("fund"))).isEmpty();
  }

  @Test
  void killedInTheMidstItReadsOnWithoutASecondCopy() throws Exception {
    fillUnit(60_000);
    Process process = source.startProcess();
    CaptureFixture.awaitReady(process);
    source.awaitCaptured();
    addUnit();

    for (int kill = 0; kill < 2; kill++) {
      int before = 10_000 * kill;
      await()
          .atMost(CaptureFixture.PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> countOfUnit() > before);
      process.destroyForcibly().onExit().join();
      process = source.startProcess();
      CaptureFixture.awaitReady(process);
    }
    await().atMost(CaptureFixture.PATIENCE).until(() -> countOfUnit() >= 60_000);
    source.awaitCaptured();

    assertThat(reads(source.topics.events("unit"))).hasSize(60_000);
    assertStoresWouldHave("unit");
  }

  private int countOfUnit() {
    return source.topics.hasTable("unit") ? source.topics.count("unit") : 0;
  }

  @Test
  void aTableThatTheFilterAdmitsNowIsReadAndOneCreatedSinceIsNot() {
    source.sql("DROP PUBLICATION kappa_pub");
    fillUnit(10);
    source.with("source.exclude-tables", "public\\.(unit|late)");
    source.start().stop();
    source.sql("CREATE TABLE late (id int PRIMARY KEY)", "INSERT INTO late VALUES (1)");
    source.with("source.exclude-tables", "public\\.none");

    RunningCapture capture = source.start();
    awaitRead(capture, source, "unit");
    source.sql("CREATE TABLE later (id int PRIMARY KEY)", "INSERT INTO later VALUES (1)");
    awaitRead(capture, source, "late");

    assertStoresWouldHave("unit");
    assertStoresWouldHave("late");
    assertThat(source.topics.summaries("later")).containsExactly("c {\"id\":1}");
  }

  @Test
  void aTableThatLeftThePublicationForAWhileIsStatedAnew() {
    source.sql("INSERT INTO fund VALUES (1, 1), (2, 2), (3, 3)");
    RunningCapture capture = source.start();

    source.sql(
        "ALTER PUBLICATION kappa_pub DROP TABLE fund",
        "DELETE FROM fund WHERE id = 2",
        "ALTER PUBLICATION kappa_pub ADD TABLE fund");
    await().atMost(CaptureFixture.PATIENCE).until(() -> countOfReads(source, "fund") == 5);
    source.awaitCaptured();

    assertThat(capture.status().unread()).isEmpty();
    assertStoresWouldHave("fund");
  }

  @Test
  void anUpdateOfARowThatIsNotReadYetBringsItsUnchangedLargeValues() {
    source.sql(
        "CREATE TABLE page (id int PRIMARY KEY, n int, body text)",
        "ALTER TABLE page ALTER body SET STORAGE EXTERNAL",
        "INSERT INTO page SELECT i, 0, repeat('x', 3000) || i FROM generate_series(1, 50) i");
    RunningCapture capture = source.start();

    source.sql("ALTER PUBLICATION kappa_pub ADD TABLE page");
    source.sql("UPDATE page SET n = 1 WHERE id < 10");
    source.sql("UPDATE page SET n = 2 WHERE id = 11; DELETE FROM page WHERE id = 11");
    awaitRead(capture, source, "page");

    List<Captured> events = source.topics.events("page");
    int reads = events.indexOf(reads(events).get(0));
    assertThat(events.subList(0, reads))
        .extracting(e -> e.event().operation())
        .contains(Operation.UPDATE);
    assertThat(events)
        .filteredOn(e -> e.event().after() != null)
        .noneMatch(e -> e.event().after().hasAbsent());
    assertThat(TopicReader.fold(events)).isEqualTo(source.rows("page"));
    source.topics.assertCutsHold();
  }

  private void fillEntry(int rows) {
    source.sql(
        "CREATE TABLE entry (n int, what text)",
        "INSERT INTO entry SELECT i, 'old' FROM generate_series(1, %d) i".formatted(rows));
  }

  private static List<Captured> sinceLastTruncate(List<Captured> events) {
    int last = -1;
    for (int i = 0; i < events.size(); i++) {
      last = events.get(i).event().operation() == Operation.TRUNCATE ? i : last;
    }
    return events.subList(last + 1, events.size());
  }

  /** Without a key nothing takes the place of a row that is there twice. */
  private void assertStoresWouldHaveEachEntryOnce() {
    List<Captured> events = source.topics.events("entry");
    assertThat(TopicReader.fold(events)).isEqualTo(source.rows("entry"));
    assertThat(sinceLastTruncate(events)).hasSameSizeAs(source.rows("entry").keySet());
    assertPositionsRise(events);
    source.topics.assertCutsHold();
  }

  @Test
  void aLargeTableWithoutAKeyIsReadWhileItIsWritten() {
    fillEntry(35_000);
    RunningCapture capture = source.start();
    AtomicBoolean stopped = new AtomicBoolean();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !stopped.get(); i++) {
                source.sql("INSERT INTO entry VALUES (%d, 'new')".formatted(1_000_000 + i));
              }
            });

    addEntry();
    awaitRead(capture, source, "entry");
    stopped.set(true);
    writer.join();
    source.awaitCaptured();

    assertStoresWouldHaveEachEntryOnce();
  }

  private void addEntry() {
    source.sql("ALTER PUBLICATION kappa_pub ADD TABLE entry");
  }

  @Test
  void killedInTheMidstOfATableWithoutAKeyItBeginsWithItsFirstRow() throws Exception {
    fillEntry(60_000);
    Process process = source.startProcess();
    CaptureFixture.awaitReady(process);
    source.awaitCaptured();
    addEntry();
    await()
        .atMost(CaptureFixture.PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> source.topics.hasTable("entry") && source.topics.size("entry") > 10_000);

    process.destroyForcibly().onExit().join();
    assertThat(source.topics.size("entry")).isLessThan(60_000);
    source.start();
    await().atMost(CaptureFixture.PATIENCE).until(() -> source.topics.size("entry") > 70_000);
    source.awaitCaptured();

    assertStoresWouldHaveEachEntryOnce();
  }

  @Test
  void aTableWithoutAKeyIsReadAgainAtAUsersWord() {
    fillEntry(12_000);
    addEntry();
    RunningCapture capture = source.start();
    source.awaitCaptured();

    assertThat(ask("entry")).startsWith("public.entry: asked for at ");
    await()
        .atMost(CaptureFixture.PATIENCE)
        .until(() -> source.topics.size("entry") > 24_000 && capture.status().unread().isEmpty());

    assertStoresWouldHaveEachEntryOnce();
  }

  private String ask(String table) {
    StringWriter out = new StringWriter();
    CommandLine command =
        Cli.commandLine(new SnapshotCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out));
    command.execute(
        "--table", table, "--config", source.configFile().toString(), "--home", "target/no-home");
    return out.toString();
  }

  @Test
  void aTableIsReadAgainAtAUsersWordWhileItIsWritten() {
    source.sql("ALTER PUBLICATION kappa_pub ADD TABLE unit");
    fillUnit(12_000);
    RunningCapture capture = source.start();
    source.awaitCaptured();
    long before = countOfReads(source, "unit");

    try (Writers writers = new Writers()) {
      assertThat(ask("unit")).startsWith("public.unit: asked for at ");
      await()
          .atMost(CaptureFixture.PATIENCE)
          .until(() -> countOfReads(source, "unit") > before + 10_000);
      await().atMost(CaptureFixture.PATIENCE).until(() -> capture.status().unread().isEmpty());
    }
    source.awaitCaptured();

    assertThat(source.topics.events("unit"))
        .extracting(e -> e.event().operation())
        .doesNotContain(Operation.TRUNCATE);
    assertStoresWouldHave("unit");
  }

  @Test
  void aTableThatCannotBeReadIsRefusedWithARemedy() {
    source.start();

    assertThat(ask("nothing")).contains("has no table public.nothing");
    assertThat(ask("public.unit")).contains("does not have public.unit", "ADD TABLE");
    source.with("source.exclude-tables", "public\\.fund");
    assertThat(ask("fund")).contains("leave out public.fund");
  }
}
