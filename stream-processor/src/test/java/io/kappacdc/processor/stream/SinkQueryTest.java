package io.kappacdc.processor.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.processor.ServersForTests;
import io.kappacdc.processor.SparkForTests;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.postgres.PostgresTrailSink;
import io.kappacdc.processor.stream.SinkQuerySettings.Start;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ProcessorConfig.OnGap;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinkQueryTest {
  private static final Duration SOON = Duration.ofSeconds(180);

  @TempDir Path workDirectory;

  private final KafkaSettings kafka = ServersForTests.kafka();
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final EventWriter writer = new EventWriter();
  private KafkaProducer<byte[], byte[]> producer;
  private SinkQuery query;
  private OnGap onGap = OnGap.STOP;
  private long lsn;

  @BeforeEach
  void createTable() {
    createTable(table("a"));
    producer = ServersForTests.producer(kafka, Map.of("transactional.id", kafka.topicPrefix()));
    producer.initTransactions();
  }

  @AfterEach
  void close() throws Exception {
    query.close();
    producer.close();
  }

  private static TableSchema table(String name) {
    return new TableSchema(
        "public",
        name,
        List.of(Column.of("id", "integer")),
        List.of("id"),
        ReplicaIdentity.DEFAULT);
  }

  private void createTable(TableSchema schema) {
    ServersForTests.publish(kafka, schema);
    ServersForTests.createTopic(kafka, topic(schema), 2);
  }

  private String topic(TableSchema schema) {
    return kafka.topics().table(schema.schema(), schema.table());
  }

  private SinkQuery start(Start start) {
    query =
        new SinkQuery(
            SparkForTests.session(),
            new PostgresTrailSink(postgres, kafka),
            new SinkQuerySettings(
                kafka,
                kafka.topics().tablePattern(),
                workDirectory.toString(),
                1000,
                onGap,
                start));
    query.start();
    return query;
  }

  /** Publishes rows {@code from..to} in one Kafka transaction. */
  private void publish(TableSchema schema, int from, int to) {
    producer.beginTransaction();
    send(schema, from, to);
    producer.commitTransaction();
  }

  private void send(TableSchema schema, int from, int to) {
    for (int id = from; id <= to; id++) {
      Origin origin = new Origin(new Position(++lsn, 1), 1, 1_700_000_000_000_000L);
      ChangeEvent event = ChangeEvent.create(origin, schema, Row.of("" + id));
      producer.send(new ProducerRecord<>(topic(schema), writer.key(event), writer.write(event)));
    }
  }

  private long count(TableSchema schema) throws SQLException {
    try (Connection connection = ServersForTests.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT CASE WHEN to_regclass('public."
                    + schema.table()
                    + "_trail') IS NULL THEN 0"
                    + " ELSE (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM public."
                    + schema.table()
                    + "_trail', true, true, '')))[1]::text::bigint END")) {
      row.next();
      return row.getLong(1);
    }
  }

  private void awaitCount(TableSchema schema, long rows) {
    await().atMost(SOON).ignoreExceptions().until(() -> count(schema) == rows);
  }

  /** The query counts a batch after the store has committed it. */
  private void awaitRowsWritten(long rows) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(query.progress().snapshot().rows()).isEqualTo(rows));
  }

  @Test
  void writesCommittedTransactionsOnlyAndTablesThatComeLater() throws Exception {
    start(Start.SINK_POSITIONS).firstTrigger().get(60, TimeUnit.SECONDS);
    publish(table("a"), 1, 100);
    producer.beginTransaction();
    send(table("a"), 101, 200);
    producer.flush();
    producer.abortTransaction();

    createTable(table("b"));
    publish(table("b"), 1, 50);
    publish(table("a"), 201, 210);

    awaitCount(table("b"), 50);
    awaitCount(table("a"), 110);
    awaitRowsWritten(160);
  }

  @Test
  void startsAgainAtTheSinksPositionsWithoutAnyCheckpoint() throws Exception {
    publish(table("a"), 1, 100);
    start(Start.SINK_POSITIONS);
    awaitCount(table("a"), 100);
    query.close();
    assertThat(workDirectory).isEmptyDirectory();
    publish(table("a"), 101, 150);

    start(Start.SINK_POSITIONS);

    awaitCount(table("a"), 150);
    awaitRowsWritten(50);
  }

  /** It is no change that the store has, and tells nothing of the topic. */
  @Test
  void aRecordThatCannotBeReadAtTheEndStopsNoLaterStart() throws Exception {
    publish(table("a"), 1, 100);
    Origin origin = new Origin(new Position(++lsn, 1), 1, 1_700_000_000_000_000L);
    byte[] unknown =
        writer.write(ChangeEvent.create(origin, table("nobody_knows_it"), Row.of("1")));
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic(table("a")), 0, null, unknown));
    producer.send(new ProducerRecord<>(topic(table("a")), 1, null, new byte[] {'x'}));
    producer.commitTransaction();
    start(Start.SINK_POSITIONS);
    awaitCount(table("a"), 100);
    await().atMost(SOON).until(() -> query.sink().quarantined() == 2);
    query.close();

    start(Start.SINK_POSITIONS);
    publish(table("a"), 101, 110);

    awaitCount(table("a"), 110);
  }

  @Test
  void replayFromEarliestEndsAtTheSinksPositionsAndChangesNothing() throws Exception {
    publish(table("a"), 1, 100);
    start(Start.SINK_POSITIONS);
    awaitCount(table("a"), 100);
    query.close();
    publish(table("a"), 101, 120);

    start(Start.EARLIEST_TO_SINK_POSITIONS).ended().get(60, TimeUnit.SECONDS);

    assertThat(query.progress().snapshot().rows()).isZero();
    assertThat(query.progress().snapshot().batches()).isPositive();
    assertThat(count(table("a"))).isEqualTo(100);
  }

  @Test
  void fillsAnEmptySinkUpToTheLatestRecord() throws Exception {
    publish(table("a"), 1, 100);

    start(Start.EARLIEST_TO_LATEST).ended().get(60, TimeUnit.SECONDS);

    assertThat(count(table("a"))).isEqualTo(100);
  }

  @Test
  void recordsThatExpiredUnreadAreNeverSkipped() throws Exception {
    publish(table("a"), 1, 100);
    start(Start.SINK_POSITIONS);
    awaitCount(table("a"), 100);
    query.close();
    publish(table("a"), 101, 200);
    try (Admin admin = Admin.create(kafka.admin())) {
      var partition = new org.apache.kafka.common.TopicPartition(topic(table("a")), 0);
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).all().get();
    }

    CompletableFuture<Void> ended = start(Start.SINK_POSITIONS).ended();

    assertThat(ended)
        .failsWithin(SOON)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(KappaException.class)
        .withMessageContaining("records expired unread");
    assertThat(count(table("a"))).isEqualTo(100);
  }

  @Test
  void aTopicThatWasMadeAnewIsNeverTakenForTheOldOne() throws Exception {
    publish(table("a"), 1, 100);
    start(Start.SINK_POSITIONS);
    awaitCount(table("a"), 100);
    query.close();
    try (Admin admin = Admin.create(kafka.admin())) {
      admin.deleteTopics(List.of(topic(table("a")))).all().get();
    }
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(
            () -> {
              ServersForTests.createTopic(kafka, topic(table("a")), 2);
              return StartingOffsets.plan(kafka, kafka.topics().tablePattern(), Map.of())
                      .get(topic(table("a")), 0)
                  == 0;
            });

    CompletableFuture<Void> ended = start(Start.SINK_POSITIONS).ended();

    assertThat(ended)
        .failsWithin(SOON)
        .withThrowableThat()
        .havingCause()
        .withMessageContaining("the topic was made anew");
  }

  @Test
  void outlivesTheAbsenceOfItsStore() throws Exception {
    start(Start.SINK_POSITIONS);
    publish(table("a"), 1, 10);
    awaitCount(table("a"), 10);

    ServersForTests.stack().sink().kill();
    publish(table("a"), 11, 500);
    await().atMost(SOON).until(() -> query.progress().snapshot().restarts() > 0);
    ServersForTests.stack().sink().startAgain();

    awaitCount(table("a"), 500);
  }
}
