package io.kappacdc.processor.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaResolver;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.processor.MoneyHistory;
import io.kappacdc.processor.lake.DeltaMirrorSink;
import io.kappacdc.processor.lake.DeltaTrailSink;
import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.processor.lake.MirrorSettings;
import io.kappacdc.processor.sql.KappaSql.Outcome;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.RecordsBatch;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.runtime.cli.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A history with transfers, written by both sinks of the lake in batches of their own, and read
 * back by {@code kappa sql} as of one moment.
 */
class LakeAsOfTest {
  private static final List<String> SHOWN = List.of("account", "vault", "log");

  @TempDir private static Path directory;
  private static LakeSparkSession spark;
  private static final MoneyHistory HISTORY =
      new MoneyHistory(new TopicNames("pgsrc"), 7, 60, EnumSet.noneOf(MoneyHistory.Allowed.class));
  private static final NavigableSet<Long> MIRRORED = new TreeSet<>();

  @BeforeAll
  static void fillLake() throws Exception {
    spark = LakeSparkSession.start("test");
    try (Sink trail =
            new DeltaTrailSink(spark.session(), lake(), LakeAsOfTest::schemas, Duration.ZERO);
        Sink mirror =
            new DeltaMirrorSink(
                spark.session(),
                lake(),
                LakeAsOfTest::schemas,
                MirrorSettings.of(MirrorSettings.Writer.INDEX),
                Duration.ZERO)) {
      write(trail, 1);
      MIRRORED.addAll(write(mirror, 2));
      assertThat(mirror.stopped()).isEmpty();
    }
    KappaSql.configure(directory, lake());
  }

  @AfterAll
  static void stopSpark() {
    spark.close();
  }

  private static String lake() {
    return directory.resolve("lake").toString();
  }

  static SchemaResolver schemas() {
    Map<String, TableSchema> schemas = new HashMap<>();
    MoneyHistory.TABLES.forEach(table -> schemas.put(table.id(), table));
    return schemas::get;
  }

  private static Instant time(long lsn) {
    return Instant.EPOCH.plus(MoneyHistory.micros(lsn), ChronoUnit.MICROS);
  }

  private static SparkSession session() {
    return spark.session();
  }

  /** Writes the history in random batches, each up to a moment; returns their LSNs. */
  private static NavigableSet<Long> write(Sink sink, long seed) {
    Random random = new Random(seed);
    NavigableSet<Long> moments = new TreeSet<>();
    RecordsBatch batch = new RecordsBatch();
    NavigableMap<Long, List<KafkaRecord>> records = HISTORY.records();
    sink.positions();
    for (long lsn : records.keySet()) {
      records.get(lsn).forEach(batch::add);
      if (random.nextInt(6) == 0 || lsn == records.lastKey() || lsn == records.firstKey()) {
        sink.write(batch);
        sink.completed(
            new Cut(Cut.State.COMPLETE, lsn, MoneyHistory.micros(lsn), 1, new TreeMap<>()));
        batch = new RecordsBatch();
        moments.add(lsn);
      }
    }
    return moments;
  }

  private static Outcome run(String... arguments) {
    return KappaSql.run(directory, arguments);
  }

  /** One line for each row of each table: the table's name and its values. */
  private static String all(String store) {
    return """
        SELECT concat_ws('|', 'account', id, owner, balance, note) AS row FROM %1$s.public_account
        UNION ALL SELECT concat_ws('|', 'vault', balance, no, region) FROM %1$s.public_vault
        UNION ALL SELECT concat_ws('|', 'log', what, amount) FROM %1$s.public_log ORDER BY 1"""
        .formatted(store);
  }

  private static List<String> expected(long lsn) {
    List<String> rows = new ArrayList<>();
    for (String table : SHOWN) {
      HISTORY
          .states()
          .floorEntry(lsn)
          .getValue()
          .get(table)
          .forEach(row -> rows.add(table + '|' + row));
    }
    rows.sort(null);
    return rows;
  }

  @Test
  void mirrorsShowOneMomentAtOrBeforeWhatIsAsked() {
    Random random = new Random(3);
    long first = HISTORY.states().firstKey();
    long last = HISTORY.states().lastKey();
    for (int i = 0; i < 4; i++) {
      // When
      long asked = i == 0 ? last : first + random.nextLong(last - first);
      Outcome outcome = run("--as-of-lsn", Lsn.format(asked), all("mirror"));

      // Then
      long shown = MIRRORED.floor(asked);
      assertThat(outcome.err())
          .isEqualTo(
              "as of %s, %s (asked: %s)\n"
                  .formatted(Lsn.format(shown), AskedMoment.text(time(shown)), Lsn.format(asked)));
      assertThat(outcome.out().lines().skip(1)).containsExactlyElementsOf(expected(shown));
      assertThat(MoneyHistory.sum(HISTORY.states().floorEntry(shown).getValue()))
          .isEqualTo(MoneyHistory.SUM);
    }
  }

  @Test
  void trailsHaveTheChangesUpToTheSameMoment() {
    // Given
    long between = MIRRORED.lower(MIRRORED.last()) + 1;

    // When
    Outcome outcome =
        run(
            "--as-of-time",
            AskedMoment.text(time(between)),
            "SELECT count(*), hex(max(_kappa_lsn)) FROM trail.public_account");

    // Then
    long shown = MIRRORED.floor(between);
    Row expected =
        session()
            .read()
            .format("delta")
            .load(lake() + "/trail/public.account")
            .filter("_kappa_lsn <= " + shown)
            .selectExpr("count(*)", "hex(max(_kappa_lsn))")
            .head();
    assertThat(outcome.err()).startsWith("as of " + Lsn.format(shown) + ", ");
    assertThat(outcome.out().lines().skip(1))
        .containsExactly(expected.getLong(0) + "," + expected.getString(1));
  }

