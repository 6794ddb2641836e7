package io.kappacdc.capture.source;

import io.debezium.schema.SchemaTopicNamingStrategy;
import io.debezium.spi.schema.DataCollectionId;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Debezium's names, looked up without the bookkeeping of its bounded map, which locks for every
 * change; public because Debezium creates it by name.
 */
public final class TextTopicNaming extends SchemaTopicNamingStrategy {
  private final Map<DataCollectionId, String> names = new ConcurrentHashMap<>();

  /**
   * @param settings the connector's
   */
  public TextTopicNaming(Properties settings) {
    super(settings);
  }

  @Override
  public String dataChangeTopic(DataCollectionId id) {
    String name = names.get(id);
    return name == null ? names.computeIfAbsent(id, super::dataChangeTopic) : name;
  }
}
