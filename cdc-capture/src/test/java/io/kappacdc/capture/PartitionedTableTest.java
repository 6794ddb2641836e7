package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that come to a table and leave it with a partition: the log has no changes of them. */
@ExtendWith(TestServers.class)
class PartitionedTableTest {
  private static final Duration POLL = Duration.ofMillis(500);

  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql(
        "CREATE TABLE trade (id int, day date, v text, PRIMARY KEY (id, day))"
            + " PARTITION BY RANGE (day)",
        "CREATE TABLE january PARTITION OF trade"
            + " FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE spring PARTITION OF trade"
            + " FOR VALUES FROM ('2026-03-01') TO ('2026-06-01') PARTITION BY RANGE (day)",
        "CREATE TABLE march PARTITION OF spring"
            + " FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
        "INSERT INTO trade VALUES (1, '2026-01-01', 'a'), (2, '2026-01-02', 'b'),"
            + " (3, '2026-03-01', 'c')",
        "CREATE TABLE june (LIKE trade INCLUDING ALL)",
        "INSERT INTO june VALUES (6, '2026-06-01', 'f'), (7, '2026-06-02', 'g')");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  private void awaitSameRows(String table) {
    awaitSameRows(table, table);
  }

  /** Topics that are read while they are written may be ahead of the schemas read before them. */
  private void awaitSameRows(String table, String rows) {
    await()
        .atMost(CaptureFixture.PATIENCE)
        .pollInterval(POLL)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              source.awaitCaptured();
              assertThat(TopicReader.fold(source.topics.events(table)))
                  .isEqualTo(source.rows(rows));
            });
    source.topics.assertCutsHold();
  }

  private List<Operation> operations(String table) {
    return source.topics.events(table).stream()
        .map(Captured::event)
        .map(e -> e.operation())
        .toList();
  }

  /** The catalog was looked at since. */
  private void awaitALook() {
    source.sql("CREATE TABLE fence (id int PRIMARY KEY)", "INSERT INTO fence VALUES (1)");
    source.awaitCaptured();
    source.sql("ALTER TABLE fence ADD note text DEFAULT 'none'");
    awaitSameRows("fence");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE trade ATTACH PARTITION june FOR VALUES FROM ('2026-06-01') TO ('2026-07-01')",
        "CREATE TABLE may (LIKE trade INCLUDING ALL);"
            + " INSERT INTO may VALUES (5, '2026-05-01', 'e');"
            + " ALTER TABLE spring ATTACH PARTITION may"
            + " FOR VALUES FROM ('2026-05-01') TO ('2026-06-01')",
        "ALTER TABLE trade DETACH PARTITION january",
        "ALTER TABLE trade DETACH PARTITION january CONCURRENTLY",
        "ALTER TABLE spring DETACH PARTITION march",
        "DROP TABLE january",
        "DROP TABLE spring",
        "TRUNCATE january",
        "TRUNCATE spring",
        "TRUNCATE trade",
        "ALTER TABLE trade DETACH PARTITION january; DELETE FROM january WHERE id = 1;"
            + " ALTER TABLE trade ATTACH PARTITION january"
            + " FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "ALTER TABLE trade ADD note text DEFAULT 'none'",
        "ALTER TABLE trade ALTER v TYPE varchar(9) USING upper(v)"
      })
  void whatIsDoneToPartitionsIsSeenInTheirRoot(String change) {
    source.start();
    source.sql("INSERT INTO trade VALUES (4, '2026-03-02', 'd')");
    source.awaitCaptured();

    source.sql(change);

    awaitSameRows("trade");
  }

  @Test
  void whatHappensBetweenTwoStartsIsFound() {
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    source.sql("TRUNCATE january", "INSERT INTO trade VALUES (8, '2026-01-08', 'h')");

    source.start();

    awaitSameRows("trade");
  }

  @Test
  void aDetachedPartitionIsReadAsATableOfItsOwn() {
    source.start();
    source.awaitCaptured();

    source.sql("ALTER TABLE trade DETACH PARTITION january");

    awaitSameRows("january");
  }

  @Test
  void ofATableThatGainsAPartitionOnlyThatIsRead() {
    source.start();
    source.awaitCaptured();

    source.sql(
        "ALTER TABLE trade ATTACH PARTITION june FOR VALUES FROM ('2026-06-01') TO ('2026-07-01')");
    awaitSameRows("trade");

    assertThat(operations("trade")).hasSize(3 + 2).containsOnly(Operation.READ);
  }

  @Test
  void killedWhileItReadsAPartitionItGoesOnWithThat() throws Exception {
    source.sql("INSERT INTO june SELECT i, '2026-06-03', 'n' FROM generate_series(1001, 60000) i");
    Process first = source.startProcess();
    CaptureFixture.awaitReady(first);
    source.awaitCaptured();
    source.sql(
        "ALTER TABLE trade ATTACH PARTITION june FOR VALUES FROM ('2026-06-01') TO ('2026-07-01')");
    await()
        .atMost(CaptureFixture.PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> source.topics.size("trade") > 10_000);

    first.destroyForcibly().onExit().join();
    assertThat(source.topics.size("trade")).isLessThan(59_000);
    source.start();
    awaitSameRows("trade");

    assertThat(operations("trade")).hasSize(3 + 2 + 59_000).containsOnly(Operation.READ);
  }

  @Test
  void aPartitionThatWasMadeAsOneIsNotRead() {
    source.start();
    source.awaitCaptured();

    source.sql(
        "CREATE TABLE april PARTITION OF spring FOR VALUES FROM ('2026-04-01') TO ('2026-05-01')",
        "INSERT INTO trade VALUES (5, '2026-04-01', 'e')");
    awaitALook();
    awaitSameRows("trade");

    assertThat(operations("trade"))
        .containsExactly(Operation.READ, Operation.READ, Operation.READ, Operation.CREATE);
  }

  @Test
  void anUpdateOfARowThatCameWithItsPartitionBringsItsUnchangedLargeValue() {
    source.sql(
        "ALTER TABLE june ALTER v SET STORAGE EXTERNAL",
        "INSERT INTO june SELECT i, '2026-06-03', repeat('x', 3000) || i"
            + " FROM generate_series(100, 120) i");
    source.start();
    source.sql("INSERT INTO trade VALUES (4, '2026-03-02', 'd')");
    source.awaitCaptured();

    source.sql(
        "ALTER TABLE trade ATTACH PARTITION june FOR VALUES FROM ('2026-06-01') TO ('2026-07-01')",
        "UPDATE trade SET day = '2026-06-04' WHERE id = 101",
        "UPDATE june SET id = id WHERE id > 110");
    awaitSameRows("trade");

    assertThat(source.topics.events("trade"))
        .filteredOn(e -> e.event().operation() == Operation.UPDATE)
        .isNotEmpty()
        .noneMatch(e -> e.event().after().hasAbsent());
  }

  @Test
  void aTableThatInheritsIsATableOfItsOwn() {
    source.sql(
        "CREATE TABLE parent (id int PRIMARY KEY, v text)",
        "INSERT INTO parent VALUES (1, 'parent')",
        "CREATE TABLE child (id int PRIMARY KEY, v text)",
        "INSERT INTO child VALUES (2, 'child')");
    source.start();

    source.sql("ALTER TABLE child INHERIT parent", "INSERT INTO child VALUES (3, 'more')");
    awaitALook();
    source.sql("ALTER TABLE parent ADD note text DEFAULT 'none'");
    awaitSameRows("parent", "ONLY parent");
    awaitSameRows("child");
    source.sql("ALTER TABLE child NO INHERIT parent", "DELETE FROM parent");

    awaitSameRows("parent", "ONLY parent");
    awaitSameRows("child");
  }
}