  @Test
  void historiesHaveTheSameChangesWithAllTheirValues() {
    // Given
    long asked = MIRRORED.lower(MIRRORED.last());

    // When
    String query =
        "SELECT concat_ws('|', _kappa_lsn, _kappa_ordinal, _kappa_op, coalesce(id, 'null'),"
            + " coalesce(owner, 'null'), coalesce(balance, 'null'), coalesce(note, 'null')) AS row"
            + " FROM history.public_account";
    Outcome then = run("--limit", "0", "--as-of-lsn", Lsn.format(asked), query);
    Outcome now = run("--limit", "0", query);

    // Then
    List<String> changes = HISTORY.changes(MoneyHistory.ACCOUNT);
    assertThat(then.out().lines().skip(1))
        .containsExactlyInAnyOrderElementsOf(
            changes.stream()
                .filter(row -> Long.parseLong(row.substring(0, row.indexOf('|'))) <= asked)
                .toList());
    assertThat(now.out().lines().skip(1)).containsExactlyInAnyOrderElementsOf(changes);
    assertThat(
            session()
                .read()
                .format("delta")
                .load(lake() + "/trail/public.account")
                .filter("_kappa_op = 'c' AND array_contains(_kappa_unchanged, 'note')")
                .count())
        .isPositive();
  }

  @Test
  void latestIsTheNewestMomentOfBothStores() {
    Outcome outcome =
        run(
            "--as-of-lsn",
            "latest",
            "SHOW TABLES IN mirror; " + all("mirror") + "; SELECT count(*) FROM kappa.cuts");

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(outcome.err())
        .isEqualTo(
            "as of %s, %s (asked: latest)\n"
                .formatted(Lsn.format(MIRRORED.last()), AskedMoment.text(time(MIRRORED.last()))));
    assertThat(outcome.out()).contains("mirror,public_account", "mirror,public_vault");
    assertThat(outcome.out().lines()).containsAll(expected(MIRRORED.last()));
  }

  @Test
  void momentsThatTheLakeDoesNotHaveAreRefused() {
    long first = MIRRORED.first();
    long last = MIRRORED.last();

    assertThat(run("--as-of-lsn", Lsn.format(last + 1), "SELECT 1").err())
        .isEqualTo(
            """
            problem: The lake is not complete at %s yet
            cause:   it is complete up to %s, %s
            remedy:  Wait, or ask for an earlier moment; --as-of-lsn latest takes the newest.
            """
                .formatted(Lsn.format(last + 1), Lsn.format(last), AskedMoment.text(time(last))));
    assertThat(run("--as-of-time", "2100-01-01T00:00Z", "SELECT 1").err())
        .startsWith("problem: The lake is not complete at 2100-01-01 00:00:00.000000+00 yet\n");
    assertThat(run("--as-of-lsn", Lsn.format(first - 1), "SELECT 1").err())
        .isEqualTo(
            """
            problem: The lake does not reach back to %s
            cause:   its first moment is %s, %s
            remedy:  Ask for a later moment; table kappa.cuts has those that were noted.
            """
                .formatted(
                    Lsn.format(first - 1), Lsn.format(first), AskedMoment.text(time(first))));
    assertThat(run("--as-of-time", "2001-01-01T00:00", "SELECT 1").err())
        .startsWith("problem: The lake does not reach back to 2001-01-01 00:00:00.000000+00\n");
    assertThat(run("--as-of-time", "noon", "--as-of-lsn", "latest", "SELECT 1").exitCode())
        .isEqualTo(ExitCode.NOT_DONE);
  }

  @Test
  void aTableWhoseFirstChangeCameLaterWasNotThere() {
    long first = MIRRORED.first();

    Outcome outcome = run("--as-of-lsn", Lsn.format(first), "SELECT * FROM mirror.public_log");

    assertThat(outcome.err())
        .contains(
            "problem: There was no table mirror.public_log as of " + Lsn.format(first) + ", ",
            "cause:   its first change came later\n");
  }

  @Test
  void historyAndVersionsOfTheirOwnDoNotGoWithAMoment() {
    assertThat(run("--as-of-lsn", "latest", "DESCRIBE HISTORY mirror.public_log").err())
        .contains("problem: No history as of a moment: DESCRIBE HISTORY");
    assertThat(
            run("--as-of-lsn", "latest", "SELECT * FROM mirror.public_vault VERSION AS OF 1").err())
        .contains("problem: A version of its own for one table does not go with a moment for all");
  }

  @Test
  void theQueryInTheDocumentationYieldsTheVersionsOfTheMoment() throws Exception {
    // Given
    String document = Files.readString(Path.of("../docs/as-of.md"));
    int begin = document.indexOf("```sql\n") + 7;
    long asked = MIRRORED.last() - 1;
    String query =
        document
            .substring(begin, document.indexOf("```", begin))
            .replace("/srv/lake", lake())
            .replace("27440072", Long.toString(asked));

    // When
    Map<String, Row> versions = new HashMap<>();
    session().sql(query).collectAsList().forEach(row -> versions.put(row.getString(0), row));

    // Then
    Row vault = versions.get("public.vault");
    assertThat(vault.getLong(2)).isEqualTo(MIRRORED.floor(asked));
    List<String> rows =
        session()
            .read()
            .format("delta")
            .option("versionAsOf", vault.getLong(1))
            .load(lake() + "/mirror/public.vault")
            .selectExpr("concat_ws('|', balance, no, region)")
            .as(Encoders.STRING())
            .collectAsList();
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            HISTORY.states().floorEntry(MIRRORED.floor(asked)).getValue().get("vault"));
  }
}
