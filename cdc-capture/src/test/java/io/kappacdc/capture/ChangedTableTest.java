package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.CaptureFixture.RunningCapture;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.event.Cut;
import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the log does not tell: rows that read differently although nobody changed them. */
@ExtendWith(TestServers.class)
class ChangedTableTest {
  private static final int MANY = 25_000;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SOON = Duration.ofMillis(20);
  private static final int WRITES_MAX = 500;

  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql(
        "CREATE TABLE fund (id int PRIMARY KEY, name varchar(10), price numeric(10,2))",
        "INSERT INTO fund VALUES (1, 'a', 1.00), (2, NULL, 2.00)");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  /** Topics that are read while they are written may be ahead of the schemas read before them. */
  private static ConditionFactory awaitIt() {
    return await().atMost(CaptureFixture.PATIENCE).pollInterval(POLL).ignoreExceptions();
  }

  private void awaitSameRows(String table) {
    awaitIt()
        .untilAsserted(
            () -> {
              source.awaitCaptured();
              assertThat(TopicReader.fold(source.topics.events(table)))
                  .isEqualTo(source.rows(table));
            });
    source.topics.assertCutsHold();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE fund ADD note text DEFAULT 'none'",
        "ALTER TABLE fund ADD number uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE fund RENAME name TO title",
        "ALTER TABLE fund ALTER name TYPE varchar(10) USING upper(name)",
        "ALTER TABLE fund ALTER price TYPE numeric(12,4)",
        "ALTER TABLE fund RENAME id TO number",
        "ALTER TABLE fund DROP CONSTRAINT fund_pkey",
        "UPDATE fund SET name = id; ALTER TABLE fund ALTER name SET NOT NULL,"
            + " DROP CONSTRAINT fund_pkey, ADD PRIMARY KEY (name); UPDATE fund SET price = 7",
        "DROP TABLE fund; CREATE TABLE fund (id int PRIMARY KEY, other int);"
            + " INSERT INTO fund VALUES (7, 7)"
      })
  void rowsThatNobodyChangedAreReadAnew(String change) {
    source.start();
    source.sql("INSERT INTO fund VALUES (3, 'c', 3.00)");

    source.sql(change);

    awaitSameRows("fund");
  }

  /** Who compares the stores there must know that they are not as the source is. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE fund ADD note text DEFAULT 'none'",
        "ALTER TABLE fund ALTER name TYPE varchar(10) USING upper(name)"
      })
  void theCutBehindAFenceSaysWhichTablesAreToBeRead(String change) {
    source.start();
    source.awaitCaptured();
    long before = source.topics.lastCutLsn();

    source.sql(change);
    source.awaitCaptured();

    assertThat(source.topics.cuts())
        .filteredOn(cut -> cut.lsn() > before)
        .anySatisfy(
            cut -> assertThat(cut.unread()).singleElement().asString().endsWith(".public.fund"));
    awaitSameRows("fund");
    awaitIt()
        .untilAsserted(
            () -> {
              List<Cut> cuts = source.topics.cuts();
              assertThat(cuts.get(cuts.size() - 1).unread()).isEmpty();
            });
  }

  @Test
  void whatHappensBetweenTwoStartsIsFound() {
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    source.sql("ALTER TABLE fund ADD note text DEFAULT 'none'");

    source.start();

    awaitSameRows("fund");
  }

  @Test
  void aRenamedTablesRowsAreReadUnderItsNewName() {
    source.start();
    source.awaitCaptured();

    source.sql("ALTER TABLE fund RENAME TO asset");

    awaitSameRows("asset");
  }

  @Test
  void aPublicationThatLeftOutChangesForAWhileHasItsTablesReadAgain() {
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    source.sql(
        "ALTER PUBLICATION kappa_pub SET (publish = 'insert')",
        "UPDATE fund SET name = 'lost' WHERE id = 1",
        "DELETE FROM fund WHERE id = 2",
        "ALTER PUBLICATION kappa_pub SET (publish = 'insert, update, delete, truncate')");

    source.start();

    awaitSameRows("fund");
  }

  @Test
  void aPublicationThatLeavesOutChangesInFlightStopsCapture() {
    RunningCapture capture = source.start();
    source.awaitCaptured();

    source.sql("ALTER PUBLICATION kappa_pub SET (publish_via_partition_root = false)");

    assertThat(capture.awaitFailure().getCause())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).endsWith("does not send what capture needs.");
              assertThat(e.reason()).contains("publish_via_partition_root is off");
              assertThat(e.remedy()).contains("ALTER PUBLICATION \"kappa_pub\" SET (publish = ");
            });
  }

  @Test
  void aTableThatJoinsThePublicationIsRead() {
    source.sql(
        "CREATE TABLE late (id int PRIMARY KEY, v text)",
        "INSERT INTO late VALUES (1, 'before')",
        "CREATE PUBLICATION kappa_pub FOR TABLE fund WITH (publish_via_partition_root)");
    source.start();
    source.awaitCaptured();

    source.sql("ALTER PUBLICATION kappa_pub ADD TABLE late", "INSERT INTO late VALUES (2, 'b')");

    awaitSameRows("late");
  }

  @Test
  void aTableMadeWhileAllArePublishedIsNotReadOnceMore() {
    source.start();
    source.sql("CREATE TABLE young (id int PRIMARY KEY)", "INSERT INTO young VALUES (1)");
    source.sql("ALTER TABLE fund ADD note text DEFAULT 'none'");
    awaitSameRows("fund");

    assertThat(source.topics.summaries("young")).containsExactly("c {\"id\":1}");
  }

  private static final String UNDER_ANOTHER_NAME =
      "CREATE TABLE mart__tmp (id int PRIMARY KEY, v text);"
          + " INSERT INTO mart__tmp SELECT i, 'v' FROM generate_series(1, 10) i;"
          + " ALTER TABLE mart__tmp RENAME TO mart;";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEGIN; " + UNDER_ANOTHER_NAME + " COMMIT",
        UNDER_ANOTHER_NAME,
        "CREATE SCHEMA other; CREATE TABLE other.mart AS SELECT 1 AS id;"
            + " ALTER TABLE other.mart SET SCHEMA public",
        "CREATE TABLE mart__tmp (id int PRIMARY KEY, v text);"
            + " INSERT INTO mart__tmp VALUES (1, 'a'), (2, 'b');"
            + " ALTER TABLE mart__tmp RENAME TO mart; DELETE FROM mart WHERE id = 2"
      })
  void aTableThatWasFilledUnderAnotherNameIsRead(String made) {
    source.start();
    source.awaitCaptured();

    source.sql(made.split("; "));

    awaitSameRows("mart");
  }

  @Test
  void aTableThatWasFilledUnderAnotherNameBetweenTwoStartsIsRead() {
    RunningCapture first = source.start();
    source.awaitCaptured();
    first.stop();
    source.sql(UNDER_ANOTHER_NAME, "CREATE TABLE young (id int)", "INSERT INTO young VALUES (1)");

    source.start();

    awaitSameRows("mart");
    awaitSameRows("young");
  }

  @Test
  void tablesThatComeAndGoHaveNoOtherReadAgain() {
    RunningCapture capture = source.start();
    source.sql("CREATE TABLE young (id int PRIMARY KEY)", "INSERT INTO young VALUES (1)");
    source.awaitCaptured();

    source.sql(
        "CREATE TABLE empty (id int PRIMARY KEY)",
        "CREATE TABLE staged (id int)",
        "INSERT INTO staged VALUES (1)",
        "DROP TABLE staged");
    source.awaitCaptured();
    await().atMost(CaptureFixture.PATIENCE).until(() -> capture.status().unread().isEmpty());
    source.sql("INSERT INTO empty VALUES (1)");
    source.awaitCaptured();

    assertThat(source.topics.summaries("young")).containsExactly("c {\"id\":1}");
    assertThat(source.topics.summaries("empty")).containsExactly("c {\"id\":1}");
  }

  @Test
  void aTableWithoutAKeyIsReadAsAWholeInPlaceOfWhatThereWas() {
    source.sql("CREATE TABLE line (v int)", "INSERT INTO line VALUES (1), (1), (2)");
    source.start();
    source.sql("INSERT INTO line VALUES (3)");

    source.sql("ALTER TABLE line ADD more int DEFAULT 7");

    awaitIt()
        .untilAsserted(
            () -> {
              List<String> all = source.topics.summaries("line");
              int truncate = all.indexOf("t");
              assertThat(truncate).isPositive();
              assertThat(all.subList(truncate + 1, all.size()))
                  .containsExactlyInAnyOrder(
                      "r {\"v\":1,\"more\":7}",
                      "r {\"v\":1,\"more\":7}",
                      "r {\"v\":2,\"more\":7}",
                      "r {\"v\":3,\"more\":7}");
            });
  }

  @Test
  void chunksAreReadWhileTheirRowsChange() throws Exception {
    manyRows(MANY);
    source.start();
    source.awaitCaptured();
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(done));

    source.sql("ALTER TABLE many ADD more int DEFAULT 7");
    await()
        .atMost(CaptureFixture.PATIENCE)
        .pollInterval(POLL)
        .until(() -> readsOf("many") > 2 * MANY - MANY / 10);
    done.set(true);
    writer.join();

    awaitSameRows("many");
  }

  @Test
  void aKillBetweenTwoChunksLosesNoRow() throws Exception {
    manyRows(4 * MANY);
    Process first = source.startProcess();
    CaptureFixture.awaitReady(first);
    source.awaitCaptured();
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(done));
    source.sql("ALTER TABLE many ADD more int DEFAULT 7");
    awaitIt().pollInterval(SOON).until(() -> source.topics.size("many") > 5 * MANY);

    first.destroyForcibly().waitFor();
    done.set(true);
    writer.join();
    assertThat(readsOf("many")).isLessThan(8 * MANY - MANY / 2);
    source.start();

    awaitSameRows("many");
  }

  private void manyRows(int rows) {
    source.sql(
        "CREATE TABLE many (a int, b text, v int, PRIMARY KEY (b, a))",
        "INSERT INTO many SELECT n, 'k' || n % 7, n FROM generate_series(1, " + rows + ") n");
  }

  private long readsOf(String table) {
    return source.topics.summaries(table).stream().filter(row -> row.startsWith("r ")).count();
  }

  /** Updates, deletes and brings back rows all over the table. */
  private void write(AtomicBoolean done) {
    Random random = new Random(5);
    try (Connection connection = source.connect();
        PreparedStatement update =
            connection.prepareStatement("UPDATE many SET v = v + 1 WHERE a % 997 = ?");
        PreparedStatement delete = connection.prepareStatement("DELETE FROM many WHERE a = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO many SELECT n, 'k' || n % 7, 0 FROM CAST(? AS int) n"
                    + " ON CONFLICT DO NOTHING")) {
      for (int i = 0; i < WRITES_MAX && !done.get(); i++) {
        update.setInt(1, random.nextInt(997));
        update.executeUpdate();
        delete.setInt(1, random.nextInt(MANY));
        delete.executeUpdate();
        insert.setInt(1, random.nextInt(MANY));
        insert.executeUpdate();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
