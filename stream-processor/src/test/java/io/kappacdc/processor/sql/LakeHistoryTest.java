package io.kappacdc.processor.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaResolver;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.processor.lake.DeltaTrailSink;
import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.processor.sql.KappaSql.Outcome;
import io.kappacdc.processor.stream.RecordsBatch;
import io.kappacdc.processor.stream.Sink;
import io.kappacdc.runtime.cli.ExitCode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Database history of {@code kappa sql}, over trails whose changes lack values. */
class LakeHistoryTest {
  private static final String UNSENT = Row.ABSENT;
  private static final TopicNames TOPICS = new TopicNames("pgsrc");

  /** Its columns are called as the queries call theirs. */
  private static final TableSchema FUND =
      table(
          "fund",
          List.of("id"),
          Column.of("id", "integer"),
          Column.of("row", "text"),
          Column.of("c0", "numeric(38,2)"),
          Column.of("Op", "bytea"));

  private static final TableSchema LOST =
      table("lost", List.of("id"), Column.of("id", "date"), Column.of("it's \"%s\"", "text"));
  private static final TableSchema EMPTIED =
      table("emptied", List.of("id"), Column.of("id", "integer"), Column.of("name", "text"));
  private static final TableSchema PLAIN =
      table("plain", List.of("id"), Column.of("id", "integer"), Column.of("name", "text"));
  private static final TableSchema KEYLESS =
      table("keyless", List.of(), Column.of("id", "integer"), Column.of("name", "text"));
  private static final TableSchema BY_ID =
      table("rekeyed", List.of("id"), Column.of("id", "integer"), Column.of("name", "text"));
  private static final TableSchema BY_NAME =
      table("rekeyed", List.of("name"), Column.of("id", "integer"), Column.of("name", "text"));
  private static final List<TableSchema> ALL =
      List.of(FUND, LOST, EMPTIED, PLAIN, KEYLESS, BY_ID, BY_NAME);

  @TempDir private static Path directory;
  private static LakeSparkSession spark;
  private static long offset;

  private static TableSchema table(String name, List<String> key, Column... columns) {
    return new TableSchema("public", name, List.of(columns), key, ReplicaIdentity.DEFAULT);
  }

  private static SchemaResolver schemas() {
    Map<String, TableSchema> schemas = new HashMap<>();
    ALL.forEach(table -> schemas.put(table.id(), table));
    return schemas::get;
  }

  @BeforeAll
  static void fillLake() throws Exception {
    spark = LakeSparkSession.start("test");
    String lake = directory.resolve("lake").toString();
    KappaSql.configure(directory, lake);
    try (Sink trail = new DeltaTrailSink(spark.session(), lake, LakeHistoryTest::schemas)) {
      trail.positions();
      write(
          trail,
          ChangeEvent.create(at(10, 1), FUND, Row.of("7", "large", "NaN", "\\x01")),
          ChangeEvent.update(at(10, 2), FUND, null, Row.of("7", UNSENT, UNSENT, "\\x02")),
          ChangeEvent.create(at(11, 1), FUND, Row.of("5", "of the deleted row", "1.50", null)),
          ChangeEvent.update(at(11, 2), FUND, null, Row.of("5", UNSENT, UNSENT, UNSENT)),
          ChangeEvent.create(at(12, 1), LOST, Row.of("infinity", "x")),
          ChangeEvent.update(at(12, 2), LOST, null, Row.of("infinity", UNSENT)),
          ChangeEvent.update(at(12, 3), LOST, null, Row.of("-infinity", UNSENT)),
          ChangeEvent.create(at(12, 4), EMPTIED, Row.of("1", "before")),
          ChangeEvent.update(at(12, 5), EMPTIED, null, Row.of("1", UNSENT)),
          ChangeEvent.truncate(at(12, 6), EMPTIED),
          ChangeEvent.update(at(12, 7), EMPTIED, null, Row.of("1", UNSENT)),
          ChangeEvent.create(at(13, 1), PLAIN, Row.of("1", "x")),
          ChangeEvent.update(at(13, 2), PLAIN, null, Row.of("1", "y")),
          ChangeEvent.create(at(14, 1), KEYLESS, Row.of("1", "x")),
          ChangeEvent.update(at(14, 2), KEYLESS, null, Row.of("1", UNSENT)),
          ChangeEvent.create(at(15, 1), BY_ID, Row.of("1", "x")),
          ChangeEvent.update(at(16, 1), BY_NAME, null, Row.of("1", "x")));
      write(
          trail,
          ChangeEvent.delete(at(21, 1), FUND, Row.of("5", UNSENT, UNSENT, UNSENT)),
          ChangeEvent.delete(at(22, 3), FUND, Row.of("7", UNSENT, UNSENT, UNSENT)),
          ChangeEvent.rekey(
              at(22, 4),
              FUND,
              Row.of("7", UNSENT, UNSENT, UNSENT),
              Row.of("6", UNSENT, UNSENT, UNSENT)),
          ChangeEvent.update(at(23, 1), FUND, null, Row.of("6", UNSENT, "2.50", UNSENT)),
          ChangeEvent.delete(at(24, 1), FUND, Row.of("6", UNSENT, UNSENT, UNSENT)),
          ChangeEvent.rekey(
              at(24, 2),
              FUND,
              Row.of("6", UNSENT, UNSENT, UNSENT),
              Row.of("5", UNSENT, UNSENT, UNSENT)));
      write(
          trail,
          ChangeEvent.update(at(31, 1), FUND, null, Row.of("5", null, UNSENT, UNSENT)),
          ChangeEvent.update(at(32, 1), FUND, null, Row.of("5", UNSENT, UNSENT, UNSENT)),
          ChangeEvent.truncate(at(33, 1), FUND),
          ChangeEvent.create(at(34, 1), FUND, Row.of("5", "after the truncate", null, null)),
          ChangeEvent.update(at(35, 1), FUND, null, Row.of("5", UNSENT, UNSENT, UNSENT)));
      assertThat(trail.stopped()).isEmpty();
    }
  }

