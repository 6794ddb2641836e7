package io.kappacdc.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FundLoadTest {
  private static final Mix MIX = new Mix(60, 30, 10);

  @TempDir static Path directory;
  private static EmbeddedPostgres postgres;

  @BeforeAll
  static void startPostgres() {
    postgres = EmbeddedPostgres.builder(directory).setting("fsync", "off").start();
  }

  @AfterAll
  static void stopPostgres() {
    postgres.stop();
  }

  @BeforeEach
  void emptyDatabase() throws SQLException {
    execute("DROP TABLE IF EXISTS public.fund_unit, public.fund_metadata, changes CASCADE");
  }

  @Test
  void reportsExactlyTheChangesThatTriggersSee() throws Exception {
    // Given
    FundWorkload workload = new FundWorkload(MIX, 1);
    prepare(workload);
    execute(
        """
        CREATE TABLE changes (op text, tx bigint);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO changes VALUES (TG_OP, txid_current()); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON public.fund_metadata
          FOR EACH ROW EXECUTE FUNCTION note();
        CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON public.fund_unit
          FOR EACH ROW EXECUTE FUNCTION note();
        """);

    // When
    LoadProgress end = run(workload, new LoadSettings(2_000, Duration.ofSeconds(2), 10, 4));

    // Then
    assertThat(end.failures()).isZero();
    assertThat(end.committed().total()).isPositive();
    assertThat(count("SELECT count(*) FROM changes WHERE op = 'INSERT'"))
        .isEqualTo(end.committed().inserts());
    assertThat(count("SELECT count(*) FROM changes WHERE op = 'UPDATE'"))
        .isEqualTo(end.committed().updates());
    assertThat(count("SELECT count(*) FROM changes WHERE op = 'DELETE'"))
        .isEqualTo(end.committed().deletes());
    assertThat(count("SELECT count(DISTINCT tx) FROM changes")).isEqualTo(end.transactions());
    assertThat(end.committed().inserts()).isGreaterThan(end.committed().deletes());
    assertThat(count("SELECT count(*) FROM public.fund_unit")).isPositive();
  }

  @Test
  void goesOnWithTheRowsOfAnEarlierRun() throws Exception {
    // Given
    prepare(new FundWorkload(MIX, 1));
    run(new FundWorkload(MIX, 1), new LoadSettings(1_000, Duration.ofSeconds(1), 10, 2));
    long before = count("SELECT count(*) FROM public.fund_metadata");

    // When
    prepare(new FundWorkload(MIX, 1));
    LoadProgress end =
        run(
            new FundWorkload(new Mix(0, 0, 1), 2),
            new LoadSettings(200, Duration.ofSeconds(1), 1, 2));

    // Then
    assertThat(end.failures()).isZero();
    assertThat(end.committed().deletes()).isPositive();
    assertThat(count("SELECT count(*) FROM public.fund_metadata")).isLessThan(before);
  }

  @Test
  void countsLatenessOfAStalledSourceFromTheIntendedTime() throws Exception {
    // Given: a table that nobody can write to for a while
    FundWorkload workload = new FundWorkload(new Mix(1, 0, 0), 1);
    prepare(workload);
    try (Connection locker = postgres.connect("postgres");
        Statement statement = locker.createStatement()) {
      locker.setAutoCommit(false);
      statement.execute("LOCK TABLE public.fund_metadata IN EXCLUSIVE MODE");

      // When
      OpenLoop load =
          OpenLoop.start(
              () -> postgres.connect("postgres"),
              workload,
              new LoadSettings(100, Duration.ofSeconds(2), 1, 1));
      await().until(() -> load.progress().elapsed().toMillis() > 1_000);
      locker.rollback();
      LoadProgress end = load.await();

      // Then: about half of all arrivals waited, though one alone was held by the lock
      assertThat(end.latency().maxMillis()).isGreaterThan(900);
      assertThat(end.latency().p50Millis()).isGreaterThan(1);
    }
  }

  @Test
  void saysWhatItDidNotDo() throws Exception {
    FundWorkload workload = new FundWorkload(MIX, 1);
    prepare(workload);

    LoadProgress end = run(workload, new LoadSettings(5_000_000, Duration.ofSeconds(1), 1_000, 2));

    assertThat(end.due()).isEqualTo(5_000_000);
    assertThat(end.shortfall()).isBetween(0.2, 1.0);
    assertThat(end.committed().total()).isLessThan(end.due());
  }

  @Test
  void failsAtOnceWithoutASource() {
    assertThatThrownBy(
            () ->
                OpenLoop.start(
                    () -> {
                      throw new SQLException("no source");
                    },
                    new FundWorkload(MIX, 1),
                    new LoadSettings(1, Duration.ofSeconds(60), 1, 2)))
        .isInstanceOf(SQLException.class)
        .hasMessage("no source");
  }

  private static LoadProgress run(Workload workload, LoadSettings settings) throws Exception {
    try (OpenLoop load = OpenLoop.start(() -> postgres.connect("postgres"), workload, settings)) {
      return load.await();
    }
  }

  private static void prepare(Workload workload) throws SQLException {
    try (Connection connection = postgres.connect("postgres")) {
      workload.prepare(connection);
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = postgres.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(String sql) throws SQLException {
    try (Connection connection = postgres.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
