package io.kappacdc.benchmarks;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.SerializedString;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's envelope, before, after, source, transaction and the three timestamps, as
 * JsonConverter without schemas shapes it; numeric as text (decimal.handling.mode=string). Written
 * by a streaming generator, so cheaper than the converter's own trees.
 *
 * <p>It names no schema: the reader must know the table's. An absent value is a placeholder text,
 * or null in a before image, where only the replica identity tells it from NULL.
 */
final class DebeziumJson implements WireFormat {
  private static final String PLACEHOLDER = "__debezium_unavailable_value";

  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
  private final TableSchema schema;
  private final Events.Form[] forms;
  private final SerializedString[] names;
  private final boolean[] inKey;
  private final Map<String, Integer> indexByName = new HashMap<>();

  DebeziumJson(TableSchema schema) {
    this.schema = schema;
    forms = Events.forms(schema);
    names = new SerializedString[forms.length];
    inKey = new boolean[forms.length];
    for (int i = 0; i < names.length; i++) {
      String name = schema.columns().get(i).name();
      names[i] = new SerializedString(name);
      inKey[i] = schema.key().contains(name);
      indexByName.put(name, i);
    }
  }

  @Override
  public byte[] encode(ChangeEvent event) {
    buffer.reset();
    try (JsonGenerator generator = Events.JSON.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeFieldName("before");
      write(generator, event.before(), null);
      generator.writeFieldName("after");
      write(generator, event.after(), PLACEHOLDER);
      writeSource(generator, event);
      generator.writeObjectFieldStart("transaction");
      generator.writeStringField("id", event.transactionId() + ":" + event.position().lsn());
      generator.writeNumberField("total_order", event.position().ordinal());
      generator.writeNumberField("data_collection_order", event.position().ordinal());
      generator.writeEndObject();
      generator.writeStringField("op", String.valueOf(event.operation().code()));
      writeTimes(generator, event.commitMicros() + 20_000);
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private static void writeTimes(JsonGenerator generator, long micros) throws IOException {
    generator.writeNumberField("ts_ms", micros / 1_000);
    generator.writeNumberField("ts_us", micros);
    generator.writeNumberField("ts_ns", micros * 1_000);
  }

  private void writeSource(JsonGenerator generator, ChangeEvent event) throws IOException {
    long lsn = event.position().lsn();
    generator.writeObjectFieldStart("source");
    generator.writeStringField("version", "3.6.1.Final");
    generator.writeStringField("connector", "postgresql");
    generator.writeStringField("name", "pgsrc");
    generator.writeStringField("snapshot", "false");
    generator.writeStringField("db", "finance");
    generator.writeStringField("sequence", "[\"" + (lsn - 4_096) + "\",\"" + lsn + "\"]");
    generator.writeStringField("schema", schema.schema());
    generator.writeStringField("table", schema.table());
    generator.writeNumberField("txId", event.transactionId());
    generator.writeNumberField("lsn", lsn);
    generator.writeNullField("xmin");
    writeTimes(generator, event.commitMicros());
    generator.writeEndObject();
  }

  private void write(JsonGenerator generator, @Nullable Row row, @Nullable String absent)
      throws IOException {
    if (row == null) {
      generator.writeNull();
      return;
    }
    generator.writeStartObject();
    for (int i = 0; i < names.length; i++) {
      generator.writeFieldName(names[i]);
      String value = row.isAbsent(i) ? absent : row.get(i);
      if (value == null) {
        generator.writeNull();
      } else if (forms[i] == Events.Form.BOOLEAN && !row.isAbsent(i)) {
        generator.writeBoolean(value.charAt(0) == 't');
      } else if ((forms[i] == Events.Form.INTEGER || forms[i] == Events.Form.LONG)
          && !row.isAbsent(i)) {
        generator.writeNumber(value);
      } else {
        generator.writeString(value);
      }
    }
    generator.writeEndObject();
  }

  @Override
  public ChangeEvent decode(byte[] value) {
    try (JsonParser parser = Events.JSON.createParser(value)) {
      return decode(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ChangeEvent decode(JsonParser parser) throws IOException {
    Row before = null;
    Row after = null;
    Source source = null;
    long ordinal = 0;
    Operation operation = null;
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "before" -> before = read(parser, false);
        case "after" -> after = read(parser, true);
        case "source" -> source = source(parser);
        case "transaction" -> ordinal = ordinal(parser);
        case "op" -> operation = Operation.of(parser.getText().charAt(0));
        default -> parser.skipChildren();
      }
    }
    if (source == null || operation == null) {
      throw new IllegalArgumentException("Not an envelope");
    }
    Position position = new Position(source.lsn(), ordinal);
    Origin origin = new Origin(position, source.transactionId(), source.commitMicros());
    return Events.event(operation, origin, schema, before, after);
  }

  private record Source(long lsn, long transactionId, long commitMicros) {}

  private static Source source(JsonParser parser) throws IOException {
    long lsn = 0;
    long transactionId = 0;
    long commitMicros = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "lsn" -> lsn = parser.getLongValue();
        case "txId" -> transactionId = parser.getLongValue();
        case "ts_us" -> commitMicros = parser.getLongValue();
        default -> parser.skipChildren();
      }
    }
    return new Source(lsn, transactionId, commitMicros);
  }

  private static long ordinal(JsonParser parser) throws IOException {
    long ordinal = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      if (field.equals("total_order")) {
        ordinal = parser.getLongValue();
      }
    }
    return ordinal;
  }

  private @Nullable Row read(JsonParser parser, boolean isAfter) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    boolean isWhole = isAfter || schema.identity() == ReplicaIdentity.FULL;
    String[] values = new String[names.length];
    Arrays.fill(values, Row.ABSENT);
    int expected = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (expected >= names.length || !names[expected].getValue().equals(name)) {
        expected = indexByName.get(name);
      }
      String value = value(parser);
      boolean isAbsent = value == null ? !isWhole && !inKey[expected] : value.equals(PLACEHOLDER);
      values[expected] = isAbsent ? Row.ABSENT : value;
      expected++;
    }
    return Row.of(values);
  }

  private static @Nullable String value(JsonParser parser) throws IOException {
    return switch (parser.nextToken()) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> "t";
      case VALUE_FALSE -> "f";
      default -> parser.getText();
    };
  }
}
