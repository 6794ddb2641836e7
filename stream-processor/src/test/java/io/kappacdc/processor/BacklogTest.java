package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.stream.CapturedTopics;
import io.kappacdc.processor.stream.KafkaSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A processor that was away catches up in the memory that it has, as a process of its own: all that
 * it missed is one batch, larger than its heap.
 */
class BacklogTest {
  private static final Duration CATCH_UP_MAX = Duration.ofMinutes(5);
  private static final int HEAP_MIB = 256;
  private static final int TRANSACTIONS = 24;
  private static final int ROWS_PER_TRANSACTION = 800;
  private static final int TEXT_LENGTH = 16 * 1024;
  private static final TableSchema DOCUMENT =
      new TableSchema(
          "public",
          "document",
          List.of(Column.of("id", "integer"), Column.of("body", "text")),
          List.of("id"),
          ReplicaIdentity.DEFAULT);

  @TempDir Path directory;

  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final CapturedTopics capture = new CapturedTopics(kafka).createTable(DOCUMENT);
  private CommandProcess kappa;
  private Process processor;

  @BeforeEach
  void configure() throws IOException {
    kappa = new CommandProcess(directory, kafka, postgres);
  }

  @AfterEach
  void stop() throws Exception {
    if (processor != null) {
      processor.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    }
    capture.close();
  }

  private Cut publishBacklog() {
    String text = text();
    Cut cut = null;
    int id = 0;
    for (int transaction = 0; transaction < TRANSACTIONS; transaction++) {
      capture.begin();
      for (int row = 0; row < ROWS_PER_TRANSACTION; row++) {
        id++;
        int start = id % TEXT_LENGTH;
        capture.create(DOCUMENT, "" + id, id + text.substring(start, start + TEXT_LENGTH));
      }
      cut = capture.commit();
    }
    return cut;
  }

  /** So that every row's text is another one. */
  private static String text() {
    Random random = new Random(11);
    StringBuilder text = new StringBuilder();
    while (text.length() < 2 * TEXT_LENGTH) {
      text.append(Integer.toString(random.nextInt(1_000_000), 36)).append(" and so on ");
    }
    return text.toString();
  }

  private void startProcessor() throws IOException {
    processor =
        kappa.start(
            List.of(
                "-Xmx" + HEAP_MIB + "m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                // Spark refuses a heap below 450 MiB, whose share for joins and caches nothing
                // uses.
                "-Dspark.testing.memory=" + (512L << 20)),
            log(),
            "process");
  }

  private Path log() {
    return directory.resolve("processor.log");
  }

  /** Whether each of the three sinks says that it is complete up to the cut. */
  private boolean isComplete(Cut cut) throws IOException {
    String status = Files.readString(directory.resolve("home/processor-status.json"));
    return status.split("\"completeLsn\":\"" + Lsn.format(cut.lsn()) + '"', -1).length == 4;
  }

  private long rows(String table) {
    SparkSession spark = SparkForTests.session();
    return spark.read().format("delta").load(kappa.lake() + "/" + table).count();
  }

  private long rowsInPostgres() throws SQLException {
    try (Connection connection = ServersForTests.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM public.document_trail")) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void aBatchLargerThanItsHeapIsCaughtUpWith() throws Exception {
    // Given
    long rows = (long) TRANSACTIONS * ROWS_PER_TRANSACTION;
    assertThat(rows * TEXT_LENGTH).isGreaterThan((long) HEAP_MIB << 20);
    Cut cut = publishBacklog();

    // When
    startProcessor();

    // Then
    await()
        .atMost(CATCH_UP_MAX)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .until(() -> !processor.isAlive() || isComplete(cut));
    assertThat(processor.isAlive()).as(() -> lastWords()).isTrue();
    assertThat(rowsInPostgres()).isEqualTo(rows);
    assertThat(rows("trail/public.document")).isEqualTo(rows);
    assertThat(rows("mirror/public.document")).isEqualTo(rows);
    assertThat(Files.readString(log())).doesNotContain("Query failed");
  }

  private String lastWords() {
    try {
      List<String> lines = Files.readAllLines(log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
