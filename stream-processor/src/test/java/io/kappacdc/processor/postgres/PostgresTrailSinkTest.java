package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.ServersForTests;
import io.kappacdc.processor.stream.BatchOutcome;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.RecordsBatch;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PostgresTrailSinkTest {
  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final PostgresTrailSink sink = new PostgresTrailSink(postgres, kafka);
  private final TableSchema fund =
      table("fund", Column.of("id", "integer"), Column.of("name", "text"));

  @BeforeEach
  void publishSchemaAndPlan() {
    ServersForTests.publish(kafka, fund);
    assertThat(sink.positions()).isEmpty();
  }

  @AfterEach
  void close() {
    sink.close();
  }

  private static TableSchema table(String name, Column... columns) {
    return new TableSchema(
        "public", name, List.of(columns), List.of("id"), ReplicaIdentity.DEFAULT);
  }

  private static Origin at(long lsn, long ordinal) {
    return new Origin(new Position(lsn, ordinal), 7, 1_700_000_000_000_001L);
  }

  private TopicPartition partition(TableSchema schema, int partition) {
    return new TopicPartition(kafka.topics().table(schema.schema(), schema.table()), partition);
  }

  private List<String> query(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = ServersForTests.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = ServersForTests.connect(postgres);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private RecordsBatch lifeOfARow() {
    return new RecordsBatch()
        .add(
            kafka.topics(),
            0,
            0,
            ChangeEvent.create(at(10, 1), fund, Row.of("1", "a\tb\\c\nd\r\"'")))
        .add(
            kafka.topics(),
            0,
            1,
            ChangeEvent.update(at(20, 1), fund, null, Row.of("1", Row.ABSENT)))
        .add(kafka.topics(), 0, 4, ChangeEvent.delete(at(20, 2), fund, Row.of("1", Row.ABSENT)))
        .add(kafka.topics(), 1, 0, ChangeEvent.create(at(15, 1), fund, Row.of("2", null)))
        .add(kafka.topics(), 1, 1, ChangeEvent.truncate(at(30, 1), fund));
  }

  @Test
  void writesEveryChangeAsARowWithItsPlace() throws SQLException {
    long rows = sink.write(lifeOfARow()).rows();

    assertThat(rows).isEqualTo(5);
    assertThat(
            query(
                "SELECT concat_ws('|', _kappa_op, _kappa_lsn, _kappa_ordinal, _kappa_tx_id,"
                    + " extract(epoch from _kappa_ts), _kappa_before, _kappa_unchanged, id,"
                    + " coalesce(name, 'NULL')) FROM public.fund_trail ORDER BY _kappa_lsn,"
                    + " _kappa_ordinal"))
        .containsExactly(
            "c|0/A|1|7|1700000000.000001|1|a\tb\\c\nd\r\"'",
            "c|0/F|1|7|1700000000.000001|2|NULL",
            "u|0/14|1|7|1700000000.000001|{name}|1|NULL",
            "d|0/14|2|7|1700000000.000001|{\"id\":1}|1|NULL",
            "t|0/1E|1|7|1700000000.000001|NULL");
    assertThat(sink.positions())
        .containsEntry(partition(fund, 0), new SinkPosition(20, 2, 5))
        .containsEntry(partition(fund, 1), new SinkPosition(30, 1, 2));
  }

  @Test
  void repeatedBatchChangesNothing() throws SQLException {
    sink.write(lifeOfARow());

    long rows = sink.write(lifeOfARow()).rows();

    assertThat(rows).isZero();
    assertThat(query("SELECT count(*) FROM public.fund_trail")).containsExactly("5");
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aLineThatBreaksAtTheEndOfACopyIsAnErrorAndNotAWait() throws Exception {
    try (LineThatBreaksAtCopyDone line = new LineThatBreaksAtCopyDone(postgres.url());
        PostgresTrailSink far =
            new PostgresTrailSink(
                new PostgresSettings(line.url(), postgres.user(), postgres.password(), 4), kafka)) {
      assertThat(far.positions()).isEmpty();

      assertThatThrownBy(() -> far.write(lifeOfARow())).hasRootCauseInstanceOf(IOException.class);

      assertThat(line.hasBroken()).isTrue();
      far.positions();
      far.write(lifeOfARow());
      assertThat(query("SELECT count(*) FROM public.fund_trail")).containsExactly("5");
    }
  }

  @Test
  void theLedgerAloneKeepsARepeatedBatchOut() throws SQLException {
    sink.write(lifeOfARow());
    execute("ALTER TABLE public.fund_trail DROP CONSTRAINT fund_trail_pkey");

    sink.write(lifeOfARow());

    assertThat(query("SELECT count(*) FROM public.fund_trail")).containsExactly("5");
  }

  @Test
  void lostLedgerBringsNoDuplicates() throws SQLException {
    sink.write(lifeOfARow());
    execute("DELETE FROM kappa.ledger; DELETE FROM public.fund_trail WHERE _kappa_op = 'u'");
    sink.positions();

    long rows = sink.write(lifeOfARow()).rows();

    assertThat(rows).isEqualTo(1);
    assertThat(query("SELECT count(*) FROM public.fund_trail")).containsExactly("5");
    assertThat(sink.positions()).containsEntry(partition(fund, 0), new SinkPosition(20, 2, 5));
  }

  /** As a standby that had not all of it yet, or a server without synchronous_commit. */
  @Test
  void aServerThatLostCommitsGetsThemAgain() throws SQLException {
    sink.write(lifeOfARow());
    execute(
        """
        DROP TABLE public.fund_trail CASCADE;
        UPDATE kappa.ledger SET next_offset = 0, lsn = '0/0', ordinal = 0, last_offset = -1""");
    Cut cut = new Cut(Cut.State.COMPLETE, 40, 0, 1, new TreeMap<>(), new TreeSet<>());
    RecordsBatch next =
        new RecordsBatch()
            .add(kafka.topics(), 0, 6, ChangeEvent.create(at(40, 1), fund, Row.of("3", "x")));

    assertThatThrownBy(() -> sink.write(next))
        .hasStackTraceContaining("The sink's server has lost commits");
    assertThatThrownBy(() -> sink.completed(cut))
        .hasMessageContaining("The sink's server has lost commits");
    sink.positions();
    sink.write(lifeOfARow());
    sink.write(next);

    assertThat(query("SELECT count(*) FROM public.fund_trail")).containsExactly("6");
  }

  /** PostgreSQL's own casts take blanks off, and write others of these values otherwise. */
  @Test
  void aColumnThatBecomesTextKeepsWhatWasPrinted() throws SQLException {
    TableSchema narrow =
        table(
            "texts",
            Column.of("id", "integer"),
            Column.of("code", "character(5)"),
            Column.of("address", "inet"),
            Column.of("flag", "boolean"),
            Column.of("pair", "integer[]"));
    TableSchema wide =
        table(
            "texts",
            Column.of("id", "integer"),
            Column.of("code", "text"),
            Column.of("address", "text"),
            Column.of("flag", "text"),
            Column.of("pair", "text"));
    ServersForTests.publish(kafka, narrow);
    ServersForTests.publish(kafka, wide);
    Row row = Row.of("1", "ab   ", "10.0.0.1", "t", "{1,NULL}");
    Row nulls = Row.of("2", null, null, null, null);

    sink.write(
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(10, 1), narrow, row))
            .add(kafka.topics(), 0, 1, ChangeEvent.create(at(10, 2), narrow, nulls))
            .add(kafka.topics(), 0, 2, ChangeEvent.update(at(11, 1), wide, null, row)));

    assertThat(sink.stopped()).isEmpty();
    assertThat(
            query(
                "SELECT concat_ws('|', id, code, address, flag, pair) FROM public.texts_trail"
                    + " ORDER BY _kappa_lsn, _kappa_ordinal"))
        .containsExactly("1|ab   |10.0.0.1|t|{1,NULL}", "2", "1|ab   |10.0.0.1|t|{1,NULL}");
  }

  @Test
  void aTrailThatCannotBeMadeStopsItsTableAlone() throws SQLException {
    TableSchema other = table("other", Column.of("id", "integer"));
    ServersForTests.publish(kafka, other);
    execute("CREATE VIEW public.other_trail AS SELECT 1 AS one");

    sink.write(
        lifeOfARow().add(kafka.topics(), 0, 0, ChangeEvent.create(at(12, 1), other, Row.of("3"))));

    assertThat(query("SELECT count(*) FROM public.fund_trail")).containsExactly("5");
    assertThat(sink.stopped()).containsOnlyKeys(partition(other, 0));
    assertThat(sink.stopped().get(partition(other, 0)))
        .contains("other_trail", "SQLSTATE 42809", "restart the processor");
  }

  @Test
  void columnsJoinAndWidenInMidBatch() throws SQLException {
    TableSchema wider =
        table("fund", Column.of("id", "bigint"), Column.of("price", "numeric(10,2)"));
    ServersForTests.publish(kafka, wider);
    RecordsBatch batch =
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(10, 1), fund, Row.of("1", "old")))
            .add(
                kafka.topics(),
                0,
                1,
                ChangeEvent.create(at(11, 1), wider, Row.of("5000000000", "1.50")))
            .add(kafka.topics(), 0, 2, ChangeEvent.create(at(12, 1), fund, Row.of("2", "late")));

    sink.write(batch);

    assertThat(query("SELECT concat_ws('|', id, name, price) FROM public.fund_trail ORDER BY id"))
        .containsExactly("1|old", "2|late", "5000000000|1.50");
  }

  @Test
  void aNumericOfAGreaterScaleIsWidened() throws SQLException {
    TableSchema two =
        table("price", Column.of("id", "integer"), Column.of("price", "numeric(10,2)"));
    TableSchema four =
        table("price", Column.of("id", "integer"), Column.of("price", "numeric(14,4)"));
    ServersForTests.publish(kafka, two);
    ServersForTests.publish(kafka, four);

    sink.write(
        new RecordsBatch()
            .add(
                kafka.topics(),
                0,
                0,
                ChangeEvent.create(at(10, 1), two, Row.of("1", "99999999.25")))
            .add(
                kafka.topics(),
                0,
                1,
                ChangeEvent.create(at(11, 1), four, Row.of("2", "9999999999.0625"))));

    assertThat(sink.stopped()).isEmpty();
    assertThat(query("SELECT price::text FROM public.price_trail ORDER BY id"))
        .containsExactly("99999999.2500", "9999999999.0625");
  }

  /** Partitions of one topic come to a change of schema one after the other. */
  @Test
  void theNewestSchemaStaysOnRecordWhenAnotherPartitionIsBehind() throws SQLException {
    TableSchema wider =
        table(
            "fund",
            Column.of("id", "integer"),
            Column.of("name", "text"),
            Column.of("isin", "text"));
    ServersForTests.publish(kafka, wider);
    sink.write(
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(10, 1), fund, Row.of("1", "a")))
            .add(
                kafka.topics(), 0, 1, ChangeEvent.create(at(30, 1), wider, Row.of("3", "c", "x"))));
    sink.close();

    try (PostgresTrailSink restarted = new PostgresTrailSink(postgres, kafka)) {
      restarted.positions();
      restarted.write(
          new RecordsBatch()
              .add(kafka.topics(), 1, 0, ChangeEvent.create(at(20, 1), fund, Row.of("2", "b"))));
      assertThat(newestSchema()).isEqualTo(wider.id());

      restarted.write(
          new RecordsBatch()
              .add(
                  kafka.topics(), 1, 1, ChangeEvent.create(at(40, 1), wider, Row.of("4", "d", "y")))
              .add(kafka.topics(), 1, 2, ChangeEvent.create(at(50, 1), fund, Row.of("5", "e"))));
    }
    assertThat(newestSchema()).as("the column was dropped").isEqualTo(fund.id());
    assertThat(query("SELECT count(*) FROM public.fund_trail")).containsExactly("5");
  }

  private String newestSchema() throws SQLException {
    String json = query("SELECT schema_json FROM kappa.tables").get(0);
    return SchemaJson.read(json.getBytes(StandardCharsets.UTF_8)).id();
  }

  @Test
  void incompatibleChangeOfTypeStopsThatTableAlone() throws SQLException {
    TableSchema incompatible = table("fund", Column.of("id", "uuid"), Column.of("name", "text"));
    TableSchema other = table("other", Column.of("id", "integer"));
    ServersForTests.publish(kafka, incompatible);
    ServersForTests.publish(kafka, other);
    RecordsBatch batch =
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(10, 1), fund, Row.of("1", "before")))
            .add(
                kafka.topics(),
                0,
                1,
                ChangeEvent.create(at(11, 1), incompatible, Row.of("0-0", "after")))
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(12, 1), other, Row.of("3")));

    sink.write(batch);

    assertThat(query("SELECT name FROM public.fund_trail")).containsExactly("before");
    assertThat(query("SELECT id FROM public.other_trail")).containsExactly("3");
    assertThat(sink.stopped()).containsOnlyKeys(partition(fund, 0));
    assertThat(sink.stopped().get(partition(fund, 0)))
        .contains("changed from integer to uuid", "RENAME COLUMN");
    assertThat(sink.positions()).containsEntry(partition(fund, 0), new SinkPosition(10, 1, 1));
  }

  @Test
  void goesOnAfterTheCureOfAStoppedTable() throws SQLException {
    TableSchema incompatible = table("fund", Column.of("id", "uuid"), Column.of("name", "text"));
    ServersForTests.publish(kafka, incompatible);
    String uuid = "6b617070-6b61-7070-6b61-70706b617070";
    RecordsBatch batch =
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(10, 1), fund, Row.of("1", "old")))
            .add(
                kafka.topics(),
                0,
                1,
                ChangeEvent.create(at(11, 1), incompatible, Row.of(uuid, "new")));
    sink.write(batch);
    execute("ALTER TABLE public.fund_trail RENAME COLUMN id TO id_integer");

    sink.positions();
    sink.write(batch);

    assertThat(
            query(
                "SELECT concat_ws('|', id_integer, id, name) FROM public.fund_trail"
                    + " ORDER BY _kappa_lsn"))
        .containsExactly("1|old", uuid + "|new");
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void takesTheTimeThatPostgresPrintsButDoesNotTakeBack() throws SQLException {
    TableSchema event =
        table(
            "event",
            Column.of("id", "integer"),
            Column.of("day", "timestamp(0) without time zone"),
            Column.of("moments", "timestamp(3) with time zone[]"),
            Column.of("note", "text"));
    ServersForTests.publish(kafka, event);
    execute("CREATE TABLE public.beyond (day timestamp(0))");
    execute("INSERT INTO public.beyond VALUES ('294276-12-31 23:59:59.5')");
    String printed = query("SELECT day::text FROM public.beyond").get(0);
    Row row = Row.of("1", printed, "{\"" + printed + "+00\"}", printed);

    sink.write(
        new RecordsBatch().add(kafka.topics(), 0, 0, ChangeEvent.create(at(10, 1), event, row)));

    assertThat(sink.stopped()).isEmpty();
    assertThat(query("SELECT concat_ws('|', day, moments, note) FROM public.event_trail"))
        .containsExactly(row.get(1) + "|" + row.get(2) + "|" + row.get(3));
  }

  @Test
  void aValueThatTheTrailDoesNotTakeGoesToQuarantineAndTheRestGoesOn() throws SQLException {
    // Given: two of them, and one is behind a line that is longer than the buffer.
    String topic = kafka.topics().table("public", "fund");
    RecordsBatch batch =
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, created(1, "1", "x"))
            .add(new KafkaRecord(topic, 0, 1, null, "not ours".getBytes(StandardCharsets.UTF_8)))
            .add(kafka.topics(), 0, 5, created(2, "secret", "y"))
            .add(kafka.topics(), 0, 6, created(3, "3", "z".repeat(100_000)))
            .add(kafka.topics(), 0, 7, created(4, "other", "y"))
            .add(kafka.topics(), 0, 8, created(5, "5", "v"));

    // When
    BatchOutcome outcome = sink.write(batch);
    sink.write(batch);

    // Then
    assertThat(query("SELECT id FROM public.fund_trail ORDER BY id"))
        .containsExactly("1", "3", "5");
    assertThat(outcome.rows()).isEqualTo(3);
    assertThat(sink.stopped()).isEmpty();
    assertThat(sink.quarantined()).isEqualTo(3);
    assertThat(sink.positions().get(partition(fund, 0)).nextOffset()).isEqualTo(9);
    assertThat(
            query(
                "SELECT concat_ws(' ', record_offset, reason) FROM kappa.quarantine"
                    + " ORDER BY record_offset"))
        .containsExactly(
            "1 Not a change event: JsonParseException",
            "5 The trail does not take a value of column id: SQLSTATE 22P02",
            "7 The trail does not take a value of column id: SQLSTATE 22P02");
  }

  @Test
  void aValueThatTheTrailDoesNotTakeGoesToQuarantineWhenChangesAreMerged() throws SQLException {
    RecordsBatch batch =
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, created(1, "1", "x"))
            .add(kafka.topics(), 0, 1, created(2, "2", "y"));
    sink.write(batch);
    execute("DELETE FROM kappa.ledger");
    sink.positions();

    sink.write(batch.add(kafka.topics(), 0, 2, created(3, "no number", "z")));

    assertThat(query("SELECT id FROM public.fund_trail ORDER BY id")).containsExactly("1", "2");
    assertThat(query("SELECT record_offset FROM kappa.quarantine")).containsExactly("2");
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void manyValuesThatTheTrailDoesNotTakeStopTheirPartition() throws SQLException {
    RecordsBatch batch = new RecordsBatch();
    for (int i = 0; i <= 20; i++) {
      batch.add(kafka.topics(), 0, i, created(i + 1, "no number", "x"));
    }
    batch.add(kafka.topics(), 1, 0, created(1, "1", "x"));

    sink.write(batch);

    assertThat(sink.stopped()).containsOnlyKeys(partition(fund, 0));
    assertThat(sink.stopped().get(partition(fund, 0)))
        .contains("of column id: SQLSTATE 22P02", "more than 20 records of a batch")
        .doesNotContain("no number");
    assertThat(query("SELECT id FROM public.fund_trail")).containsExactly("1");
    assertThat(query("SELECT record_offset FROM kappa.quarantine")).isEmpty();
  }

  private ChangeEvent created(int ordinal, String id, String name) {
    return ChangeEvent.create(at(10, ordinal), fund, Row.of(id, name));
  }

  @Test
  void recordsThatAreNotOursGoToQuarantineOnceAndTheRestGoesOn() throws SQLException {
    // Given
    String topic = kafka.topics().table("public", "fund");
    byte[] garbage = "not ours".getBytes(StandardCharsets.UTF_8);
    RecordsBatch batch =
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(10, 1), fund, Row.of("1", "x")));
    for (int offset = 1; offset <= 1_200; offset++) { // more than are held at a time
      batch.add(new KafkaRecord(topic, 0, offset, null, garbage));
    }
    batch
        .add(kafka.topics(), 0, 1_201, ChangeEvent.create(at(12, 1), fund, Row.of("3", "z")))
        .add(new KafkaRecord(topic, 0, 1_202, garbage, null));
    sink.write(batch);

    // When
    sink.write(batch);

    // Then
    assertThat(query("SELECT name FROM public.fund_trail ORDER BY id")).containsExactly("x", "z");
    assertThat(sink.stopped()).isEmpty();
    assertThat(sink.quarantined()).isEqualTo(1_201);
    assertThat(sink.positions().get(partition(fund, 0)).nextOffset()).isEqualTo(1_203);
    assertThat(sink.quarantined()).isEqualTo(1_201);
    assertThat(
            query(
                "SELECT concat_ws(' ', min(record_offset), max(record_offset), count(*), reason,"
                    + " convert_from(value, 'UTF8')) FROM kappa.quarantine"
                    + " GROUP BY reason, value ORDER BY 1"))
        .containsExactly(
            "1 1200 1200 Not a change event: JsonParseException not ours",
            "1202 1202 1 The record has no value");
  }

  @Test
  void hostileNamesAreNamesAndNothingElse() throws SQLException {
    String name = "a\"; DROP SCHEMA kappa CASCADE; --";
    TableSchema hostile =
        new TableSchema(
            "S.\"x\"",
            name,
            List.of(Column.of("id", "integer"), Column.of(name, "text")),
            List.of("id"),
            ReplicaIdentity.DEFAULT);
    ServersForTests.publish(kafka, hostile);

    sink.write(
        new RecordsBatch()
            .add(kafka.topics(), 0, 0, ChangeEvent.create(at(1, 1), hostile, Row.of("1", "v"))));

    TrailTable trail = TrailTable.of(hostile);
    assertThat(query("SELECT " + TrailTable.quote(name) + " FROM " + trail.sql()))
        .containsExactly("v");
    assertThat(query("SELECT count(*) FROM kappa.ledger")).containsExactly("1");
  }

  @Test
  void longNamesStayApart() {
    String prefix = "ü".repeat(31);
    TrailTable one = TrailTable.of(table(prefix + "1", Column.of("id", "integer")));
    TrailTable two = TrailTable.of(table(prefix + "2", Column.of("id", "integer")));

    assertThat(one.table()).isNotEqualTo(two.table()).endsWith("_trail");
    assertThat(one.table().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(63);
  }
}
