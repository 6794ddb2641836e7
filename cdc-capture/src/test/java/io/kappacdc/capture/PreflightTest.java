package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.runtime.KappaException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class PreflightTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql("DROP ROLE IF EXISTS plain", "CREATE ROLE plain LOGIN PASSWORD 'plain'");
  }

  @AfterEach
  void closeSource() {
    source.close();
    source.sql("DROP ROLE IF EXISTS plain");
  }

  private KappaException failure() {
    Throwable error = source.startFailing();
    assertThat(error).isInstanceOf(KappaException.class);
    return (KappaException) error;
  }

  @Test
  void aRoleWithoutReplicationGetsTheSql() {
    source.with("source.user", "plain").with("source.password", "plain");

    KappaException e = failure();

    assertThat(e.reason()).isEqualTo("Role 'plain' lacks REPLICATION.");
    assertThat(e.remedy()).contains("ALTER ROLE \"plain\" WITH REPLICATION;");
  }

  @Test
  void aRoleThatMayNotCreateThePublicationGetsTheSql() {
    source.sql("ALTER ROLE plain WITH REPLICATION");
    source.with("source.user", "plain").with("source.password", "plain");

    KappaException e = failure();

    assertThat(e.problem()).contains("publication 'kappa_pub' does not exist");
    assertThat(e.remedy())
        .contains(
            "CREATE PUBLICATION \"kappa_pub\" FOR ALL TABLES"
                + " WITH (publish_via_partition_root = true");
  }

  @Test
  void aRoleThatRowsAreHiddenFromGetsTheSql() {
    asPlainThatMayReadAll();
    source.sql(
        "CREATE TABLE tenant (id int PRIMARY KEY)",
        "CREATE TABLE fund (id int PRIMARY KEY)",
        "ALTER TABLE tenant ENABLE ROW LEVEL SECURITY",
        "INSERT INTO tenant VALUES (1)");

    KappaException e = failure();

    assertThat(e.problem()).isEqualTo("Capture may not read all rows of public.tenant.");
    assertThat(e.reason()).contains("Row-level security hides rows from role 'plain'");
    assertThat(e.remedy()).contains("ALTER ROLE \"plain\" WITH BYPASSRLS;");

    source.sql("ALTER ROLE plain WITH BYPASSRLS");
    source.start();
    source.awaitCaptured();
    assertThat(source.topics.summaries("tenant")).containsExactly("r {\"id\":1}");
  }

  @Test
  void rowsThatAreHiddenInFlightAreMissedAloud() {
    asPlainThatMayReadAll();
    source.sql("CREATE TABLE tenant (id int PRIMARY KEY)", "INSERT INTO tenant VALUES (1)");
    RunningCapture capture = source.start();
    source.awaitCaptured();

    source.sql(
        "ALTER TABLE tenant ENABLE ROW LEVEL SECURITY", "ALTER TABLE tenant ADD n int DEFAULT 7");

    await()
        .atMost(CaptureFixture.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(capture.status().unread())
                    .singleElement()
                    .asString()
                    .contains("tenant", "row-level security policy"));
  }

  private void asPlainThatMayReadAll() {
    source.sql(
        "ALTER ROLE plain WITH REPLICATION",
        "GRANT pg_read_all_data TO plain",
        "CREATE PUBLICATION kappa_pub FOR ALL TABLES WITH (publish_via_partition_root = true)");
    source.with("source.user", "plain").with("source.password", "plain");
  }

  @Test
  void aPublicationThatLeavesOutOperationsGetsTheSql() {
    source.sql(
        "CREATE PUBLICATION kappa_pub FOR ALL TABLES"
            + " WITH (publish = 'insert', publish_via_partition_root = true)");

    KappaException e = failure();

    assertThat(e.reason()).contains("leaves out some of insert, update, delete, truncate");
    assertThat(e.remedy()).contains("ALTER PUBLICATION \"kappa_pub\" SET (publish = ");
  }

  @Test
  void aWrongPasswordIsNotRetried() {
    source.with("source.user", "plain").with("source.password", "wrong");

    KappaException e = failure();

    assertThat(e.problem()).startsWith("Cannot use the source database at ");
    assertThat(e.reason()).contains("password authentication failed");
  }

  @Test
  void aSlotThatNobodyKnowsIsLeftAlone() {
    source.sql("SELECT pg_create_logical_replication_slot('slot_" + source.name + "', 'pgoutput')");

    KappaException e = failure();

    assertThat(e.problem()).contains("exists already, and Kafka has no position for it");
    assertThat(e.remedy()).contains("pg_drop_replication_slot('slot_" + source.name + "')");
  }

  @Test
  void typesThatDebeziumCannotReadAreNamed() {
    source.sql(
        "CREATE TYPE mood AS ENUM ('so so')",
        "CREATE DOMAIN feeling AS mood",
        "CREATE TYPE empty AS ENUM ()");

    KappaException e = failure();

    assertThat(e.problem()).isEqualTo("Capture cannot read the source's types.");
    assertThat(e.reason()).endsWith("enums without labels: feeling, empty.");
  }

  @Test
  void columnsThatDebeziumTakesForOneAreNamedUnlessTheirTableIsLeftOut() {
    source.sql(
        "CREATE TABLE fund (id int PRIMARY KEY)",
        "CREATE TABLE twins (id int, \"Id\" int, \"İd\" int, n int, \"N\" int)");

    KappaException e = failure();

    assertThat(e.problem()).isEqualTo("Capture cannot tell columns of public.twins apart.");
    assertThat(e.reason()).contains("differ in nothing but case: id and Id, n and N.");
    assertThat(e.remedy()).contains("source.exclude-tables");

    source.with("source.exclude-tables", "public.twins").start();
    source.sql("INSERT INTO twins VALUES (1, 2, 3, 4)", "INSERT INTO fund VALUES (1)");
    source.awaitCaptured();
    assertThat(source.topics.events())
        .extracting(Captured::summary)
        .containsExactly("c {\"id\":1}");
  }

  @Test
  void theSourcesOwnDatabaseIsRefusedAsSink(Servers servers) {
    source
        .with("sink.url", servers.postgres().jdbcUrl(source.name))
        .with("sink.user", servers.postgres().user())
        .with("sink.password", servers.postgres().password());

    KappaException e = failure();

    assertThat(e.problem()).isEqualTo("The trail would be captured itself, without end.");
    assertThat(e.remedy()).contains("CREATE DATABASE");
  }

  @Test
  void tablesThatDebeziumTakesForOneAreNamedUnlessTheyAreLeftOut() {
    source.sql(
        "CREATE SCHEMA a",
        "CREATE SCHEMA \"a.b\"",
        "CREATE TABLE a.\"b.c\" (id int PRIMARY KEY)",
        "CREATE TABLE \"a.b\".c (id int PRIMARY KEY)",
        "CREATE TABLE fund (id int PRIMARY KEY)");

    KappaException e = failure();

    assertThat(e.problem()).isEqualTo("Capture cannot tell tables called a.b.c apart.");
    assertThat(e.reason()).contains(": \"a\".\"b.c\" and \"a.b\".\"c\".");
    assertThat(e.remedy()).contains("source.exclude-tables");

    source.with("source.exclude-tables", "a\\.b\\.c").start();
    source.sql("INSERT INTO a.\"b.c\" VALUES (1)", "INSERT INTO fund VALUES (1)");
    source.awaitCaptured();
    assertThat(source.topics.events())
        .extracting(Captured::summary)
        .containsExactly("c {\"id\":1}");
  }

  @Test
  void aServerThatIsAwayIsReportedAfterPatience() {
    source.with("source.url", "jdbc:postgresql://127.0.0.1:1/nowhere");

    assertThat(source.startFailing(Duration.ofMillis(100)))
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).startsWith("Capture has failed for");
              assertThat(e.reason()).contains("127.0.0.1:1/nowhere");
            });
  }

  @Test
  void partitionsUnloggedAndInheritedTablesAreReadOnce() {
    source.sql(
        "CREATE TABLE part (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE part_2024 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (extra text) INHERITS (parent)",
        "CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY)",
        "CREATE VIEW seen AS SELECT * FROM parent",
        "INSERT INTO part VALUES (1, '2024-05-05')",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (2, 'x')",
        "INSERT INTO scratch VALUES (1)");
    source.start();
    source.sql("INSERT INTO part VALUES (2, '2024-06-06')", "INSERT INTO child VALUES (3, 'y')");
    source.awaitCaptured();

    assertThat(source.topics.events())
        .extracting(e -> e.event().schema().table() + " " + e.summary())
        .containsExactlyInAnyOrder(
            "part r {\"id\":1,\"at\":\"2024-05-05\"}",
            "parent r {\"id\":1}",
            "child r {\"id\":2,\"extra\":\"x\"}",
            "part c {\"id\":2,\"at\":\"2024-06-06\"}",
            "child c {\"id\":3,\"extra\":\"y\"}");
  }

  @Test
  void aPublicationOfSomeTablesIsReadAsItIsSent() {
    source.sql(
        "CREATE TABLE listed (id int PRIMARY KEY, secret text, n int)",
        "CREATE TABLE unlisted (id int PRIMARY KEY)",
        "CREATE SCHEMA inside",
        "CREATE TABLE inside.member (id int PRIMARY KEY)",
        "INSERT INTO listed VALUES (1, 'x', 1), (2, 'x', -1)",
        "INSERT INTO unlisted VALUES (1)",
        "INSERT INTO inside.member VALUES (1)",
        "CREATE PUBLICATION kappa_pub FOR TABLE listed (id, n) WHERE (id < 2)"
            + " WITH (publish_via_partition_root = true)");
    source.start();
    source.sql("INSERT INTO listed VALUES (0, 'x', 0), (3, 'x', 3)");
    source.awaitCaptured();

    assertThat(source.topics.events())
        .extracting(e -> e.event().schema().table() + " " + e.summary())
        .containsExactly("listed r {\"id\":1,\"n\":1}", "listed c {\"id\":0,\"n\":0}");
  }

  @Test
  void aPublicationOfASchemaIsReadAsItIsSent() {
    source.sql(
        "CREATE TABLE outside (id int PRIMARY KEY)",
        "CREATE SCHEMA inside",
        "CREATE TABLE inside.member (id int PRIMARY KEY)",
        "INSERT INTO outside VALUES (1)",
        "INSERT INTO inside.member VALUES (1)",
        "CREATE PUBLICATION kappa_pub FOR TABLES IN SCHEMA inside"
            + " WITH (publish_via_partition_root = true)");
    source.start();
    source.awaitCaptured();

    assertThat(source.topics.events())
        .extracting(e -> e.event().schema().qualifiedName() + " " + e.summary())
        .containsExactly("inside.member r {\"id\":1}");
  }

  @Test
  void aTableAlteredWhileTheSnapshotReadsStopsNeither() {
    source.sql(
        "CREATE TABLE big (id int PRIMARY KEY, name text)",
        "CREATE TABLE small (id int PRIMARY KEY, n int)",
        "INSERT INTO big SELECT i, repeat('x', 200) FROM generate_series(1, 100000) i",
        "INSERT INTO small VALUES (1, 1), (2, 2)");
    RunningCapture capture = source.startBeside();
    capture.awaitReady();

    source.sql(
        "ALTER TABLE small ALTER n TYPE bigint",
        "ALTER TABLE big ADD COLUMN more text",
        "INSERT INTO big VALUES (0, 'late', 'm')",
        "UPDATE small SET n = 5000000000 WHERE id = 1");
    source.awaitCaptured();

    List<Captured> big = source.topics.events("big");
    assertThat(big).extracting(e -> e.event().position()).doesNotHaveDuplicates();
    assertThat(TopicReader.fold(big)).as(() -> "" + capture.status()).hasSize(100001);
    assertThat(TopicReader.fold(source.topics.events("small"))).isEqualTo(source.rows("small"));
  }

  @Test
  void tablesWithoutColumnsStopNeitherSnapshotNorStream() {
    source.sql(
        "CREATE TABLE fund (id int PRIMARY KEY)",
        "CREATE TABLE nothing ()",
        "CREATE TABLE \"NOTHING, a.b\" ()",
        "CREATE TABLE \"Nothing\" (id int PRIMARY KEY)",
        "CREATE VIEW seen AS SELECT",
        "INSERT INTO fund VALUES (1)",
        "INSERT INTO nothing DEFAULT VALUES",
        "INSERT INTO \"Nothing\" VALUES (1)");
    source.start();
    source.sql(
        "INSERT INTO nothing DEFAULT VALUES",
        "INSERT INTO fund VALUES (2)",
        "ALTER TABLE nothing ADD COLUMN id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY",
        "INSERT INTO nothing DEFAULT VALUES");
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund")).containsExactly("r {\"id\":1}", "c {\"id\":2}");
    assertThat(source.topics.summaries("Nothing")).containsExactly("r {\"id\":1}");
    assertThat(source.topics.summaries("nothing")).contains("c {\"id\":3}");
  }
}