  @AfterAll
  static void stopSpark() {
    spark.close();
  }

  private static Origin at(long lsn, long ordinal) {
    return new Origin(new Position(lsn, ordinal), 7, 1_700_000_000_000_000L + lsn);
  }

  private static void write(Sink sink, ChangeEvent... events) {
    RecordsBatch batch = new RecordsBatch();
    for (ChangeEvent event : events) {
      batch.add(TOPICS, 0, offset++, event);
    }
    sink.write(batch);
  }

  private static Outcome run(String query) {
    return KappaSql.run(directory, query);
  }

  @Test
  void valuesLeftOutComeFromTheRowsEarlierChanges() {
    Outcome outcome =
        run(
            "SELECT _kappa_lsn || '.' || _kappa_ordinal AS place, _kappa_op AS op, id, row, c0,"
                + " _kappa_exact['c0'] AS exact, Op, size(_kappa_unchanged) AS unsent"
                + " FROM history.public_fund ORDER BY _kappa_lsn, _kappa_ordinal");

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .isEqualTo(
            """
            place,op,id,row,c0,exact,Op,unsent
            10.1,c,7,large,,NaN,01,-1
            10.2,u,7,large,,NaN,02,2
            11.1,c,5,of the deleted row,1.50,,,-1
            11.2,u,5,of the deleted row,1.50,,,3
            21.1,d,5,,,,,-1
            22.3,d,7,,,,,-1
            22.4,c,6,large,,NaN,02,3
            23.1,u,6,large,2.50,,02,2
            24.1,d,6,,,,,-1
            24.2,c,5,large,2.50,,02,3
            31.1,u,5,,2.50,,02,2
            32.1,u,5,,2.50,,02,3
            33.1,t,,,,,,-1
            34.1,c,5,after the truncate,,,,-1
            35.1,u,5,after the truncate,,,,3
            """);
  }

  @Test
  void hasTheTrailsColumnsAndIsListed() {
    String describe = "DESCRIBE %s.public_fund";
    assertThat(run(describe.formatted("history")).out())
        .isEqualTo(run(describe.formatted("trail")).out());
    assertThat(run("SHOW TABLES IN history").out())
        .contains("history,public_fund,true", "history,public_plain,true")
        .doesNotContain("rekeyed");
  }

  @Test
  void aValueThatTheTrailNeverGotIsAnErrorAndNotNull() {
    Outcome outcome = run("SELECT * FROM history.public_lost");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(outcome.err())
        .isEqualTo(
            """
            problem: The value of it's "%s" in a row of public.lost is not in the trail
            cause:   the update at 0/C left it as it was, and the trail has no change that brought it
            remedy:  Select other columns, or read the tables anew: kappa capture --resnapshot
            """);
    assertThat(run("SELECT count(*) AS n, count(_kappa_exact) AS m FROM history.public_lost").out())
        .isEqualTo("n,m\n3,3\n");
    assertThat(
            run("SELECT `it's \"%s\"` AS value FROM history.public_lost WHERE _kappa_ordinal = 2")
                .out())
        .isEqualTo("value\nx\n");
  }

  @Test
  void whatWasBeforeATruncateIsNotTakenForWhatIsAfterIt() {
    String query = "SELECT name FROM history.public_emptied WHERE _kappa_ordinal ";
    assertThat(run(query + "= 5").out()).isEqualTo("name\nbefore\n");
    assertThat(run(query + "= 7").err())
        .startsWith("problem: The value of name in a row of public.emptied is not in the trail\n");
  }

  @Test
  void withoutAKeyAValueThatWasLeftOutIsAnError() {
    assertThat(run("SELECT id FROM history.public_keyless").out()).isEqualTo("id\n1\n1\n");
    assertThat(run("SELECT name FROM history.public_keyless").err())
        .startsWith("problem: The value of name in a row of public.keyless is not in the trail\n");
  }

  @Test
  void aTrailThatLacksNothingIsReadAsItIs() {
    assertThat(run("EXPLAIN SELECT * FROM history.public_plain").out()).doesNotContain("Window");
    assertThat(run("SELECT id, name FROM history.public_plain ORDER BY name").out())
        .isEqualTo("id,name\n1,x\n1,y\n");
  }

  @Test
  void aTableWhoseKeyHasChangedHasNone() {
    assertThat(run("SELECT * FROM history.public_rekeyed").err())
        .isEqualTo(
            """
            problem: There is no table history.public_rekeyed
            cause:   the table's key has changed: changes from before do not tell which row they are of
            remedy:  Read the trail, which has what PostgreSQL sent, or the mirror.
            """);
    assertThat(run("SELECT count(*) AS n FROM trail.public_rekeyed").out()).isEqualTo("n\n2\n");
  }

  @Test
  void anUnknownTableBringsNearNames() {
    assertThat(run("SELECT * FROM history.public_plane").err())
        .contains("problem: There is no table history.public_plane", "history.public_plain");
  }
}
