package io.kappacdc.benchmarks;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code [lsn,ordinal,"op",txId,micros,"schema id",before,after]}, an image an array of values in
 * column order. An absent value is {@code []}; absent values at the end are left out.
 */
final class PositionalJson implements WireFormat {
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
  private final Map<String, TableSchema> schemas;
  private final Events.Form[] forms;

  PositionalJson(TableSchema schema) {
    schemas = Map.of(schema.id(), schema);
    forms = Events.forms(schema);
  }

  @Override
  public byte[] encode(ChangeEvent event) {
    buffer.reset();
    try (JsonGenerator generator = Events.JSON.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartArray();
      generator.writeNumber(Long.toUnsignedString(event.position().lsn()));
      generator.writeNumber(event.position().ordinal());
      generator.writeString(String.valueOf(event.operation().code()));
      generator.writeNumber(event.transactionId());
      generator.writeNumber(event.commitMicros());
      generator.writeString(event.schema().id());
      write(generator, event.before());
      write(generator, event.after());
      generator.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private void write(JsonGenerator generator, @Nullable Row row) throws IOException {
    if (row == null) {
      generator.writeNull();
      return;
    }
    int size = row.size();
    while (size > 0 && row.isAbsent(size - 1)) {
      size--;
    }
    generator.writeStartArray();
    for (int i = 0; i < size; i++) {
      String value = row.get(i);
      if (row.isAbsent(i)) {
        generator.writeStartArray();
        generator.writeEndArray();
      } else if (value == null) {
        generator.writeNull();
      } else if (forms[i] == Events.Form.TEXT) {
        generator.writeString(value);
      } else if (forms[i] == Events.Form.BOOLEAN) {
        generator.writeBoolean(value.charAt(0) == 't');
      } else if (Events.isJsonNumber(value)) {
        generator.writeNumber(value);
      } else {
        generator.writeString(value);
      }
    }
    generator.writeEndArray();
  }

  @Override
  public ChangeEvent decode(byte[] value) {
    try (JsonParser parser = Events.JSON.createParser(value)) {
      parser.nextToken();
      parser.nextToken();
      long lsn = Long.parseUnsignedLong(parser.getText());
      long ordinal = parser.nextLongValue(-1);
      Operation operation = Operation.of(parser.nextTextValue().charAt(0));
      long transactionId = parser.nextLongValue(-1);
      long commitMicros = parser.nextLongValue(-1);
      TableSchema schema = schemas.get(parser.nextTextValue());
      Row before = read(parser, schema);
      Row after = read(parser, schema);
      Origin origin = new Origin(new Position(lsn, ordinal), transactionId, commitMicros);
      return Events.event(operation, origin, schema, before, after);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Row read(JsonParser parser, TableSchema schema) throws IOException {
    if (parser.nextToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    String[] values = new String[schema.columns().size()];
    int size = 0;
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      values[size++] = value(parser, token);
      token = parser.nextToken();
    }
    Arrays.fill(values, size, values.length, Row.ABSENT);
    return Row.of(values);
  }

  private static @Nullable String value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> "t";
      case VALUE_FALSE -> "f";
      case START_ARRAY -> {
        parser.nextToken();
        yield Row.ABSENT;
      }
      default -> parser.getText();
    };
  }
}
