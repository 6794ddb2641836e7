package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class StreamingTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql("CREATE TABLE fund (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2))");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  @Test
  void everyOperationArrivesWithItsExactText() {
    source.start();

    source.sql(
        "INSERT INTO fund VALUES (1, 'a \"quoted\" name', 105.50), (2, 'two', NULL)",
        "UPDATE fund SET price = 106.00 WHERE id = 1",
        "UPDATE fund SET id = 3 WHERE id = 2",
        "DELETE FROM fund WHERE id = 1",
        "TRUNCATE fund");

    source.awaitCaptured();
    assertThat(source.topics.summaries("fund"))
        .containsExactly(
            "c {\"id\":1,\"name\":\"a \\\"quoted\\\" name\",\"price\":105.50}",
            "c {\"id\":2,\"name\":\"two\",\"price\":null}",
            "u {\"id\":1,\"name\":\"a \\\"quoted\\\" name\",\"price\":106.00}",
            "d {\"id\":2}",
            "c {\"id\":2} -> {\"id\":3,\"name\":\"two\",\"price\":null}",
            "d {\"id\":1}",
            "t");
  }

  @Test
  void debeziumDescribesNoSingleChangeForJmx() throws Exception {
    source.start();
    changeAndAwait(1);
    changeAndAwait(2); // its listener is off from the poll behind the first on

    long described = changesDescribed();
    changeAndAwait(3);
    assertThat(changesDescribed()).isEqualTo(described);
    assertThat(source.topics.events()).hasSize(30);
  }

  private void changeAndAwait(int round) {
    source.sql(
        "INSERT INTO fund SELECT i, 'f', i FROM generate_series(%d1, %d0 + 10) i"
            .formatted(round, round));
    source.awaitCaptured();
  }

  private static long changesDescribed() throws JMException {
    return (long)
        ManagementFactory.getPlatformMBeanServer()
            .getAttribute(
                new ObjectName(
                    "debezium.postgres:type=connector-metrics,context=streaming,server=kappa"),
                "TotalNumberOfEventsSeen");
  }

  @Test
  void changesOfATransactionShareItsLsnAndCountFromOne() throws Exception {
    source.sql("CREATE TABLE unit (id int PRIMARY KEY, fund int)");
    source.start();

    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO fund SELECT i, 'f', i FROM generate_series(1, 3) i");
      statement.execute("INSERT INTO unit VALUES (1, 1)");
      statement.execute("DELETE FROM fund WHERE id = 2");
      connection.commit();
    }

    source.awaitCaptured();
    List<Captured> events = source.topics.events();
    assertThat(events)
        .extracting(event -> event.event().position().ordinal())
        .containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(events)
        .extracting(event -> event.event().position().lsn())
        .containsOnly(events.get(0).event().position().lsn());
    assertThat(events)
        .extracting(event -> event.event().schema().table())
        .containsExactly("fund", "fund", "fund", "unit", "fund");
  }

  @Test
  void interleavedTransactionsArriveWholeInCommitOrder() throws Exception {
    source.start();

    try (Connection first = source.connect();
        Connection second = source.connect();
        Statement one = first.createStatement();
        Statement two = second.createStatement()) {
      first.setAutoCommit(false);
      second.setAutoCommit(false);
      one.execute("INSERT INTO fund VALUES (1, 'first', 1)");
      two.execute("INSERT INTO fund VALUES (11, 'second', 1), (12, 'second', 1)");
      one.execute("INSERT INTO fund VALUES (2, 'first', 1)");
      second.commit();
      one.execute("INSERT INTO fund VALUES (3, 'first', 1)");
      first.commit();
    }

    source.awaitCaptured();
    assertThat(source.topics.events("fund"))
        .extracting(Captured::key)
        .containsExactly("{\"id\":11}", "{\"id\":12}", "{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
  }

  @Test
  void cutsNameTheEndOfEveryPartition() {
    source.start();
    source.sql("INSERT INTO fund SELECT i, 'f', i FROM generate_series(1, 50) i");
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    List<Cut> cuts = source.topics.cuts();
    Cut last = cuts.get(cuts.size() - 1);

    long[] ends = new long[2];
    events.forEach(e -> ends[e.partition()] = Math.max(ends[e.partition()], e.offset() + 1));
    assertThat(last.endOffsets().get(events.get(0).topic())).isEqualTo(ends);
    assertThat(cuts).extracting(Cut::lsn).isSorted();
    for (Cut cut : cuts) {
      long[] at = cut.endOffsets().getOrDefault(events.get(0).topic(), new long[2]);
      assertThat(events)
          .allMatch(
              e -> (e.event().position().lsn() <= cut.lsn()) == (e.offset() < at[e.partition()]));
    }
  }

  @Test
  void aTableCreatedMeanwhileJoins() {
    source.start();
    source.sql(
        "CREATE SCHEMA \"Odd.Schema\"",
        "CREATE TABLE \"Odd.Schema\".\"Mixed Case.name\" (\"Id\" int PRIMARY KEY, \"a.B\" text)",
        "INSERT INTO \"Odd.Schema\".\"Mixed Case.name\" VALUES (1, 'x')",
        "INSERT INTO fund VALUES (1, 'after', 1)");
    source.awaitCaptured();

    List<Captured> events = source.topics.events();
    assertThat(events).hasSize(2);
    assertThat(events.get(0).event().schema().qualifiedName())
        .isEqualTo("Odd.Schema.Mixed Case.name");
    assertThat(events.get(0).topic()).isEqualTo(source.name + ".Odd-2eSchema.Mixed-20Case-2ename");
    assertThat(events.get(0).summary()).isEqualTo("c {\"Id\":1,\"a.B\":\"x\"}");
  }

  @Test
  void namesThatBeginWithBlanksAreReadAndStreamed() {
    String name = "\"\r\n\t\"\" OR \"\"\"\" = \"\"t_15\"";
    String other = "\" \"";
    source.sql(
        "CREATE TABLE " + name + " (id int PRIMARY KEY)",
        "CREATE TABLE " + other + " (id int PRIMARY KEY)",
        "CREATE TABLE z (id int PRIMARY KEY)",
        "INSERT INTO " + name + " VALUES (1)",
        "INSERT INTO " + other + " VALUES (2)",
        "INSERT INTO z VALUES (3)");
    source.start();
    source.awaitCaptured();
    source.sql("INSERT INTO " + name + " VALUES (4)");
    source.awaitCaptured();

    assertThat(source.topics.events())
        .extracting(event -> event.event().schema().table() + " " + event.summary())
        .containsExactlyInAnyOrder(
            "\r\n\t\" OR \"\" = \"t_15 r {\"id\":1}",
            "  r {\"id\":2}",
            "z r {\"id\":3}",
            "\r\n\t\" OR \"\" = \"t_15 c {\"id\":4}");
  }

  /** Debezium reads names as if somebody had written them in SQL. */
  @Test
  void namesThatLookLikeQuotedOnesAreTakenAsTheyAre() {
    source.sql(
        "CREATE TABLE \"\"\"early\"\"\" (\"'id'\" int PRIMARY KEY, \"\"\"n\"\"\" int, \"`n`\" int, n int)",
        "INSERT INTO \"\"\"early\"\"\" VALUES (1, 2, 3, 4)");
    source.start();
    source.awaitCaptured();
    source.sql(
        "UPDATE \"\"\"early\"\"\" SET n = 5",
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE \"\"\"t\"\"\" (id int PRIMARY KEY)",
        "CREATE TABLE \"\"\"t\" (id int PRIMARY KEY, \"a\"\"b\" int, \"''\" int)",
        "CREATE TABLE \"it''s\" (id int PRIMARY KEY)",
        "CREATE TABLE \"it's\" (id int PRIMARY KEY)",
        "CREATE TABLE \"``\" (id int PRIMARY KEY)",
        "CREATE SCHEMA \"\"\"S\"",
        "CREATE TABLE \"\"\"S\".\"'t'\" (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1)",
        "INSERT INTO \"\"\"t\"\"\" VALUES (2)",
        "INSERT INTO \"\"\"t\" VALUES (3, 4, 5)",
        "INSERT INTO \"it''s\" VALUES (4)",
        "INSERT INTO \"it's\" VALUES (5)",
        "INSERT INTO \"``\" VALUES (6)",
        "INSERT INTO \"\"\"S\".\"'t'\" VALUES (7)",
        "TRUNCATE t, \"\"\"t\"\"\", \"it''s\"",
        "DELETE FROM \"\"\"early\"\"\"");
    source.awaitCaptured();

    assertThat(source.topics.events())
        .extracting(event -> event.event().schema().qualifiedName() + " " + event.summary())
        .containsExactly(
            "public.\"early\" r {\"'id'\":1,\"\\\"n\\\"\":2,\"`n`\":3,\"n\":4}",
            "public.\"early\" u {\"'id'\":1,\"\\\"n\\\"\":2,\"`n`\":3,\"n\":5}",
            "public.t c {\"id\":1}",
            "public.\"t\" c {\"id\":2}",
            "public.\"t c {\"id\":3,\"a\\\"b\":4,\"''\":5}",
            "public.it''s c {\"id\":4}",
            "public.it's c {\"id\":5}",
            "public.`` c {\"id\":6}",
            "\"S.'t' c {\"id\":7}",
            "public.t t",
            "public.\"t\" t",
            "public.it''s t",
            "public.\"early\" d {\"'id'\":1}");
  }

  @Test
  void aTableWithoutKeyHasNullKeysAndKeepsDuplicates() {
    source.sql("CREATE TABLE history (note text)");
    source.start();
    source.sql("INSERT INTO history VALUES ('same'), ('same')", "TRUNCATE history");
    source.awaitCaptured();

    assertThat(source.topics.events("history")).extracting(Captured::key).containsOnlyNulls();
    assertThat(source.topics.summaries("history"))
        .containsExactly("c {\"note\":\"same\"}", "c {\"note\":\"same\"}", "t");
  }

  @Test
  void oldRowsHaveWhatTheReplicaIdentityGives() {
    source.sql(
        "CREATE TABLE whole (id int PRIMARY KEY, note text)",
        "ALTER TABLE whole REPLICA IDENTITY FULL",
        "CREATE TABLE keyless (note text, n int)",
        "ALTER TABLE keyless REPLICA IDENTITY FULL",
        "CREATE TABLE indexed (id int PRIMARY KEY, code text NOT NULL UNIQUE, note text)",
        "ALTER TABLE indexed REPLICA IDENTITY USING INDEX indexed_code_key");
    source.start();
    source.sql(
        "INSERT INTO whole VALUES (1, NULL)",
        "UPDATE whole SET note = 'x'",
        "DELETE FROM whole",
        "INSERT INTO keyless VALUES ('k', NULL)",
        "UPDATE keyless SET n = 5",
        "DELETE FROM keyless",
        "INSERT INTO indexed VALUES (1, 'A', 'n')",
        "UPDATE indexed SET note = 'm'",
        "DELETE FROM indexed");
    source.awaitCaptured();

    assertThat(source.topics.summaries("whole"))
        .containsExactly(
            "c {\"id\":1,\"note\":null}",
            "u {\"id\":1,\"note\":null} -> {\"id\":1,\"note\":\"x\"}",
            "d {\"id\":1,\"note\":\"x\"}");
    assertThat(source.topics.summaries("keyless"))
        .containsExactly(
            "c {\"note\":\"k\",\"n\":null}",
            "u {\"note\":\"k\",\"n\":null} -> {\"note\":\"k\",\"n\":5}",
            "d {\"note\":\"k\",\"n\":5}");
    assertThat(source.topics.summaries("indexed"))
        .containsExactly(
            "c {\"id\":1,\"code\":\"A\",\"note\":\"n\"}",
            "u {\"id\":1,\"code\":\"A\",\"note\":\"m\"}",
            "d {\"code\":\"A\"}");
    assertThat(source.topics.events("indexed").get(0).key()).isEqualTo("{\"code\":\"A\"}");
  }

  /** The catalog is asked when the change arrives. */
  @Test
  void oldRowsHaveWhatWasSentWhateverBecameOfTheTableSince() {
    source.sql(
        "CREATE TABLE gone (id int PRIMARY KEY, note text)",
        "CREATE TABLE renamed (id int PRIMARY KEY, note text)",
        "CREATE TABLE whole (id int PRIMARY KEY, note text)",
        "ALTER TABLE whole REPLICA IDENTITY FULL",
        "CREATE TABLE more (id int PRIMARY KEY, note text)",
        "CREATE TABLE less (id int PRIMARY KEY, note text)",
        "ALTER TABLE less REPLICA IDENTITY FULL");
    List<String> tables = List.of("gone", "renamed", "whole", "more", "less");
    tables.forEach(table -> source.sql("INSERT INTO " + table + " VALUES (1, 'x'), (2, NULL)"));
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    tables.forEach(table -> source.sql("DELETE FROM " + table));
    source.sql(
        "DROP TABLE gone",
        "ALTER TABLE renamed RENAME TO other",
        "DROP TABLE whole",
        "ALTER TABLE more REPLICA IDENTITY FULL",
        "ALTER TABLE less REPLICA IDENTITY DEFAULT");

    RunningCapture second = source.start();
    source.awaitCaptured();
    await().atMost(CaptureFixture.PATIENCE).until(() -> second.status().unread().isEmpty());

    for (String table : List.of("gone", "renamed", "more")) {
      assertThat(deletes(table)).containsExactly("d {\"id\":1}", "d {\"id\":2}");
    }
    for (String table : List.of("whole", "less")) {
      assertThat(deletes(table))
          .containsExactly("d {\"id\":1,\"note\":\"x\"}", "d {\"id\":2,\"note\":null}");
    }
    assertThat(source.topics.events("gone")).extracting(Captured::key).contains("{\"id\":2}");
    assertThat(source.topics.events("gone")).extracting(Captured::key).doesNotContainNull();
  }

  private List<String> deletes(String table) {
    return source.topics.summaries(table).stream().filter(row -> row.startsWith("d ")).toList();
  }

  @Test
  void anUnchangedToastValueIsLeftOut() {
    source.sql(
        "CREATE TABLE doc (id int PRIMARY KEY, body text, tags text[], raw bytea, n int)",
        "ALTER TABLE doc ALTER body SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL,"
            + " ALTER tags SET STORAGE EXTERNAL");
    source.start();
    source.sql(
        "INSERT INTO doc VALUES (1, repeat('x', 10000), array_fill('t'::text, '{5000}'),"
            + " convert_to(repeat('y', 9000), 'UTF8'), 1)",
        "UPDATE doc SET n = 2",
        "ALTER TABLE doc REPLICA IDENTITY FULL",
        "UPDATE doc SET n = 3");
    source.awaitCaptured();

    List<String> summaries = source.topics.summaries("doc");
    assertThat(summaries.get(1)).isEqualTo("u {\"id\":1,\"n\":2}");
    assertThat(summaries.get(2)).contains("->").endsWith("\"n\":3}");
    assertThat(source.topics.events("doc").get(2).event().after().hasAbsent()).isFalse();
  }

  @Test
  void aChangedKeyLeavesUnsentValuesOutAndNamesTheOldKey() {
    source.sql(
        "CREATE TABLE doc (id int, part text, body text, tags text[], raw bytea, extra jsonb,"
            + " n int, PRIMARY KEY (id, part))",
        "ALTER TABLE doc ALTER body SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL,"
            + " ALTER tags SET STORAGE EXTERNAL, ALTER extra SET STORAGE EXTERNAL");
    source.start();
    source.sql(
        "INSERT INTO doc VALUES (1, 'a', repeat('x', 10000), array_fill('t'::text, '{5000}'),"
            + " convert_to(repeat('y', 9000), 'UTF8'), to_jsonb(repeat('z', 9000)), 1)",
        "UPDATE doc SET id = 2, n = 2",
        "UPDATE doc SET part = 'b', body = 'short'");
    source.awaitCaptured(); // capture asks the catalog what an old row consists of
    source.sql("ALTER TABLE doc REPLICA IDENTITY FULL", "UPDATE doc SET id = 3");
    source.awaitCaptured();

    List<String> summaries = source.topics.summaries("doc");
    assertThat(summaries.subList(1, 5))
        .containsExactly(
            "d {\"id\":1,\"part\":\"a\"}",
            "c {\"id\":1,\"part\":\"a\"} -> {\"id\":2,\"part\":\"a\",\"n\":2}",
            "d {\"id\":2,\"part\":\"a\"}",
            "c {\"id\":2,\"part\":\"a\"} -> {\"id\":2,\"part\":\"b\",\"body\":\"short\",\"n\":2}");
    assertThat(summaries.get(6)).startsWith("c {\"id\":2,\"part\":\"b\"} -> {\"id\":3,");
    assertThat(source.topics.events("doc").get(6).event().after().hasAbsent()).isFalse();
  }

  @Test
  void anUnchangedToastValueInTheKeyArrives() {
    source.sql(
        "CREATE TABLE big (k text, part int, body text, PRIMARY KEY (k, part))",
        "ALTER TABLE big ALTER k SET STORAGE EXTERNAL, ALTER body SET STORAGE EXTERNAL");
    source.start();
    source.sql(
        "INSERT INTO big VALUES (repeat('k', 2500), 1, repeat('b', 9000))",
        "UPDATE big SET body = 'short'",
        "UPDATE big SET body = repeat('c', 9000)",
        "UPDATE big SET part = 2");
    source.awaitCaptured();

    String key = "k".repeat(2500);
    List<Captured> events = source.topics.events("big");
    assertThat(events)
        .extracting(e -> e.event().operation().code())
        .containsExactly('c', 'u', 'u', 'd', 'c');
    assertThat(events).extracting(e -> e.event().image().get(0)).containsOnly(key);
    assertThat(events.get(4).event().before().get(0)).isEqualTo(key);
    assertThat(events.get(4).event().after().isAbsent(2)).isTrue();
  }

  @Test
  void valuesThatLookLikeAPlaceholderAreValues() {
    source.sql(
        "CREATE TABLE odd (id int PRIMARY KEY, a text, b bytea, c text[], big text)",
        "ALTER TABLE odd ALTER big SET STORAGE EXTERNAL");
    source.start();
    source.sql(
        "INSERT INTO odd VALUES (1, '__debezium_unavailable_value',"
            + " '__debezium_unavailable_value', '{__debezium_unavailable_value,(absent)}',"
            + " repeat('x', 9000))",
        "UPDATE odd SET a = '(absent)'",
        "UPDATE odd SET id = 2, a = '__debezium_unavailable_value'");
    source.awaitCaptured();

    String rest =
        "\"b\":\"\\\\x5f5f646562657a69756d5f756e617661696c61626c655f76616c7565\","
            + "\"c\":\"{__debezium_unavailable_value,(absent)}\"}";
    assertThat(source.topics.summaries("odd").subList(1, 4))
        .containsExactly(
            "u {\"id\":1,\"a\":\"(absent)\"," + rest,
            "d {\"id\":1}",
            "c {\"id\":1} -> {\"id\":2,\"a\":\"__debezium_unavailable_value\"," + rest);
  }

  @Test
  void idleSourceStillMakesCuts() {
    source.start();
    source.awaitCaptured();
    long before = source.topics.lastCutLsn();

    org.awaitility.Awaitility.await()
        .atMost(CaptureFixture.PATIENCE)
        .until(
            () ->
                source.topics.cuts().stream().filter(cut -> cut.lsn() > before).distinct().count()
                    >= 2);

    assertThat(source.topics.cuts()).extracting(Cut::lsn).isSorted();
  }

  @Test
  void theSlotAdvancesThoughThePublicationLeavesOutAllThatHappens() {
    source.sql(
        "CREATE TABLE busy (id int)",
        "CREATE PUBLICATION kappa_pub FOR TABLE fund WITH (publish_via_partition_root = true)");
    source.start();
    source.awaitCaptured();

    source.sql("INSERT INTO busy SELECT generate_series(1, 1000)");
    String written = source.query("SELECT pg_current_wal_lsn()");

    org.awaitility.Awaitility.await()
        .atMost(CaptureFixture.PATIENCE)
        .until(
            () ->
                "t"
                    .equals(
                        source.query(
                            "SELECT confirmed_flush_lsn > '%s' FROM pg_replication_slots WHERE slot_name = 'slot_%s'"
                                .formatted(written, source.name))));
    assertThat(source.topics.events()).isEmpty();
  }

  @Test
  void snapshotRowsComeFirstAndStreamFollowsWithoutGap() {
    source.sql("INSERT INTO fund SELECT i, 'old', i FROM generate_series(1, 500) i");
    source.start();
    source.sql("UPDATE fund SET name = 'new' WHERE id = 7");
    source.awaitCaptured();

    List<Captured> events = source.topics.events("fund");
    assertThat(events).hasSize(501);
    assertThat(events.subList(0, 500)).allMatch(e -> e.event().operation().code() == 'r');
    assertThat(events.get(0).event().position().ordinal())
        .isEqualTo(Position.SNAPSHOT_ORDINAL_BASE + 1);
    assertThat(events.get(0).summary()).isEqualTo("r {\"id\":1,\"name\":\"old\",\"price\":1.00}");
    assertThat(events.get(500).summary()).isEqualTo("u {\"id\":7,\"name\":\"new\",\"price\":7.00}");
    assertThat(events)
        .extracting(e -> e.event().schema().id())
        .containsOnly(events.get(0).event().schema().id());
  }
}
