package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.delta.tables.DeltaTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.verify.PipelineFixture.Change;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ConfigLoader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final TableSchema ITEM =
      new TableSchema(
          "app",
          "item",
          List.of(
              column("id", "bigint"),
              column("name", "text"),
              column("price", "numeric(10,2)"),
              column("note", "text")),
          List.of("id"),
          ReplicaIdentity.DEFAULT);
  private static final TableSchema LOG =
      new TableSchema(
          "app",
          "log",
          List.of(column("at", "timestamp with time zone"), column("what", "text")),
          List.of(),
          ReplicaIdentity.DEFAULT);

  /** An LSN long after any fence. */
  private static final long AFTER = 0x7F00_0000_0000L;

  private PipelineFixture pipeline;

  private static Column column(String name, String type) {
    return new Column(name, type, type, true, name);
  }

  @BeforeEach
  void start() throws Exception {
    pipeline = new PipelineFixture();
  }

  @AfterEach
  void stop() throws Exception {
    pipeline.close();
  }

  private void createItems(String... rows) throws Exception {
    pipeline.source(
        "CREATE TABLE app.item (id bigint PRIMARY KEY, name text, price numeric(10,2), note text)");
    for (String row : rows) {
      pipeline.source("INSERT INTO app.item VALUES (" + row + ")");
    }
  }

  /** Two rows that all stores agree on. */
  private PipelineFixture.Table twoItems() throws Exception {
    createItems("1, 'one', 1.50, NULL", "2, 'it''s \\two', 2.00, ''");
    Change one = Change.of('c', 100, 1, "1", "one", "1.50", null);
    Change two = Change.of('c', 101, 1, "2", "it's \\two", "2.00", "");
    return pipeline.table(ITEM).trails(one, two).mirror(one, two);
  }

  private static StoreReport store(VerificationReport report, String table, String store) {
    return report.tables().stream()
        .filter(t -> t.table().equals(table))
        .findFirst()
        .orElseThrow()
        .store(store)
        .orElseThrow();
  }

  private static List<String> named(StoreReport store) {
    return store.differences().rows().stream()
        .map(row -> row.kind() + " " + row.key() + " " + row.columnNames())
        .toList();
  }

  private static void assertMatch(VerificationReport report) {
    assertThat(report.verdict())
        .describedAs(new ReportText(ReportText.Values.SHOWN).write(report))
        .isEqualTo(Verdict.MATCH);
  }

  @Test
  void matchesWhenEveryStoreHasTheSourcesRows() throws Exception {
    twoItems();

    VerificationReport report = pipeline.verify();

    assertMatch(report);
    assertThat(report.tables()).hasSize(1);
    assertThat(report.tables().get(0).sourceRows()).isEqualTo(2);
    assertThat(report.tables().get(0).stores())
        .extracting(StoreReport::rows)
        .containsExactly(2L, 2L, 2L, 2L);
  }

  /** As when a partition is attached: no change in the log tells of its rows. */
  @Test
  void rowsThatCaptureReadsAreAwaited() throws Exception {
    PipelineFixture.Table items = twoItems();
    pipeline.source("INSERT INTO app.item VALUES (3, 'three', 3.00, '')");
    pipeline.capture.reads(
        items.topic,
        20,
        lsn -> {
          Change three = Change.of('r', lsn, 1, "3", "three", "3.00", "");
          items.trails(three).mirror(three);
        });

    VerificationReport report = pipeline.verify();

    assertMatch(report);
    assertThat(report.tables().get(0).sourceRows()).isEqualTo(3);
  }

  @Test
  void rowsThatAreNotReadInTimeAreNoMismatch() throws Exception {
    PipelineFixture.Table items = twoItems();
    pipeline.source("INSERT INTO app.item VALUES (3, 'three', 3.00, '')");
    pipeline.source("CREATE TABLE app.log (at timestamptz, what text)");
    pipeline.source("INSERT INTO app.log VALUES (NULL, 'a')");
    Change line = Change.of('c', 102, 1, null, "a");
    pipeline.table(LOG).trails(line).mirror(line);
    pipeline.capture.reads(items.topic, Integer.MAX_VALUE, lsn -> {});

    VerificationReport report =
        pipeline.verify(
            new VerifyOptions(pipeline.pipeline(), List.of(), Duration.ofSeconds(8), 20));

    assertThat(report.tables())
        .extracting(TableReport::table, TableReport::verdict)
        .containsExactly(tuple("app.item", Verdict.NOT_VERIFIED), tuple("app.log", Verdict.MATCH));
    assertThat(new ReportText(ReportText.Values.SHOWN).write(report))
        .contains("capture is still reading its rows");
  }

  @Test
  void namesARowDeletedFromTheMirror() throws Exception {
    PipelineFixture.Table items = twoItems();
    DeltaTable.forPath(TestStack.SPARK, items.deltaMirror()).delete("id = 2");

    VerificationReport report = pipeline.verify();

    assertThat(report.verdict()).isEqualTo(Verdict.MISMATCH);
    assertThat(named(store(report, "app.item", MirrorAtFence.STORE)))
        .containsExactly("MISSING id=2 []");
    assertThat(store(report, "app.item", DeltaFold.STORE).verdict()).isEqualTo(Verdict.MATCH);
  }

  @Test
  void namesAValueChangedInThePostgresTrail() throws Exception {
    PipelineFixture.Table items = twoItems();
    pipeline.sink("UPDATE " + items.postgresTrail() + " SET price = 1.51 WHERE id = 1");

    VerificationReport report = pipeline.verify();

    assertThat(report.verdict()).isEqualTo(Verdict.MISMATCH);
    StoreReport trail = store(report, "app.item", PostgresTrail.STORE);
    assertThat(named(trail)).containsExactly("DIFFERENT id=1 [price]");
    assertThat(trail.differences().rows().get(0).columns())
        .containsExactly(new Differences.Value("price", "1.50", "1.51"));
    assertThat(named(store(report, "app.item", TrailHistory.STORE)))
        .containsExactly("DIFFERENT _kappa_lsn=0/64, _kappa_ordinal=1 [price]");
    assertThat(store(report, "app.item", MirrorAtFence.STORE).verdict()).isEqualTo(Verdict.MATCH);
  }

  @Test
  void namesAChangedValueThatALaterChangeSuperseded() throws Exception {
    createItems("1, 'new', NULL, NULL");
    Change old = Change.of('c', 100, 1, "1", "old", null, null);
    Change last =
        Change.of('u', 101, 1, "1", "new", null, null)
            .before("{\"id\":1,\"name\":\"old\",\"price\":1.5E+3,\"note\":null}");
    PipelineFixture.Table items = pipeline.table(ITEM).trails(old, last).mirror(last);
    assertMatch(pipeline.verify());
    pipeline.sink("UPDATE " + items.postgresTrail() + " SET name = 'forged' WHERE _kappa_op = 'c'");
    pipeline.sink(
        "UPDATE "
            + items.postgresTrail()
            + " SET _kappa_before = replace(_kappa_before::text, 'old', 'forged')::json"
            + " WHERE _kappa_op = 'u'");

    VerificationReport report = pipeline.verify();

    assertThat(store(report, "app.item", PostgresTrail.STORE).verdict()).isEqualTo(Verdict.MATCH);
    assertThat(named(store(report, "app.item", TrailHistory.STORE)))
        .containsExactlyInAnyOrder(
            "DIFFERENT _kappa_lsn=0/64, _kappa_ordinal=1 [name]",
            "DIFFERENT _kappa_lsn=0/65, _kappa_ordinal=1 [_kappa_before.name]");
  }

  @Test
  void foldsDeletesReinsertsAndTruncates() throws Exception {
    createItems("1, 'again', NULL, NULL", "3, 'after truncate', NULL, NULL");
    Change again = Change.of('c', 103, 4, "1", "again", null, null);
    Change third = Change.of('c', 103, 3, "3", "after truncate", null, null);
    pipeline
        .table(ITEM)
        .trails(
            Change.of('r', 100, 1L << 40, "1", "first", null, null),
            Change.of('d', 101, 1, "1", null, null, null),
            Change.of('c', 102, 1, "2", "truncated", null, null),
            Change.of('c', 103, 1, "1", "truncated", null, null),
            Change.of('t', 103, 2, null, null, null, null),
            third,
            Change.of('c', 103, 5, "4", "deleted", null, null),
            again,
            Change.of('d', 103, 6, "4", null, null, null))
        .mirror(third, again);

    assertMatch(pipeline.verify());
  }

  @Test
  void takesTheLastTruncateByPositionNotByTheTextOfItsLsn() throws Exception {
    createItems("2, 'kept', NULL, NULL");
    Change kept = Change.of('c', 0x121, 1, "2", "kept", null, null);
    pipeline
        .table(ITEM)
        .trails(
            Change.of('t', 0x56, 1, null, null, null, null),
            Change.of('c', 0x57, 1, "1", "truncated", null, null),
            Change.of('t', 0x120, 1, null, null, null, null),
            kept)
        .mirror(kept);

    assertMatch(pipeline.verify());
  }

  @Test
  void takesUnchangedToastValuesFromEarlierChanges() throws Exception {
    createItems("1, 'changed', NULL, 'long'", "2, 'b', NULL, NULL");
    Change first = Change.of('c', 100, 1, "1", "first", null, "long");
    Change last = Change.of('u', 102, 1, "1", "changed", null, null).unchanged("note");
    Change other = Change.of('u', 102, 2, "2", "b", null, null);
    pipeline
        .table(ITEM)
        .trails(
            first,
            Change.of('c', 100, 2, "2", "a", null, "gone"),
            Change.of('u', 101, 1, "1", "second", null, null).unchanged("note"),
            last,
            other)
        .mirror(Change.of('u', 102, 1, "1", "changed", null, "long"), other);

    assertMatch(pipeline.verify());
  }

  @Test
  void takesUnchangedToastValuesFromChangesUnderFormerKeys() throws Exception {
    createItems("3, 'third', NULL, 'long'", "5, 'b', NULL, 'five'", "1, 'again', NULL, 'own'");
    Change five = Change.of('u', 104, 1, "5", "b", null, null).unchanged("note");
    Change again = Change.of('c', 105, 1, "1", "again", null, "own");
    Change six = Change.of('c', AFTER, 2, "6", "third", null, null).unchanged("note");
    pipeline
        .table(ITEM)
        .trails(
            // Other rows had the keys 2 and 3 before.
            Change.of('c', 98, 1, "2", "another", null, "another's"),
            Change.of('d', 98, 2, "2", null, null, null),
            Change.of('c', 99, 1, "3", "another", null, "another's"),
            Change.of('d', 99, 2, "3", null, null, null),
            Change.of('c', 100, 1, "1", "first", null, "long"),
            Change.of('u', 101, 1, "1", "second", null, null).unchanged("note"),
            Change.of('d', 102, 1, "1", null, null, null),
            Change.of('c', 102, 2, "2", "second", null, null).unchanged("note"),
            Change.of('d', 103, 1, "2", null, null, null),
            Change.of('c', 103, 2, "4", "second", null, null).unchanged("note"),
            Change.of('d', 103, 3, "4", null, null, null),
            Change.of('c', 103, 4, "3", "third", null, null).unchanged("note"),
            Change.of('r', 103, 1L << 40, "5", "a", null, "five"),
            five,
            again,
            Change.of('d', AFTER, 1, "3", null, null, null),
            six)
        .mirror(
            Change.of('u', 104, 1, "5", "b", null, "five"),
            again,
            Change.of('c', AFTER, 2, "6", "third", null, "long"));

    assertMatch(pipeline.verify());
  }

  @Test
  void comparesATableWithoutKeyAsABag() throws Exception {
    pipeline.source("CREATE TABLE app.log (at timestamptz, what text)");
    pipeline.source(
        "INSERT INTO app.log VALUES ('2026-01-01 00:00:00.1+00', 'a'), ('2026-01-01 00:00:00.1+00',"
            + " 'a'), (NULL, 'b')");
    Change a = Change.of('c', 100, 1, "2026-01-01 00:00:00.1+00", "a");
    Change sameAgain = Change.of('c', 100, 2, "2026-01-01 00:00:00.1+00", "a");
    Change b = Change.of('c', 100, 3, null, "b");
    PipelineFixture.Table log = pipeline.table(LOG).trails(a, sameAgain, b).mirror(a, sameAgain, b);
    assertMatch(pipeline.verify());
    DeltaTable.forPath(TestStack.SPARK, log.deltaMirror()).delete("_kappa_ordinal = 2");

    VerificationReport report = pipeline.verify();

    assertThat(named(store(report, "app.log", MirrorAtFence.STORE)))
        .containsExactly("MISSING at=2026-01-01 00:00:00.1+00, what=a []");
  }

  @Test
  void undoesWhatCameAfterTheFenceWhereTheTrailBearsItOut() throws Exception {
    createItems("1, 'one', NULL, 'long'", "2, 'two', NULL, NULL", "3, 'three', NULL, NULL");
    Change one = Change.of('c', 100, 1, "1", "one", null, "long");
    Change two = Change.of('c', 100, 2, "2", "two", null, null);
    Change three = Change.of('c', 100, 3, "3", "three", null, null);
    Change four = Change.of('c', AFTER, 3, "4", "four", null, null);
    pipeline
        .table(ITEM)
        .trails(
            one,
            two,
            three,
            Change.of('u', AFTER, 1, "1", "later", null, null).unchanged("note"),
            Change.of('d', AFTER, 2, "2", null, null, null),
            four,
            Change.of('u', AFTER + 1, 1, "3", "not in the mirror yet", null, null))
        .mirror(Change.of('u', AFTER, 1, "1", "later", null, "long"), three, four);

    VerificationReport report = pipeline.verify();

    assertMatch(report);
    assertThat(store(report, "app.item", MirrorAtFence.STORE).rows()).isEqualTo(3);
  }

  @Test
  void aMirrorWithoutKeyIsTakenBackToTheFence() throws Exception {
    pipeline.source("CREATE TABLE app.log (at timestamptz, what text)");
    pipeline.source("INSERT INTO app.log VALUES (NULL, 'a')");
    Change a = Change.of('c', 100, 1, null, "a");
    Change later = Change.of('c', AFTER, 1, null, "b");
    pipeline.table(LOG).trails(a, later, Change.of('t', AFTER, 2, null, null)).mirror(later);

    assertMatch(pipeline.verify());
  }

  @Test
  void doesNotUndoWhatTheTrailDoesNotBearOut() throws Exception {
    createItems("1, 'one', NULL, NULL", "2, 'two', NULL, NULL", "3, 'three', NULL, NULL");
    Change one = Change.of('c', 100, 1, "1", "one", null, null);
    Change two = Change.of('c', 100, 2, "2", "two", null, null);
    Change three = Change.of('c', 100, 3, "3", "three", null, null);
    pipeline
        .table(ITEM)
        .trails(one, two, three, Change.of('u', AFTER, 1, "1", "later", null, null))
        .mirror(
            Change.of('u', AFTER, 1, "1", "wrong", null, null),
            Change.of('u', AFTER, 9, "2", "two", null, "made up"));

    VerificationReport report = pipeline.verify();

    assertThat(named(store(report, "app.item", MirrorAtFence.STORE)))
        .containsExactlyInAnyOrder(
            "DIFFERENT id=1 [name]", "DIFFERENT id=2 [note]", "MISSING id=3 []");
  }

  @Test
  void aTruncateAfterTheFenceIsTakenBack() throws Exception {
    createItems("1, 'one', NULL, NULL");
    Change one = Change.of('c', 100, 1, "1", "one", null, null);
    pipeline.table(ITEM).trails(one, Change.of('t', AFTER, 1, null, null, null, null));

    assertMatch(pipeline.verify());
  }

  @Test
  void aChangeTwiceInTheDeltaTrailIsAMismatch() throws Exception {
    createItems("1, 'one', NULL, NULL");
    Change one = Change.of('c', 100, 1, "1", "one", null, null);
    PipelineFixture.Table items = pipeline.table(ITEM).trails(one).mirror(one);
    TestStack.SPARK
        .read()
        .format("delta")
        .load(items.deltaTrail())
        .write()
        .format("delta")
        .mode("append")
        .save(items.deltaTrail());

    VerificationReport report = pipeline.verify();

    assertThat(named(store(report, "app.item", TrailHistory.STORE)))
        .containsExactly("EXTRA _kappa_lsn=0/64, _kappa_ordinal=1 []");
  }

  @Test
  void everyTypeIsComparedAsPostgresPrintsIt() throws Exception {
    pipeline.source("CREATE TYPE app.mood AS ENUM ('so so')");
    pipeline.source("CREATE TYPE app.pair AS (a int, b text)");
    pipeline.source(
        "CREATE TABLE app.kinds (id uuid PRIMARY KEY, t bool, c char(4), f float8, n numeric, d"
            + " date, i interval, b bytea, j jsonb, a int[], m app.mood, p app.pair, ip inet, r"
            + " real, ts timestamp, np app.pair)");
    pipeline.source(
        "INSERT INTO app.kinds VALUES ('00000000-0000-0000-0000-000000000001', true, 'ab', 'NaN',"
            + " 1.500, 'infinity', '1 mon 2 days', '\\xdead', '{\"b\": 1,  \"a\": 2}', '{1,NULL}',"
            + " 'so so', '(1,\"x y\")', '10.0.0.1', 0.1, '2026-01-01 12:00', '(,)')");
    TableSchema kinds =
        new TableSchema(
            "app",
            "kinds",
            List.of(
                column("id", "uuid"),
                column("t", "boolean"),
                column("c", "character(4)"),
                column("f", "double precision"),
                column("n", "numeric"),
                column("d", "date"),
                column("i", "interval"),
                column("b", "bytea"),
                column("j", "jsonb"),
                column("a", "integer[]"),
                column("m", "text"),
                column("p", "text"),
                column("ip", "inet"),
                column("r", "real"),
                column("ts", "timestamp without time zone"),
                column("np", "text")),
            List.of("id"),
            ReplicaIdentity.DEFAULT);
    String[] texts = {
      "00000000-0000-0000-0000-000000000001",
      "t",
      "ab  ",
      "NaN",
      "1.500",
      "infinity",
      "1 mon 2 days",
      "\\xdead",
      "{\"a\": 2, \"b\": 1}",
      "{1,NULL}",
      "so so",
      "(1,\"x y\")",
      "10.0.0.1",
      "0.1",
      "2026-01-01 12:00:00",
      "(,)"
    };
    Change row = Change.of('c', 100, 1, texts).exact(Map.of("d", "infinity"));
    pipeline.table(kinds).trails(row).mirror(row);

    assertMatch(pipeline.verify());
  }

  @Test
  void aStoreThatIsBehindIsNotVerifiedAndSaysWhere() throws Exception {
    PipelineFixture.Table items = twoItems();
    pipeline.sink("UPDATE kappa.ledger SET next_offset = 60");

    VerificationReport report =
        pipeline.verify(
            new VerifyOptions(pipeline.pipeline(), List.of(), Duration.ofSeconds(3), 20));

    assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
    assertThat(store(report, "app.item", PostgresTrail.STORE).reason())
        .isEqualTo("it has not passed the fence: partition 0 is at offset 60 of 100");
    assertThat(store(report, "app.item", MirrorAtFence.STORE).verdict()).isEqualTo(Verdict.MATCH);
    assertThat(items.topic).endsWith(".app.item");
  }

  @Test
  void aTableThatHasStoppedIsNotWaitedFor() throws Exception {
    twoItems().published(120);
    pipeline.noteCutBehindEverything();
    Duration timeout = Duration.ofMinutes(2);

    VerificationReport report =
        pipeline.verify(new VerifyOptions(pipeline.pipeline(), List.of(), timeout, 20));

    assertThat(report.waited()).isLessThan(timeout);
    for (String store : List.of(PostgresTrail.STORE, DeltaFold.STORE, MirrorAtFence.STORE)) {
      assertThat(store(report, "app.item", store).reason())
          .startsWith("it has not passed the fence: partition 0 is at offset 100 of 120, where it")
          .contains("has stopped");
    }
  }

  @Test
  void nothingIsVerifiedWhileCaptureStandsStill() throws Exception {
    twoItems();
    pipeline.capture.stop();

    assertThatThrownBy(
            () ->
                pipeline.verify(
                    new VerifyOptions(pipeline.pipeline(), List.of(), Duration.ofSeconds(2), 20)))
        .isInstanceOf(KappaException.class)
        .hasMessageStartingWith("Could not verify (capture did not pass the fence ")
        .hasMessageContaining("within 2 s");
  }

  @Test
  void aTableNoStoreKnowsMatchesOnlyIfItIsEmpty() throws Exception {
    createItems();
    assertMatch(pipeline.verify());
    pipeline.source("INSERT INTO app.item VALUES (1)");

    VerificationReport report = pipeline.verify();

    assertThat(report.verdict()).isEqualTo(Verdict.MISMATCH);
    assertThat(named(store(report, "app.item", PostgresTrail.STORE)))
        .containsExactly("MISSING id=1 []");
  }

  @Test
  void aColumnThatTheStoresDoNotHaveIsAMismatchOnceItHasValues() throws Exception {
    twoItems();
    pipeline.source("ALTER TABLE app.item ADD COLUMN extra int");
    assertMatch(pipeline.verify());
    pipeline.source("ALTER TABLE app.item ADD COLUMN flag int DEFAULT 5");

    VerificationReport report = pipeline.verify();

    assertThat(named(store(report, "app.item", MirrorAtFence.STORE)))
        .containsExactlyInAnyOrder("DIFFERENT id=1 [flag]", "DIFFERENT id=2 [flag]");
  }

  @Test
  void partitionedTablesAreComparedByTheirPartitionsOrByTheirRootAsPublished() throws Exception {
    pipeline.source(
        "CREATE TABLE app.item (id bigint PRIMARY KEY, name text, price numeric(10,2), note text) PARTITION BY RANGE (id)");
    pipeline.source("CREATE TABLE app.item_1 PARTITION OF app.item FOR VALUES FROM (0) TO (10)");
    pipeline.source("DROP PUBLICATION kappa_pub");
    pipeline.source(
        "CREATE PUBLICATION kappa_pub FOR ALL TABLES WITH (publish_via_partition_root = true)");
    pipeline.source("INSERT INTO app.item VALUES (1, 'one', 1, NULL)");
    Change one = Change.of('c', 100, 1, "1", "one", "1.00", null);
    pipeline.table(ITEM).trails(one).mirror(one);

    VerificationReport report = pipeline.verify();

    assertMatch(report);
    assertThat(report.tables()).extracting(TableReport::table).containsExactly("app.item");
  }

  @Test
  void aTableDroppedAtTheSourceIsComparedAmongTheStores() throws Exception {
    PipelineFixture.Table items = twoItems();
    pipeline.source("DROP TABLE app.item");
    assertMatch(pipeline.verify());
    DeltaTable.forPath(TestStack.SPARK, items.deltaMirror()).delete("id = 1");

    assertThat(pipeline.verify().verdict()).isEqualTo(Verdict.MISMATCH);
  }

  @Test
  void aTableThatIsNotCapturedIsLeftOutAlsoIfTheStoresHaveIt() throws Exception {
    twoItems();
    pipeline.source("INSERT INTO app.item VALUES (3, 'not captured', 1, NULL)");
    pipeline.source("CREATE TABLE app.log (id int PRIMARY KEY)");
    pipeline.source("INSERT INTO app.log VALUES (1)");
    pipeline.captures(
        new ConfigLoader()
            .flags(Map.of("source.exclude-tables", "app\\..*"))
            .load()
            .source()
            .tables());

    VerificationReport report = pipeline.verify();

    assertThat(report.tables())
        .extracting(TableReport::table)
        .noneMatch(table -> table.startsWith("app."));
    assertThatThrownBy(
            () ->
                pipeline.verify(
                    new VerifyOptions(
                        pipeline.pipeline(), List.of("app.log"), Duration.ofSeconds(20), 20)))
        .hasMessageContaining("not captured: app.log");
  }

  @Test
  void anUnknownTableIsNotVerified() throws Exception {
    twoItems();

    assertThatThrownBy(
            () ->
                pipeline.verify(
                    new VerifyOptions(
                        pipeline.pipeline(), List.of("app.items"), Duration.ofSeconds(20), 20)))
        .hasMessageContaining("no such table in the publication or the stores: app.items");
  }
}
