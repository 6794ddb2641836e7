package io.kappacdc.capture.source;

import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import io.kappacdc.event.Row;
import java.util.Properties;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Declares every column as an optional string without default and passes the server's text through;
 * what the server did not send becomes {@link Row#ABSENT}. Public because Debezium creates it by
 * name.
 */
public final class TextConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {
  @Override
  public void configure(Properties properties) {}

  @Override
  public void converterFor(
      RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
    SchemaBuilder schema = new WithoutDefault().optional();
    StreamedType.of(column).writeTo(schema);
    registration.register(schema, TextConverter::passThrough);
  }

  /**
   * Anything but text is returned as it is, so that the record's schema refuses it and capture
   * stops, rather than a value being lost.
   */
  private static @Nullable Object passThrough(@Nullable Object value) {
    return UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)
        ? Row.ABSENT
        : value;
  }

  /** Connect reads a null in a field with a default as that default: so there are no defaults. */
  private static final class WithoutDefault extends SchemaBuilder {
    WithoutDefault() {
      super(Schema.Type.STRING);
    }

    @Override
    public SchemaBuilder defaultValue(Object value) {
      return this;
    }
  }
}
