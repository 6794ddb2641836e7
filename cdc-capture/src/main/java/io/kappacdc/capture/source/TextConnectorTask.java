package io.kappacdc.capture.source;

import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.ChangeMetrics;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Debezium's task with a decoder that leaves values as the server's text, and without its metrics
 * of single changes; public because Debezium creates it by name.
 */
public final class TextConnectorTask extends PostgresConnectorTask {
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(10);

  @Override
  protected ReplicationConnection buildReplicationConnection(
      PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config)
      throws SQLException {
    return ReplicationConnection.builder(config)
        .withSlot(config.slotName())
        .withPublication(config.publicationName())
        .withTableFilter(config.getTableFilters())
        .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
        .withPlugin(config.plugin())
        .dropSlotOnClose(false)
        // From PostgreSQL 17 on standbys can have it, so that the one that takes over can go on.
        .createFailOverSlot(true)
        .statusUpdateInterval(STATUS_INTERVAL)
        .withTypeRegistry(new TextTypeRegistry(jdbcConnection))
        .withSchema(schema)
        .jdbcMetadataConnection(jdbcConnection)
        .build();
  }

  @Override
  public List<SourceRecord> doPoll() throws InterruptedException {
    ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> running = coordinator;
    if (running != null) {
      ChangeMetrics.leaveOut(running);
    }
    return super.doPoll();
  }
}
