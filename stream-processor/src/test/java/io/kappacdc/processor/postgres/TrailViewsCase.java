package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.MoneyHistory;
import io.kappacdc.processor.ServersForTests;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.stream.RecordsBatch;
import io.kappacdc.processor.stream.TopicPartition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.postgresql.util.PSQLException;

/** A sink that writes a trail, and a reader of the views beside it. */
abstract class TrailViewsCase {
  final KafkaSettings kafka = ServersForTests.kafka();
  final PostgresSettings postgres;
  final PostgresTrailSink sink;
  Connection connection;
  private long offset;

  TrailViewsCase() {
    this(ServersForTests.sinkDatabase());
  }

  TrailViewsCase(PostgresSettings postgres) {
    this.postgres = postgres;
    this.sink = new PostgresTrailSink(postgres, kafka);
  }

  @BeforeEach
  void connect() throws SQLException {
    sink.positions();
    connection = ServersForTests.connect(postgres);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    sink.close();
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Rows as their values and {@code |}, sorted as Java sorts. */
  List<String> query(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          String value = result.getString(i);
          String type = result.getMetaData().getColumnTypeName(i);
          values.add(
              type.equals("bool") && value != null
                  ? (value.equals("t") ? "true" : "false")
                  : String.valueOf(value));
        }
        rows.add(String.join("|", values));
      }
    }
    rows.sort(null);
    return rows;
  }

  /** The trail is complete at this LSN, as the processor notes it when it notes every moment. */
  void completed(long lsn, String... stoppedTopics) throws SQLException {
    List<String> topics = List.of(stoppedTopics);
    Cut cut = new Cut(Cut.State.COMPLETE, lsn, MoneyHistory.micros(lsn), 1, new TreeMap<>());
    try (TrailProgress progress = new TrailProgress(postgres, sink.name())) {
      progress.record(
          cut,
          topics.stream().map(topic -> new TopicPartition(topic, 0)).collect(Collectors.toSet()));
    }
  }

  static TableSchema fund(Column... columns) {
    return new TableSchema(
        "public", "fund", List.of(columns), List.of("id"), ReplicaIdentity.DEFAULT);
  }

  static final TableSchema FUND = fund(Column.of("id", "integer"), Column.of("name", "text"));

  static Origin at(long lsn, long ordinal) {
    return new Origin(new Position(lsn, ordinal), 7, MoneyHistory.micros(lsn));
  }

  void write(ChangeEvent... events) {
    RecordsBatch batch = new RecordsBatch();
    for (ChangeEvent event : events) {
      ServersForTests.publish(kafka, event.schema());
      batch.add(kafka.topics(), 0, offset++, event);
    }
    sink.write(batch);
  }

  void assertRefused(String sql, String problem, String cause, String remedy) {
    assertThatThrownBy(() -> query(sql))
        .isInstanceOfSatisfying(
            PSQLException.class,
            e -> {
              assertThat(e.getServerErrorMessage().getMessage()).isEqualTo(problem);
              assertThat(e.getServerErrorMessage().getDetail()).isEqualTo(cause);
              assertThat(e.getServerErrorMessage().getHint()).isEqualTo(remedy);
            });
  }
}
