package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsOfViewsTest extends TrailViewsCase {
  private Map<String, List<String>> shown() throws SQLException {
    Map<String, List<String>> state = new HashMap<>();
    for (TableSchema table : MoneyHistory.TABLES) {
      state.put(table.table(), query("SELECT * FROM public." + table.table() + "_as_of"));
    }
    return state;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyMomentOfAHistoryIsShownAsItWas(long seed) throws SQLException {
    // Given
    MoneyHistory history =
        new MoneyHistory(kafka.topics(), seed, 150, EnumSet.allOf(Allowed.class));
    MoneyHistory.TABLES.forEach(table -> ServersForTests.publish(kafka, table));
    NavigableMap<Long, Map<String, List<String>>> states = history.states();
    Random random = new Random(seed);
    RecordsBatch batch = new RecordsBatch();
    for (Map.Entry<Long, List<KafkaRecord>> transaction : history.records().entrySet()) {
      transaction.getValue().forEach(batch::add);
      long next =
          states.higherKey(transaction.getKey()) == null
              ? 0
              : states.higherKey(transaction.getKey());
      if (transaction.getKey().equals(states.firstKey())
          || next == history.readAnewAt()
          || random.nextInt(5) == 0) {
        sink.write(batch);
        completed(transaction.getKey());
        batch = new RecordsBatch();
      }
    }
    sink.write(batch);
    completed(states.lastKey());

    for (int i = 0; i < 60; i++) {
      // When
      long lsn = states.firstKey() + random.nextLong(states.lastKey() - states.firstKey() + 1);
      if (lsn < history.readAnewAt()
          && states.floorKey(lsn).equals(states.lowerKey(history.readAnewAt()))) {
        lsn = states.floorKey(lsn);
      }
      query("SELECT kappa.as_of('" + Lsn.format(lsn) + "')");

      // Then
      Map<String, List<String>> shown = shown();
      assertThat(shown).as("at %s", Lsn.format(lsn)).isEqualTo(states.floorEntry(lsn).getValue());
      assertThat(MoneyHistory.sum(shown)).isEqualTo(MoneyHistory.SUM);
    }
    execute("RESET kappa.as_of_lsn");
    assertThat(shown()).isEqualTo(states.lastEntry().getValue());
  }

  private List<String> fundsAt(long lsn) throws SQLException {
    execute("SET kappa.as_of_lsn = '" + Lsn.format(lsn) + "'");
    return query("SELECT * FROM public.fund_as_of");
  }

  @Test
  void aValueLeftOutIsTheOneOfTheRowAndNotOfAnEarlierRowWithItsKey() throws SQLException {
    // Given
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("7", "large")),
        ChangeEvent.create(at(20, 1), FUND, Row.of("5", "large, of the deleted row")),
        ChangeEvent.delete(at(30, 1), FUND, Row.of("5", Row.ABSENT)),
        ChangeEvent.delete(at(40, 3), FUND, Row.of("7", Row.ABSENT)),
        ChangeEvent.create(at(40, 4), FUND, Row.of("6", Row.ABSENT)),
        ChangeEvent.delete(at(50, 1), FUND, Row.of("6", Row.ABSENT)),
        ChangeEvent.create(at(50, 2), FUND, Row.of("5", Row.ABSENT)),
        ChangeEvent.update(at(60, 1), FUND, null, Row.of("5", Row.ABSENT)));
    completed(10);
    completed(60);

    // When, Then
    assertThat(fundsAt(20)).containsExactly("5|large, of the deleted row", "7|large");
    assertThat(fundsAt(30)).containsExactly("7|large");
    assertThat(fundsAt(45)).containsExactly("6|large");
    assertThat(fundsAt(50)).containsExactly("5|large");
    assertThat(fundsAt(60)).containsExactly("5|large");
  }

  @Test
  void aValueThatTheTrailNeverGotIsAnErrorAndNotNull() throws SQLException {
    write(ChangeEvent.update(at(10, 1), FUND, null, Row.of("5", Row.ABSENT)));
    completed(10);

    assertThat(query("SELECT id FROM public.fund_as_of")).containsExactly("5");
    assertRefused(
        "SELECT * FROM public.fund_as_of",
        "The value of name in a row of public.fund is not in the trail",
        "The update at 0/A left it as it was, and the trail has no change that brought it.",
        "Select other columns, or read the tables anew: kappa capture --resnapshot");
  }

  @Test
  void theSinkNotesWhatTheViewsAreReadBy() throws SQLException {
    write(ChangeEvent.create(at(100, 1), FUND, Row.of("1", "x")));

    sink.completed(new Cut(Cut.State.COMPLETE, 200, MoneyHistory.micros(200), 1, new TreeMap<>()));

    assertThat(query("SELECT * FROM public.fund_as_of")).containsExactly("1|x");
    assertThat(query("SELECT lsn, stopped_topics FROM kappa.moments")).containsExactly("0/C8|{}");
  }

  @Test
  void momentsThatTheTrailDoesNotHaveAreRefused() throws SQLException {
    // Given
    write(ChangeEvent.create(at(100, 1), FUND, Row.of("1", "x")));

    // When, Then
    assertRefused(
        "SELECT * FROM public.fund_as_of",
        "The trail is not complete up to any moment yet",
        "The processor has not finished the first snapshot, or has never run.",
        "Wait; SELECT * FROM kappa.progress shows the moment once there is one.");
    completed(100);
    completed(200);
    execute("SET timezone = 'UTC'");
    String wait = "Wait, or ask for an earlier moment; kappa.as_of('latest') takes the newest.";
    String first = "Ask for a later moment; kappa.moments has those that were noted.";
    assertRefused(
        "SELECT kappa.as_of('0/C9')",
        "The trail is not complete at 0/C9 yet",
        "It is complete up to 0/C8, 2023-11-14 22:13:20.0002+00.",
        wait);
    assertRefused(
        "SELECT kappa.as_of('2023-11-14 22:13:20.000201+00')",
        "The trail is not complete at 2023-11-14 22:13:20.000201+00 yet",
        "It is complete up to 0/C8, 2023-11-14 22:13:20.0002+00.",
        wait);
    assertRefused(
        "SELECT kappa.as_of('0/63')",
        "The trail does not reach back to 0/63",
        "Its first moment is 0/64, 2023-11-14 22:13:20.0001+00.",
        first);
    assertRefused(
        "SELECT kappa.as_of('2023-11-14 22:13:20.000099+00'::timestamptz)",
        "The trail does not reach back to 2023-11-14 22:13:20.000099+00",
        "Its first moment is of 2023-11-14 22:13:20.0001+00.",
        first);
    assertRefused(
        "SELECT kappa.as_of('yesteryear')",
        "This is no moment: yesteryear",
        "A moment is an LSN, a time, or 'latest'.",
        "SELECT kappa.as_of('0/1A2B3C8'); SELECT kappa.as_of('2026-11-21 03:10:11+00')");
    execute("SET kappa.as_of_lsn = '0/C9'");
    assertThatThrownBy(() -> query("SELECT * FROM public.fund_as_of"))
        .hasMessageContaining("The trail is not complete at 0/C9 yet");
  }

  @Test
  void whatHappenedBeforeTablesWereReadAnewIsNotMadeUp() throws SQLException {
    // Given
    Origin barrier = at(200, Position.SNAPSHOT_ORDINAL_BASE);
    write(ChangeEvent.create(at(100, 1), FUND, Row.of("1", "x")));
    completed(100);
    write(
        ChangeEvent.truncate(barrier, FUND),
        ChangeEvent.read(at(200, Position.SNAPSHOT_ORDINAL_BASE + 1), FUND, Row.of("2", "y")));
    completed(250);

    // When, Then
    assertThat(fundsAt(100)).containsExactly("1|x");
    assertThat(fundsAt(200)).containsExactly("2|y");
    assertRefused(
        "SELECT kappa.as_of('0/65')",
        "The trail does not know the source at 0/65",
        "All tables were read anew at 0/C8; what happened since 0/64 may be missing.",
        "Ask for 0/64 or for 0/C8.");
  }

  @Test
  void changesOlderThanAColumnOfTheKeyAreAnError() throws SQLException {
    // Given
    TableSchema other = fund(Column.of("id", "uuid"), Column.of("name", "text"));
    String uuid = "6b617070-6b61-7070-6b61-70706b617070";
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    completed(10);
    execute("ALTER TABLE public.fund_trail RENAME COLUMN id TO id_integer");

    // When
    write(ChangeEvent.create(at(20, 1), other, Row.of(uuid, "y")));
    completed(20);

    // Then
    assertRefused(
        "SELECT * FROM public.fund_as_of",
        "The rows of public.fund cannot be told from its trail",
        "The change at 0/A is older than a column of the key.",
        "Read the tables anew: kappa capture --resnapshot");

    // When
    write(
        ChangeEvent.truncate(at(30, Position.SNAPSHOT_ORDINAL_BASE), other),
        ChangeEvent.read(at(30, Position.SNAPSHOT_ORDINAL_BASE + 1), other, Row.of(uuid, "z")));
    completed(30);

    // Then
    assertThat(query("SELECT id, name FROM public.fund_as_of")).containsExactly(uuid + "|z");
  }

  @Test
  void aTimeIsTheNewestMomentNotAfterIt() throws SQLException {
    // Given
    write(ChangeEvent.create(at(100, 1), FUND, Row.of("1", "x")));
    completed(100);
    completed(150);
    completed(200);
    execute("DELETE FROM kappa.moments WHERE lsn = '0/C8'");

    // When, Then
    assertThat(query("SELECT kappa.as_of('2023-11-14 22:13:20.000100+00')"))
        .containsExactly("0/64");
    assertThat(query("SELECT kappa.as_of('2023-11-14 22:13:20.000149+00')"))
        .containsExactly("0/64");
    assertThat(query("SELECT kappa.as_of('2023-11-14 22:13:20.000199+00'::timestamptz)"))
        .containsExactly("0/96");
    assertThat(query("SELECT kappa.as_of('2023-11-14 22:13:20.000200+00')"))
        .containsExactly("0/C8");
    assertThat(query("SELECT kappa.as_of('latest')")).containsExactly("0/C8");
    assertThat(query("SELECT kappa.as_of('0/97'::pg_lsn)")).containsExactly("0/97");
    assertThat(query("SHOW kappa.as_of_lsn")).containsExactly("0/97");
  }

  @Test
  void aStoppedTableIsShownAsLongAsItWasComplete() throws SQLException {
    // Given
    write(ChangeEvent.create(at(100, 1), FUND, Row.of("1", "x")));
    String topic = kafka.topics().table("public", "fund");
    completed(100);
    completed(200, topic);

    // When, Then
    assertThat(fundsAt(100)).containsExactly("1|x");
    String remedy =
        "`kappa status` says why it stopped and what to do. Its earlier moments can be read.";
    assertThatThrownBy(() -> fundsAt(101))
        .hasMessageContaining("The trail of topic " + topic + " stopped before 0/65")
        .hasMessageContaining("It was last complete at 0/64.")
        .hasMessageContaining(remedy);
    execute("RESET kappa.as_of_lsn");
    assertThatThrownBy(() -> query("SELECT * FROM public.fund_as_of"))
        .hasMessageContaining("stopped before 0/C8");
    completed(300);
    assertThat(fundsAt(150)).containsExactly("1|x");
  }

  @Test
  void whoMayReadAViewNeedsNoOtherRights() throws SQLException {
    write(ChangeEvent.create(at(100, 1), FUND, Row.of("1", "x")));
    completed(100);
    String reader = "reader_" + kafka.topics().schemas().replaceAll("[^a-z0-9]", "");
    execute("CREATE ROLE " + reader);
    execute("GRANT SELECT ON public.fund_as_of TO " + reader);

    execute("SET ROLE " + reader);

    assertThat(fundsAt(100)).containsExactly("1|x");
  }

  @Test
  void columnsJoinAndWidenInTheViewToo() throws SQLException {
    // Given
    TableSchema wider = fund(Column.of("id", "bigint"), Column.of("price", "numeric(10,2)"));
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    completed(10);

    // When
    write(ChangeEvent.create(at(20, 1), wider, Row.of("5000000000", "1.50")));
    completed(20);

    // Then
    assertThat(fundsAt(20)).containsExactly("1|x|null", "5000000000|null|1.50");
    assertThat(fundsAt(10)).containsExactly("1|x|null");
    assertThat(sink.stopped()).isEmpty();
  }

  @Test
  void aUsersViewOfTheViewHoldsUpNoChangeAndIsToldWhy() throws SQLException {
    // Given
    TableSchema wider = fund(Column.of("id", "bigint"), Column.of("name", "text"));
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    completed(10);
    execute("CREATE VIEW public.mine AS SELECT * FROM public.fund_as_of");

    // When
    write(ChangeEvent.create(at(20, 1), wider, Row.of("5000000000", "y")));
    completed(20);

    // Then
    assertThat(query("SELECT id FROM public.fund_trail")).containsExactly("1", "5000000000");
    assertThat(sink.stopped()).isEmpty();
    assertRefused(
        "SELECT count(*) FROM public.mine",
        "The view \"public\".\"fund_as_of\" is out of date",
        "A column of its table has a wider type, and these depend on the old one:"
            + " view mine depends on view fund_as_of.",
        "Drop them, restart the processor, which makes the view anew, and create them again.");

    // When
    execute("DROP VIEW public.mine");
    sink.positions();

    // Then
    assertThat(fundsAt(20)).containsExactly("1|x", "5000000000|y");
  }

  @Test
  void aUsersViewOfTheTrailStopsTheTableThatWidensAlone() throws SQLException {
    // Given
    TableSchema wider = fund(Column.of("id", "bigint"), Column.of("name", "text"));
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    completed(10);
    execute("CREATE VIEW public.mine AS SELECT id FROM public.fund_trail");

    // When
    write(ChangeEvent.create(at(20, 1), wider, Row.of("5000000000", "y")));

    // Then
    assertThat(sink.stopped().values())
        .singleElement()
        .asString()
        .contains(
            "a column of \"public\".\"fund_trail\" cannot be widened",
            "rule _RETURN on view mine depends on column \"id\"",
            "drop what depends on it, restart the processor and create it again");
    assertThat(fundsAt(10)).containsExactly("1|x");

    // When
    execute("DROP VIEW public.mine");
    sink.positions();
    write(ChangeEvent.create(at(20, 1), wider, Row.of("5000000000", "y")));
    completed(20);

    // Then
    assertThat(fundsAt(20)).containsExactly("1|x", "5000000000|y");
  }

  @Test
  void aUsersOwnObjectOfThatNameStays() throws SQLException {
    execute("CREATE VIEW public.fund_as_of AS SELECT 'mine' AS whose");

    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));

    assertThat(query("SELECT * FROM public.fund_as_of")).containsExactly("mine");
    assertThat(query("SELECT name FROM public.fund_trail")).containsExactly("x");
  }

  @Test
  void aReaderOfTheViewDoesNotHoldUpTheTrail() throws SQLException {
    // Given
    write(ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")));
    completed(10);
    execute("DROP VIEW public.fund_as_of; CREATE VIEW public.fund_as_of AS SELECT 1 AS x");
    execute(
        "COMMENT ON VIEW public.fund_as_of IS 'of an older version (kappa-cdc, docs/as-of.md) 0'");
    connection.setAutoCommit(false);
    query("SELECT * FROM public.fund_as_of");

    // When
    sink.positions();
    write(ChangeEvent.create(at(20, 1), FUND, Row.of("2", "y")));

    // Then
    assertThat(query("SELECT name FROM public.fund_trail")).containsExactly("x", "y");
    connection.commit();
    connection.setAutoCommit(true);
    sink.positions();
    assertThat(fundsAt(10)).containsExactly("1|x");
  }

  @Test
  void aTableWhoseKeyHasChangedHasNoView() throws SQLException {
    // Given
    TableSchema rekeyed =
        new TableSchema("public", "fund", FUND.columns(), List.of("name"), ReplicaIdentity.DEFAULT);
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "x")),
        ChangeEvent.delete(at(20, 1), FUND, Row.of("1", Row.ABSENT)));

    // When
    write(ChangeEvent.create(at(30, 1), rekeyed, Row.of("2", "y")));
    completed(30);

    // Then
    assertThat(query("SELECT to_regclass('public.fund_as_of') IS NULL")).containsExactly("true");
    assertThat(query("SELECT former_key FROM kappa.rekeyed")).containsExactly("[\"id\"]");
  }

  @Test
  void rowsWithoutAKeyThatDoNotAddUpAreAnError() throws SQLException {
    // Given
    TableSchema ticket = MoneyHistory.TICKET;
    write(
        ChangeEvent.create(at(10, 1), ticket, Row.of("abc", "true", "x")),
        ChangeEvent.delete(at(20, 1), ticket, Row.of("abc", "true", "y")));
    completed(10);
    completed(20);

    // When, Then
    assertRefused(
        "SELECT * FROM public.ticket_as_of",
        "The rows of public.ticket cannot be told from its trail",
        "It has no key, and the trail deletes a row that it never inserted: columns were added or"
            + " changed meanwhile.",
        "Add a primary key at the source.");
  }

  @Test
  void aConditionOnTheKeyReachesTheTrailsIndex() throws SQLException {
    // Given
    write(ChangeEvent.create(at(10, 1), MoneyHistory.VAULT, Row.of("1", "2", "north")));
    completed(10);
    execute("CREATE INDEX ON public.vault_trail (region, no, _kappa_lsn, _kappa_ordinal)");
    execute("SET enable_seqscan = off");

    // When
    List<String> plan =
        query("EXPLAIN SELECT * FROM public.vault_as_of WHERE region = 'north' AND no = 2");

    // Then
    assertThat(plan).anyMatch(line -> line.contains("vault_trail_region_no"));
  }
}
