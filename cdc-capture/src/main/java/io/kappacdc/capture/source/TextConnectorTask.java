package io.kappacdc.capture.source;

import io.debezium.connector.base.QueueProvider;
import io.debezium.connector.base.QueueProviderService;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.ChangeMetrics;
import io.debezium.pipeline.DataChangeEvent;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's task with a decoder that leaves values as the server's text and names as they are,
 * with {@link EventQueue} and without its metrics of single changes; public because Debezium
 * creates it by name.
 */
public final class TextConnectorTask extends PostgresConnectorTask {
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(10);

  /** After so long without an event Debezium is asked whether its reader failed. */
  private static final Duration QUIET = Duration.ofMillis(250);

  private volatile @Nullable EventQueue queue;

  @Override
  protected ReplicationConnection buildReplicationConnection(
      PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config)
      throws SQLException {
    QueueProviderService queues =
        config.getServiceRegistry().getService(QueueProviderService.class);
    QueueProvider<DataChangeEvent> provider = queues.getQueueProvider();
    queue = (EventQueue) provider;
    ReplicationConnection connection =
        ReplicationConnection.builder(config)
            .withSlot(config.slotName())
            .withPublication(config.publicationName())
            .withTableFilter(config.getTableFilters())
            .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
            .withPlugin(config.plugin())
            .dropSlotOnClose(false)
            // From PostgreSQL 17 on standbys can have it, so that the one that takes over can go
            // on.
            .createFailOverSlot(true)
            .statusUpdateInterval(STATUS_INTERVAL)
            .withTypeRegistry(new TextTypeRegistry(jdbcConnection))
            .withSchema(schema)
            .jdbcMetadataConnection(jdbcConnection)
            .build();
    return ExactNamesDecoder.giveTo(connection, config, schema, jdbcConnection);
  }

  @Override
  public List<SourceRecord> doPoll() throws InterruptedException {
    ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> running = coordinator;
    if (running != null) {
      ChangeMetrics.leaveOut(running);
    }
    EventQueue filling = queue;
    List<SourceRecord> taken = filling == null ? List.of() : filling.take(QUIET);
    return taken.isEmpty() ? super.doPoll() : taken;
  }
}
