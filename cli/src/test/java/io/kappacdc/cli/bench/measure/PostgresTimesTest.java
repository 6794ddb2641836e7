package io.kappacdc.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.groups.Tuple.tuple;

import io.kappacdc.cli.config.Database;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the measurement asks PostgreSQL for, on a real server. */
class PostgresTimesTest {
  @TempDir static Path directory;
  private static EmbeddedPostgres postgres;
  private static Database sink;

  @BeforeAll
  static void startPostgres() throws SQLException {
    postgres = EmbeddedPostgres.builder(directory.resolve("sink")).setting("fsync", "off").start();
    sink = database(postgres);
    execute(
        """
        CREATE SCHEMA kappa;
        CREATE TABLE kappa.tables (trail_schema text, trail_table text);
        CREATE TABLE kappa.ledger (topic text, partition int, next_offset bigint);
        CREATE TABLE public."Odd Name_trail" (_kappa_op "char", _kappa_ts timestamptz);
        CREATE TABLE public.t_trail (_kappa_op "char", _kappa_ts timestamptz);
        INSERT INTO kappa.tables VALUES ('public', 'Odd Name_trail'), ('public', 't_trail')""");
  }

  @AfterAll
  static void stopPostgres() {
    postgres.stop();
  }

  private static Database database(EmbeddedPostgres server) {
    return new Database(server.jdbcUrl("postgres"), server.user(), server.password());
  }

  @BeforeEach
  void emptyTables() throws SQLException {
    execute("TRUNCATE public.\"Odd Name_trail\", public.t_trail, kappa.ledger");
  }

  private static void execute(String... statements) throws SQLException {
    try (Connection connection = sink.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Now at the server, whole milliseconds as microseconds. */
  private static long now() throws SQLException {
    try (Connection connection = sink.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint * 1000")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static String at(long micros) {
    return "to_timestamp(" + micros / 1_000 + " / 1000.0)";
  }

  @Test
  void everyRowIsTimedFromItsCommitAtTheSourceToItsTransactionsCommit() throws SQLException {
    // Given: one transaction with commits of 8, 4 and 0.3 seconds ago, one of them twice
    long now = now();
    execute(
        "INSERT INTO public.t_trail VALUES ('c', %s), ('u', %s), ('d', %s)"
            .formatted(at(now - 8_000_000), at(now - 4_000_000), at(now - 4_000_000)),
        "INSERT INTO public.\"Odd Name_trail\" VALUES ('c', %s)".formatted(at(now - 300_000)));

    // When
    Window window = new Window(now - 10_000_000, now);
    Latencies latencies = TrailTimes.read(sink, window);

    // Then
    assertThat(latencies.count()).isEqualTo(4);
    assertThat(latencies.percentileMillis(100)).isCloseTo(8_000, within(1_500.0));
    assertThat(latencies.percentileMillis(50)).isCloseTo(4_000, within(1_500.0));
    assertThat(latencies.percentileMillis(10)).isCloseTo(300, within(1_500.0));
    assertThat(latencies.bySecond())
        .extracting(Latencies.Second::second, Latencies.Second::changes)
        .containsExactly(tuple(2, 1L), tuple(6, 2L), tuple(9, 1L));
  }

  @Test
  void binsAreAsNarrowAsTheyAreSaidToBe() throws SQLException {
    long now = now();
    execute(
        "INSERT INTO public.t_trail SELECT 'c', %s - make_interval(secs => i / 100.0)"
                .formatted(at(now))
            + " FROM generate_series(1, 2000) i");

    Latencies latencies = TrailTimes.read(sink, new Window(now - 20_000_000, now));

    double late = latencies.percentileMillis(0.01) - 10;
    assertThat(latencies.count()).isEqualTo(2_000);
    for (double percentile : new double[] {25, 50, 75, 99}) {
      double exact = percentile / 100 * 20_000 + late;
      assertThat(latencies.percentileMillis(percentile)).isCloseTo(exact, within(exact / 250 + 12));
    }
  }

  @Test
  void theWindowsEdgesAndSnapshotReadsAreLeftOut() throws SQLException {
    long now = now();
    execute(
        "INSERT INTO public.t_trail VALUES ('c', %s), ('c', %s), ('c', %s), ('r', %s)"
            .formatted(
                at(now - 3_000_000),
                at(now - 3_001_000),
                at(now - 1_000_000),
                at(now - 2_000_000)));

    Latencies latencies = TrailTimes.read(sink, new Window(now - 3_000_000, now - 1_000_000));

    assertThat(latencies.count()).isEqualTo(1);
  }

  @Test
  void theLedgerIsReadAsItMovesOn() throws SQLException {
    PartitionId partition = new PartitionId("t", 1);
    Stage stage = new Stage("postgres-trail");
    try (LedgerReader reader = new LedgerReader(sink, stage)) {
      execute("INSERT INTO kappa.ledger VALUES ('t', 1, 10)");
      long before = now();
      reader.look();
      execute("UPDATE kappa.ledger SET next_offset = 20");
      reader.look();
      reader.look();

      Timeline timeline = stage.timeline(partition);
      assertThat(timeline.size()).isEqualTo(2);
      assertThat(timeline.microsOf(0)).isBetween(before, now() + 1_000);
      assertThat(timeline.cursor().entryOf(10)).isEqualTo(1);
    }
  }

  @Test
  void theServersClockIsOurs() throws SQLException {
    ClockOffset offset = ClockOffset.of(sink);

    assertThat(Math.abs(offset.millis())).isLessThan(offset.uncertaintyMillis() + 5);
  }

  @Test
  void theSourcesLogIsWatched() throws SQLException {
    try (SourceLog log = new SourceLog(sink, "no such slot")) {
      log.look();
      execute("CREATE TABLE public.some (a text)", "INSERT INTO public.some VALUES ('x')");
      log.look();

      assertThat(log.points()).hasSize(2);
      assertThat(log.points().get(1).walBytes()).isGreaterThan(log.points().get(0).walBytes());
      assertThat(log.points().get(0).heldBytes()).isZero();
    }
  }

  @Test
  void aServerWithoutCommitTimesIsNamedWithItsRemedy() throws SQLException {
    EmbeddedPostgres plain =
        EmbeddedPostgres.builder(directory.resolve("plain"))
            .setting("fsync", "off")
            .setting("track_commit_timestamp", "off")
            .start();
    try (Connection connection = plain.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE SCHEMA kappa;
          CREATE TABLE kappa.tables (trail_schema text, trail_table text);
          CREATE TABLE public.t_trail (_kappa_op "char", _kappa_ts timestamptz);
          INSERT INTO kappa.tables VALUES ('public', 't_trail');
          INSERT INTO public.t_trail VALUES ('c', to_timestamp(5))""");

      assertThatExceptionOfType(KappaException.class)
          .isThrownBy(() -> TrailTimes.read(database(plain), new Window(0, 10_000_000)))
          .satisfies(
              e -> assertThat(e.remedy()).contains("ALTER SYSTEM SET track_commit_timestamp = on"));
    } finally {
      plain.stop();
    }
  }
}
