package io.kappacdc.capture.source;

import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import org.postgresql.core.Oid;

/**
 * Makes Debezium's decoder hand out each value as the text the server sent. The decoder asks by
 * name how to parse a value, and gets {@code text} for all of them; it asks by oid what a table's
 * columns are, and gets the truth.
 */
final class TextTypeRegistry extends TypeRegistry {
  private final PostgresType text;

  TextTypeRegistry(PostgresConnection connection) {
    super(connection);
    this.text = get(Oid.TEXT);
  }

  @Override
  public PostgresType get(String schemaName, String typeName) {
    return text;
  }
}
