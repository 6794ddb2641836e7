package io.kappacdc.capture.source;

import io.debezium.DebeziumException;
import io.debezium.bean.StandardBeanNames;
import io.debezium.bean.spi.BeanRegistry;
import io.debezium.bean.spi.BeanRegistryAware;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.snapshot.spi.SnapshotQuery;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads each table of the publication, and no other, with every value as its text. Public because
 * Debezium finds it as a service.
 */
public final class TextSnapshotQuery implements SnapshotQuery, BeanRegistryAware {
  static final String NAME = "kappa_text";

  private String publication = "";
  private @Nullable BeanRegistry beans;
  private @Nullable Map<String, String> selectByTable;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Map<String, ?> settings) {
    publication = String.valueOf(settings.get("publication.name"));
  }

  @Override
  public void injectBeanRegistry(BeanRegistry registry) {
    beans = registry;
  }

  @Override
  public Optional<String> snapshotQuery(String tableId, List<String> columns) {
    Map<String, String> selects = selectByTable;
    if (selects == null) {
      selects = readSelects();
      selectByTable = selects;
    }
    return Optional.ofNullable(selects.get(tableId));
  }

  private Map<String, String> readSelects() {
    PostgresConnection connection =
        java.util.Objects.requireNonNull(beans, "Debezium injects the registry first")
            .lookupByName(StandardBeanNames.JDBC_CONNECTION, PostgresConnection.class);
    try {
      return PublishedTable.read(connection.connection(), publication).stream()
          .filter(table -> !table.columns().isEmpty())
          .collect(
              Collectors.toMap(
                  table -> table.id().toDoubleQuotedString(),
                  PublishedTable::select,
                  (one, other) -> {
                    throw new DebeziumException(
                        "Debezium cannot tell two tables apart, of which one's name has quotation"
                            + " marks at its ends. Rename it, or leave one out by source.tables: "
                            + one
                            + ", "
                            + other);
                  }));
    } catch (SQLException e) {
      throw new DebeziumException("Cannot read the publication's tables", e);
    }
  }
}
