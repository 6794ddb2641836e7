package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.erase.RowKey;
import io.kappacdc.processor.lake.LakeCatalog;
import io.kappacdc.processor.lake.LakeCatalog.Store;
import io.kappacdc.processor.lake.MirrorSettings;
import io.kappacdc.processor.postgres.ErasureRequests;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.stream.CapturedTopics;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import io.kappacdc.runtime.config.ProcessorConfig.OnGap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person leaves every store, and nobody else does. */
class ErasureTest {
  private static final Duration SOON = Duration.ofSeconds(400);
  private static final TableSchema PERSON =
      new TableSchema(
          "public",
          "person",
          List.of(Column.of("mail", "text"), Column.of("name", "text"), Column.of("body", "text")),
          List.of("mail"),
          ReplicaIdentity.DEFAULT);
  private static final List<String> OTHERS =
      List.of("bob@x.org Bob2 letter of bob", "eve@x.org Eve letter of eve");

  @TempDir Path directory;

  private final SparkSession spark = SparkForTests.session();
  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final CapturedTopics capture = new CapturedTopics(kafka).createTable(PERSON);
  private Pipeline pipeline;

  /** Stands for a process that is killed: nobody catches it. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @AfterEach
  void close() {
    stop();
    capture.close();
  }

  private String lake() {
    return directory + "/lake";
  }

  private ProcessorSettings settings() {
    return new ProcessorSettings(
        kafka,
        postgres,
        lake(),
        Duration.ZERO,
        new MirrorSettings(
            MirrorSettings.Writer.INDEX, 1 << 20, directory.resolve("index"), Duration.ofHours(6)),
        "local[2]",
        100_000,
        OnGap.STOP,
        directory + "/work");
  }

  private void start() {
    capture.heartbeat(); // without any cut a query may read what comes now, and wait for the next
    pipeline = new Pipeline(spark, settings(), Optional.empty(), Start.SINK_POSITIONS);
    pipeline.start();
  }

  private void stop() {
    if (pipeline != null) {
      pipeline.close();
      pipeline = null;
    }
  }

  private void awaitAt(Cut cut) {
    await()
        .atMost(SOON)
        .until(
            () ->
                pipeline.queries().stream()
                    .map(query -> query.progress().snapshot().completed())
                    .allMatch(completed -> completed != null && completed.lsn() >= cut.lsn()));
  }

  private void rekey(String from, String to, String name) {
    capture.add(
        (origin, table) -> ChangeEvent.delete(origin, table, Row.of(from, Row.ABSENT, Row.ABSENT)),
        PERSON);
    capture.add(
        (origin, table) ->
            ChangeEvent.rekey(
                origin, table, Row.of(from, Row.ABSENT, Row.ABSENT), Row.of(to, name, Row.ABSENT)),
        PERSON);
  }

  /** Ada, who moves from one address to another, among others; in the end she is deleted. */
  private Cut tellOfAda() {
    capture
        .begin()
        .create(PERSON, "ada@x.org", "Ada", "letter of lovelace " + "l".repeat(3000))
        .create(PERSON, "bob@x.org", "Bob", "letter of bob")
        .create(PERSON, "eve@x.org", "Eve", "letter of eve");
    awaitAt(capture.commit());
    capture
        .begin()
        .update(PERSON, "ada@x.org", "Ada Lovelace", Row.ABSENT)
        .update(PERSON, "bob@x.org", "Bob2", Row.ABSENT)
        .garbage(PERSON, "{\"mail\":\"ada@x.org\"}", "no event at all")
        .garbage(PERSON, "of someone", "a note about ada@x.org, unreadable")
        .garbage(PERSON, "of someone", "a note about bob@x.org, unreadable");
    awaitAt(capture.commit());
    capture.begin();
    rekey("ada@x.org", "ada@y.org", "Ada Byron");
    awaitAt(capture.commit());
    capture.begin().update(PERSON, "bob@x.org", "Bob2", Row.ABSENT);
    awaitAt(capture.commit());
    capture.begin();
    capture.add(
        (origin, table) ->
            ChangeEvent.delete(origin, table, Row.of("ada@y.org", Row.ABSENT, Row.ABSENT)),
        PERSON);
    Cut last = capture.commit();
    awaitAt(last);
    return last;
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

  private List<String> lakeRows(Store store, String expression) {
    return new LakeCatalog(spark.newSession(), lake())
            .table(store, "public", "person")
            .orElseThrow()
            .version()
            .rows()
            .selectExpr(expression)
            .collectAsList()
            .stream()
            .map(row -> row.getString(0))
            .sorted()
            .toList();
  }

  private long submit(String key, boolean quarantineContaining) throws SQLException {
    return new ErasureRequests(postgres)
        .submit(
            capture.topic(PERSON),
            "digest",
            Erasure.Request.of(RowKey.of(key), false, quarantineContaining).toJson());
  }

  private ErasureRequests.Request due(ErasureQueue queue) {
    await().atMost(SOON).until(() -> queue.due().isPresent());
    try {
      return queue.due().orElseThrow();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Looks at all values and bytes of the lake, without what is to be tested. */
  private List<String> filesWith(String... texts) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(lake()))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content =
            file.toString().endsWith(".parquet")
                ? values(file)
                : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (String text : texts) {
          if (content.contains(text)) {
            found.add(file + ": " + text);
          }
        }
      }
    }
    return found;
  }

  private static String values(Path parquet) throws IOException {
    StringBuilder values = new StringBuilder();
    try (ParquetReader<Group> reader =
        ParquetReader.builder(
                new GroupReadSupport(), new org.apache.hadoop.fs.Path(parquet.toUri()))
            .build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        values.append(row);
      }
    }
    return values.toString();
  }

  private void assertOnlyAdaIsGone() throws Exception {
    assertThat(filesWith("ada@", "Ada", "lovelace")).isEmpty();
    assertThat(filesWith("bob@x.org", "letter of eve")).isNotEmpty();
    assertThat(lakeRows(Store.MIRROR, "concat_ws(' ', mail, name, body)"))
        .containsExactlyElementsOf(OTHERS);
    List<String> changes = lakeRows(Store.TRAIL, "concat_ws(' ', _kappa_op, mail, name)");
    assertThat(changes)
        .containsExactly(
            "c bob@x.org Bob", "c eve@x.org Eve", "u bob@x.org Bob2", "u bob@x.org Bob2");
    assertThat(
            query(
                "SELECT concat_ws(' ', _kappa_op, mail, name) FROM public.person_trail t"
                    + " ORDER BY 1"))
        .containsExactlyElementsOf(changes);
    assertThat(query("SELECT t::text FROM public.person_trail t WHERE t::text ~* 'ada'")).isEmpty();
  }

  private void assertItGoesOn() throws Exception {
    start();
    capture
        .begin()
        .update(PERSON, "eve@x.org", "Eve", Row.ABSENT)
        .create(PERSON, "dan@x.org", "Dan", "letter of dan");
    awaitAt(capture.commit());
    stop();
    List<String> now = new ArrayList<>(OTHERS);
    now.add(1, "dan@x.org Dan letter of dan");
    assertThat(lakeRows(Store.MIRROR, "concat_ws(' ', mail, name, body)"))
        .containsExactlyElementsOf(now);
    assertThat(lakeRows(Store.TRAIL, "mail")).hasSize(6);
    assertThat(query("SELECT mail FROM public.person_trail")).hasSize(6);
  }

  @Test
  void aPersonLeavesEveryStoreWithTheFormerKeyAndNobodyElseDoes() throws Exception {
    // Given
    start();
    tellOfAda();
    long id = submit("ada@y.org", false);
    ErasureQueue queue = new ErasureQueue(spark, settings());
    ErasureRequests.Request request = due(queue);
    assertThat(filesWith("ada@x.org", "ada@y.org", "lovelace")).isNotEmpty();

    // When
    stop();
    queue.carryOut(request);

    // Then
    ErasureRequests.Status status = new ErasureRequests(postgres).status(id);
    assertThat(status.succeeded()).as(status.outcome()).isTrue();
    assertThat(status.outcome())
        .contains("\"postgres-trail\":5", "\"delta-trail\":5", "\"findings\":[]")
        .contains("\"postgres-trail, quarantine\":1", "\"lake, quarantine\":2")
        .doesNotContain("ada");
    assertThat(filesWith("ada@y.org", "lovelace", "Ada")).isEmpty();
    assertThat(filesWith("ada@x.org"))
        .as("what cannot be read stays unless it is asked for")
        .allMatch(file -> file.contains("/quarantine/"))
        .isNotEmpty();
    assertThat(query("SELECT e::text FROM kappa.erasures e").get(0)).doesNotContain("ada");

    // When
    submit("ada@x.org", true);
    queue.carryOut(due(queue));

    // Then
    assertOnlyAdaIsGone();
    assertThat(query("SELECT convert_from(value, 'UTF8') FROM kappa.quarantine"))
        .containsExactly("a note about bob@x.org, unreadable");
    assertItGoesOn();
  }

  @Test
  void whereverItIsKilledItEndsTheSame() throws Exception {
    // Given
    start();
    tellOfAda();
    long id = submit("ada@y.org", true);
    ErasureRequests.Request request = due(new ErasureQueue(spark, settings()));
    stop();
    Set<String> deaths =
        new HashSet<>(
            Set.of(
                "delta-trail: writing files anew",
                "delta-trail: removing the old files",
                "delta-mirror: beginning the log anew",
                "delta-mirror: removing the old files"));

    // When
    ErasureRequests requests = new ErasureRequests(postgres);
    while (requests.status(id).succeeded() == null) {
      ErasureQueue queue =
          new ErasureQueue(
              spark,
              settings(),
              step -> {
                if (deaths.remove(step)) {
                  throw new Killed();
                }
              });
      try {
        queue.carryOut(requests.next().orElse(request));
      } catch (Killed e) {
        continue;
      }
    }

    // Then
    assertThat(deaths).isEmpty();
    assertThat(requests.status(id).succeeded()).as(requests.status(id).outcome()).isTrue();
    assertOnlyAdaIsGone();
    assertItGoesOn();
  }

  @Test
  void aRowThatIsStillThereIsRefused() throws Exception {
    // Given
    start();
    tellOfAda();
    long id = submit("bob@x.org", false);
    ErasureQueue queue = new ErasureQueue(spark, settings());
    ErasureRequests.Request request = due(queue);
    stop();

    // When
    queue.carryOut(request);

    // Then
    ErasureRequests.Status status = new ErasureRequests(postgres).status(id);
    assertThat(status.succeeded()).isFalse();
    assertThat(status.outcome()).startsWith("The row is still there").contains("--even-if-alive");
    assertThat(lakeRows(Store.MIRROR, "concat_ws(' ', mail, name, body)"))
        .containsExactlyElementsOf(OTHERS);
  }
}
