package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.MoneyHistory;
import io.kappacdc.processor.MoneyHistory.Allowed;
import io.kappacdc.processor.ServersForTests;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.RecordsBatch;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryViewsTest extends TrailViewsCase {
  private static final String UNSENT = Row.ABSENT;

  private List<String> funds() throws SQLException {
    return query(
        "SELECT (_kappa_lsn - '0/0')::text || '.' || _kappa_ordinal, _kappa_op, id, name,"
            + " _kappa_unchanged FROM public.fund_history");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyChangeOfAHistoryHasAllItsValues(long seed) throws SQLException {
    // Given
    MoneyHistory history =
        new MoneyHistory(kafka.topics(), seed, 150, EnumSet.allOf(Allowed.class));
    MoneyHistory.TABLES.forEach(table -> ServersForTests.publish(kafka, table));
    Random random = new Random(seed);
    RecordsBatch batch = new RecordsBatch();

    // When
    for (List<KafkaRecord> transaction : history.records().values()) {
      transaction.forEach(batch::add);
      if (random.nextInt(5) == 0) {
        sink.write(batch);
        batch = new RecordsBatch();
      }
    }
    sink.write(batch);

    // Then
    assertThat(
            query(
                "SELECT count(*) > 10 FROM public.account_trail WHERE 'note' = ANY (_kappa_unchanged)"))
        .containsExactly("true");
    for (TableSchema table : MoneyHistory.TABLES) {
      String columns =
          table.columns().stream()
              .map(column -> TrailTable.quote(column.name()))
              .collect(Collectors.joining(", "));
      assertThat(
              query(
                  "SELECT _kappa_lsn - '0/0', _kappa_ordinal, _kappa_op, %s FROM public.%s_history"
                      .formatted(columns, table.table())))
          .as(table.table())
          .isEqualTo(history.changes(table));
    }
  }

  @Test
  void valuesLeftOutComeFromTheRowsEarlierChanges() throws SQLException {
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "large")),
        ChangeEvent.update(at(10, 2), FUND, null, Row.of("1", UNSENT)),
        ChangeEvent.update(at(20, 1), FUND, null, Row.of("1", UNSENT)));
    write(ChangeEvent.update(at(30, 1), FUND, null, Row.of("1", UNSENT)));
    write(
        ChangeEvent.update(at(40, 1), FUND, null, Row.of("1", null)),
        ChangeEvent.update(at(50, 1), FUND, null, Row.of("1", "larger")),
        ChangeEvent.update(at(60, 1), FUND, null, Row.of("1", UNSENT)));

    assertThat(funds())
        .containsExactly(
            "10.1|c|1|large|null",
            "10.2|u|1|large|{name}",
            "20.1|u|1|large|{name}",
            "30.1|u|1|large|{name}",
            "40.1|u|1|null|null",
            "50.1|u|1|larger|null",
            "60.1|u|1|larger|{name}");
  }

  @Test
  void aNullThatIsLeftOutIsNoErrorButNull() throws SQLException {
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", null)),
        ChangeEvent.update(at(20, 1), FUND, null, Row.of("1", UNSENT)));

    assertThat(funds()).containsExactly("10.1|c|1|null|null", "20.1|u|1|null|{name}");
  }

  @Test
  void aRowIsFollowedThroughChangesOfItsKeyAndNotBeyondItsInsert() throws SQLException {
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("7", "of seven")),
        ChangeEvent.create(at(11, 1), FUND, Row.of("5", "of the deleted row")),
        ChangeEvent.delete(at(12, 1), FUND, Row.of("5", UNSENT)),
        ChangeEvent.delete(at(13, 1), FUND, Row.of("7", UNSENT)),
        ChangeEvent.create(at(13, 2), FUND, Row.of("6", UNSENT)),
        ChangeEvent.delete(at(14, 1), FUND, Row.of("6", UNSENT)),
        ChangeEvent.create(at(14, 2), FUND, Row.of("5", UNSENT)),
        ChangeEvent.update(at(15, 1), FUND, null, Row.of("5", UNSENT)),
        ChangeEvent.delete(at(16, 1), FUND, Row.of("5", UNSENT)),
        ChangeEvent.create(at(17, 1), FUND, Row.of("5", "of the new row")),
        ChangeEvent.update(at(18, 1), FUND, null, Row.of("5", UNSENT)));

    assertThat(funds())
        .containsExactly(
            "10.1|c|7|of seven|null",
            "11.1|c|5|of the deleted row|null",
            "12.1|d|5|null|null",
            "13.1|d|7|null|null",
            "13.2|c|6|of seven|{name}",
            "14.1|d|6|null|null",
            "14.2|c|5|of seven|{name}",
            "15.1|u|5|of seven|{name}",
            "16.1|d|5|null|null",
            "17.1|c|5|of the new row|null",
            "18.1|u|5|of the new row|{name}");
  }

  @Test
  void whatWasBeforeATruncateIsNotTakenForWhatIsAfterIt() throws SQLException {
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "before")),
        ChangeEvent.update(at(10, 2), FUND, null, Row.of("1", UNSENT)),
        ChangeEvent.truncate(at(10, 3), FUND),
        ChangeEvent.create(at(10, 4), FUND, Row.of("2", "after")),
        ChangeEvent.update(at(10, 5), FUND, null, Row.of("2", UNSENT)),
        ChangeEvent.update(at(20, 1), FUND, null, Row.of("1", UNSENT)));

    assertThat(query("SELECT name FROM public.fund_history WHERE _kappa_lsn = '0/A'"))
        .containsExactly("after", "after", "before", "before", "null");
    assertNeverSent("SELECT name FROM public.fund_history WHERE id = 1", "0/14");
  }

  @Test
  void aValueThatTheTrailNeverGotIsAnErrorAndNotNull() throws SQLException {
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")),
        ChangeEvent.update(at(20, 1), FUND, null, Row.of("5", UNSENT)),
        ChangeEvent.create(at(30, 1), FUND, Row.of("6", UNSENT)));

    assertThat(query("SELECT id, name FROM public.fund_history WHERE _kappa_op = 'c' AND id = 1"))
        .containsExactly("1|x");
    assertThat(query("SELECT count(*) FROM public.fund_history")).containsExactly("3");
    assertThat(query("SELECT id, _kappa_unchanged FROM public.fund_history"))
        .containsExactly("1|null", "5|{name}", "6|{name}");
    assertNeverSent("SELECT * FROM public.fund_history WHERE id = 5", "0/14");
    assertNeverSent("SELECT * FROM public.fund_history WHERE id = 6", "0/1E");
  }

  private void assertNeverSent(String sql, String lsn) {
    assertRefused(
        sql,
        "The value of name in a row of public.fund is not in the trail",
        "The update at " + lsn + " left it as it was, and the trail has no change that brought it.",
        "Select other columns, or read the tables anew: kappa capture --resnapshot");
  }

  @Test
  void changesOlderThanAColumnOfTheKeyDoNotTellTheirRow() throws SQLException {
    // Given
    TableSchema other = fund(Column.of("id", "bigint"), Column.of("name", "text"));
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")),
        ChangeEvent.update(at(20, 1), FUND, null, Row.of("1", UNSENT)));
    execute("ALTER TABLE public.fund_trail RENAME COLUMN id TO id_integer");

    // When
    write(ChangeEvent.create(at(30, 1), other, Row.of("2", "y")));

    // Then
    assertNeverSent("SELECT name FROM public.fund_history", "0/14");
    assertThat(query("SELECT id_integer, id FROM public.fund_history"))
        .containsExactly("1|null", "1|null", "null|2");
  }

  @Test
  void withoutAKeyTheValueIsThatOfTheRowBefore() throws SQLException {
    TableSchema ticket = MoneyHistory.TICKET;
    write(
        ChangeEvent.create(at(10, 1), ticket, Row.of("abc", "true", "large")),
        ChangeEvent.update(
            at(20, 1), ticket, Row.of("abc", "true", "large"), Row.of("abc", "false", UNSENT)),
        ChangeEvent.update(
            at(30, 1), ticket, Row.of("abc", "false", UNSENT), Row.of("abc", "true", UNSENT)));

    assertThat(
            query("SELECT kind, open, note FROM public.ticket_history WHERE _kappa_lsn < '0/1E'"))
        .containsExactly("abc|false|large", "abc|true|large");
    assertRefused(
        "SELECT note FROM public.ticket_history",
        "The value of note in a row of public.ticket is not in the trail",
        "The update at 0/1E left it as it was, and the trail has no change that brought it.",
        "Select other columns, or read the tables anew: kappa capture --resnapshot");
  }

  @Test
  void aTableOfWhoseValuesNoneIsLeftOutIsReadAsItIs() throws SQLException {
    TableSchema plain =
        new TableSchema(
            "public",
            "fund",
            List.of(Column.of("id", "integer"), Column.of("price", "bigint")),
            List.of("id"),
            ReplicaIdentity.DEFAULT);
    write(ChangeEvent.create(at(10, 1), plain, Row.of("1", "2")));

    assertThat(query("EXPLAIN (COSTS OFF) SELECT * FROM public.fund_history"))
        .containsExactly("Seq Scan on fund_trail t");
  }

  @Test
  void onlyTheValuesThatAreSelectedAreLookedFor() throws SQLException {
    // Given
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    execute("CREATE INDEX ON public.fund_trail (id, _kappa_lsn, _kappa_ordinal)");
    execute("SET enable_seqscan = off");

    // When
    List<String> plain = query("EXPLAIN SELECT id FROM public.fund_history WHERE id = 1");
    List<String> all = query("EXPLAIN SELECT * FROM public.fund_history WHERE id = 1");

    // Then
    assertThat(plain)
        .anyMatch(line -> line.contains("fund_trail_id__kappa_lsn__kappa_ordinal_idx"))
        .noneMatch(line -> line.contains("SubPlan"));
    assertThat(all).noneMatch(line -> line.contains("Seq Scan on fund_trail p"));
  }

  @Test
  void hasTheTrailsColumnsWithTheirTypes() throws SQLException {
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")),
        ChangeEvent.create(
            at(20, 1),
            fund(Column.of("id", "bigint"), Column.of("no \"1\" 100%", "character varying(9)")),
            Row.of("5000000000", "y")));

    String columns =
        "SELECT attnum, attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            + " WHERE attnum > 0 AND NOT attisdropped AND attrelid = 'public.fund_%s'::regclass";
    assertThat(query(columns.formatted("history"))).isEqualTo(query(columns.formatted("trail")));
  }

  @Test
  void aUsersViewOfTheViewHoldsUpNoChangeAndIsToldWhy() throws SQLException {
    // Given
    TableSchema wider = fund(Column.of("id", "bigint"), Column.of("name", "text"));
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    execute("CREATE VIEW public.mine AS SELECT id FROM public.fund_history");

    // When
    write(ChangeEvent.create(at(20, 1), wider, Row.of("5000000000", "y")));

    // Then
    assertThat(sink.stopped()).isEmpty();
    assertThat(query("SELECT id FROM public.fund_trail")).containsExactly("1", "5000000000");
    assertRefused(
        "SELECT * FROM public.mine",
        "The view \"public\".\"fund_history\" is out of date",
        "A column of its table has a wider type, and these depend on the old one:"
            + " view mine depends on view fund_history.",
        "Drop them, restart the processor, which makes the view anew, and create them again.");

    // When
    execute("DROP VIEW public.mine");
    sink.positions();

    // Then
    assertThat(query("SELECT id FROM public.fund_history")).containsExactly("1", "5000000000");
  }

  @Test
  void aUsersOwnObjectOfThatNameStaysAndTheOtherViewIsMade() throws SQLException {
    execute("CREATE TABLE public.fund_history (mine text)");

    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    completed(10);

    assertThat(query("SELECT * FROM public.fund_history")).isEmpty();
    assertThat(query("SELECT * FROM public.fund_as_of")).containsExactly("1|x");
  }

  @Test
  void aTableWhoseKeyHasChangedHasNoView() throws SQLException {
    TableSchema rekeyed =
        new TableSchema("public", "fund", FUND.columns(), List.of("name"), ReplicaIdentity.DEFAULT);
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));

    write(ChangeEvent.create(at(30, 1), rekeyed, Row.of("2", "y")));

    assertThat(query("SELECT to_regclass('public.fund_history') IS NULL")).containsExactly("true");
  }

  @Test
  void whoMayReadAViewNeedsNoOtherRights() throws SQLException {
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")),
        ChangeEvent.update(at(20, 1), FUND, null, Row.of("1", UNSENT)));
    String reader = "reader_" + kafka.topics().schemas().replaceAll("[^a-z0-9]", "");
    execute("CREATE ROLE " + reader);
    execute("GRANT SELECT ON public.fund_history TO " + reader);

    execute("SET ROLE " + reader);

    assertThat(query("SELECT name FROM public.fund_history")).containsExactly("x", "x");
  }
}
