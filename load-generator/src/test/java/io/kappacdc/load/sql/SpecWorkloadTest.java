package io.kappacdc.load.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kappacdc.load.LoadProgress;
import io.kappacdc.load.LoadSettings;
import io.kappacdc.load.Mix;
import io.kappacdc.load.OpenLoop;
import io.kappacdc.load.Profile;
import io.kappacdc.load.Workload;
import io.kappacdc.load.spec.Range;
import io.kappacdc.load.spec.TableSpec;
import io.kappacdc.load.spec.WorkloadSpec;
import io.kappacdc.load.spec.WorkloadSpecs;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Files;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecWorkloadTest {
  private static final WorkloadSpec FUNDS = WorkloadSpecs.load("fund-tables");

  @TempDir static Path directory;
  @TempDir static Path specs;
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
    execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  }

  @Test
  void reportsExactlyTheChangesThatTriggersSee() throws Exception {
    // Given
    Workload workload = prepared(FUNDS, 1);
    countChangesByTriggers(FUNDS);

    // When
    LoadProgress end = run(workload, LoadSettings.steady(2_000, Duration.ofSeconds(2), 4));

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

  @ParameterizedTest
  @ValueSource(strings = {"funds", "iot", "ten-tables", "fifty-tables", "orders", "wide"})
  void everyShippedSpecRunsWithoutAFailureAndCountsWhatItMakes(String name) throws Exception {
    WorkloadSpec spec = WorkloadSpecs.load(name);
    Workload workload = prepared(spec, 1);
    countChangesByTriggers(spec);

    LoadProgress end = run(workload, LoadSettings.steady(200, Duration.ofSeconds(2), 3));

    assertThat(end.failures()).isZero();
    assertThat(end.committed().total()).isPositive();
    assertThat(count("SELECT count(*) FROM changes")).isEqualTo(end.committed().total());
  }

  @Test
  void aSeedGivesTheSameRowsWhateverTheTiming() throws Exception {
    String content =
        "SELECT sum(hashtext(concat_ws(',', unit_id, fund_id, unit_price, unit_date)))"
            + " FROM public.fund_unit";
    run(prepared(FUNDS, 5), LoadSettings.steady(100, Duration.ofSeconds(2), 3));
    long first = count(content);
    emptyDatabase();
    run(prepared(FUNDS, 5), LoadSettings.steady(50, Duration.ofSeconds(4), 3));
    long slower = count(content);
    emptyDatabase();
    run(prepared(FUNDS, 6), LoadSettings.steady(100, Duration.ofSeconds(2), 3));

    assertThat(slower).isEqualTo(first);
    assertThat(count(content)).isNotEqualTo(first);
  }

  @Test
  void goesOnWithTheRowsOfAnEarlierRun() throws Exception {
    // Given
    run(prepared(FUNDS, 1), LoadSettings.steady(1_000, Duration.ofSeconds(1), 2));
    long before = count("SELECT count(*) FROM public.fund_metadata");

    // When
    WorkloadSpec deletes = FUNDS.withMix(new Mix(0, 0, 1)).withRows(new Range(1, 1));
    LoadProgress end =
        run(prepared(deletes, 2), LoadSettings.steady(200, Duration.ofSeconds(1), 2));

    // Then
    assertThat(end.failures()).isZero();
    assertThat(end.committed().deletes()).isPositive();
    assertThat(count("SELECT count(*) FROM public.fund_metadata")).isLessThan(before);
  }

  @Test
  void rowsThatAreKeptAreUpdatedByTheChoiceOfKeys() throws Exception {
    // Given
    Path file =
        Files.writeString(
            specs.resolve("kept.yaml"),
            """
            description: rows of which the first is updated most
            tables:
              public.kept:
                rows: 100
                keep: 100
                keys: zipf(1.2)
                update: [v]
                columns:
                  id: {type: serial, value: key}
                  v: {type: integer, value: whole, range: 1..9}
            transactions: [{rows: 10, mix: 0/1/0}]
            """);
    Workload workload = prepared(WorkloadSpecs.load(file.toString()), 1);
    execute(
        """
        CREATE TABLE updated (id integer);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO updated VALUES (NEW.id); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER UPDATE ON kept FOR EACH ROW EXECUTE FUNCTION note();
        """);

    // When
    LoadProgress end = run(workload, LoadSettings.steady(1_000, Duration.ofSeconds(2), 1));

    // Then: the first of a hundred ranks has 28 %, and nothing had to be inserted first
    assertThat(end.committed().inserts()).isZero();
    long updates = end.committed().updates();
    assertThat(count("SELECT count(*) FROM updated WHERE id = (SELECT min(id) FROM kept)"))
        .isBetween(updates / 5, updates / 3);
  }

  @Test
  void leavesNumbersForRowsThatSomebodyElseInserts() throws Exception {
    Workload workload = prepared(FUNDS, 1);
    execute("INSERT INTO public.fund_metadata (fund_name, fund_code) VALUES ('x', 'x')");

    LoadProgress end = run(workload, LoadSettings.steady(1_000, Duration.ofSeconds(1), 2));

    assertThat(end.failures()).isZero();
  }

  @Test
  void putsTheRowsThereThatTheSpecWants() throws Exception {
    Workload workload = new SpecWorkload(WorkloadSpecs.load("funds").withInitialRows(2_500), 1);

    long added = prepare(workload);

    assertThat(added).isEqualTo(2_500);
    assertThat(count("SELECT count(*) FROM public.fund_metadata")).isEqualTo(2_500);
    assertThat(prepare(workload)).isZero();
  }

  @Test
  void countsLatenessOfAStalledSourceFromTheIntendedTime() throws Exception {
    // Given: a table that nobody can write to for a while
    Workload workload =
        prepared(
            WorkloadSpecs.load("funds").withMix(new Mix(1, 0, 0)).withRows(new Range(1, 1)), 1);
    try (Connection locker = postgres.connect("postgres");
        Statement statement = locker.createStatement()) {
      locker.setAutoCommit(false);
      statement.execute("LOCK TABLE public.fund_metadata IN EXCLUSIVE MODE");

      // When
      OpenLoop load =
          OpenLoop.start(
              () -> postgres.connect("postgres"),
              workload,
              LoadSettings.steady(100, Duration.ofSeconds(2), 1));
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
    Workload workload = prepared(WorkloadSpecs.load("funds").withRows(new Range(1_000, 1_000)), 1);

    LoadProgress end = run(workload, LoadSettings.steady(5_000_000, Duration.ofSeconds(1), 2));

    assertThat(end.due()).isEqualTo(5_000_000);
    assertThat(end.shortfall()).isBetween(0.2, 1.0);
    assertThat(end.committed().total()).isLessThan(end.due());
  }

  @Test
  void reportsTheWarmUpApart() throws Exception {
    Workload workload = prepared(FUNDS, 1);
    LoadSettings settings =
        new LoadSettings(1_000, Duration.ofSeconds(2), Duration.ofSeconds(1), Profile.STEADY, 2);

    try (io.kappacdc.load.LoadEngine engine =
        io.kappacdc.load.LoadEngine.open(() -> postgres.connect("postgres"), workload, settings)) {
      engine.begin(Duration.ZERO);
      for (long i = 0; i < engine.schedule().total(); i++) {
        engine.arrive(ended -> {});
      }
      LoadProgress whole = engine.await();

      assertThat(whole.due()).isEqualTo(2_000);
      assertThat(engine.measured().due()).isEqualTo(1_000);
      assertThat(engine.measured().committed().total()).isBetween(900L, 1_000L);
      assertThat(engine.seconds().get(0).due()).isEqualTo(1_000);
    }
  }

  @Test
  void failsAtOnceWithoutASource() {
    assertThatThrownBy(
            () ->
                OpenLoop.start(
                    () -> {
                      throw new SQLException("no source");
                    },
                    new SpecWorkload(FUNDS, 1),
                    LoadSettings.steady(1, Duration.ofSeconds(60), 2)))
        .isInstanceOf(SQLException.class)
        .hasMessage("no source");
  }

  private static void countChangesByTriggers(WorkloadSpec spec) throws SQLException {
    execute(
        """
        CREATE TABLE changes (op text, tx bigint);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO changes VALUES (TG_OP, txid_current()); RETURN NULL; END $$;
        """);
    for (TableSpec table : spec.tables()) {
      execute(
          "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON "
              + table.quotedName()
              + " FOR EACH ROW EXECUTE FUNCTION note()");
    }
  }

  private static LoadProgress run(Workload workload, LoadSettings settings) throws Exception {
    try (OpenLoop load = OpenLoop.start(() -> postgres.connect("postgres"), workload, settings)) {
      return load.await();
    }
  }

  private static Workload prepared(WorkloadSpec spec, long seed) throws SQLException {
    Workload workload = new SpecWorkload(spec, seed);
    prepare(workload);
    return workload;
  }

  private static long prepare(Workload workload) throws SQLException {
    try (Connection connection = postgres.connect("postgres")) {
      return workload.prepare(connection, 10_000).total();
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
