package io.kappacdc.event.wire;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes and reads table schemas as JSON, the values of the schemas topic. */
public final class SchemaJson {
  private SchemaJson() {}

  public static byte[] write(TableSchema schema) {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
    try (JsonGenerator generator = Json.FACTORY.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeStringField("schema", schema.schema());
      generator.writeStringField("table", schema.table());
      generator.writeStringField("identity", schema.identity().name());
      generator.writeArrayFieldStart("key");
      for (String name : schema.key()) {
        generator.writeString(name);
      }
      generator.writeEndArray();
      generator.writeArrayFieldStart("columns");
      for (Column column : schema.columns()) {
        write(generator, column);
      }
      generator.writeEndArray();
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private static void write(JsonGenerator generator, Column column) throws IOException {
    generator.writeStartObject();
    generator.writeStringField("name", column.name());
    generator.writeStringField("type", column.type());
    generator.writeStringField("builtInType", column.builtInType());
    generator.writeBooleanField("nullable", column.nullable());
    generator.writeStringField("sourceName", column.sourceName());
    generator.writeEndObject();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws WireFormatException if the bytes are something else
   */
  public static TableSchema read(byte @Nullable [] value) {
    if (value == null) {
      throw new WireFormatException("The record has no value, and is not a schema");
    }
    try (JsonParser parser = Json.FACTORY.createParser(value)) {
      Json.expect(JsonToken.START_OBJECT, parser.nextToken(), "a schema");
      String schema = text(parser, "schema");
      String table = text(parser, "table");
      ReplicaIdentity identity = ReplicaIdentity.valueOf(text(parser, "identity"));
      List<String> key = new ArrayList<>();
      startArray(parser, "key");
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        key.add(parser.getText());
      }
      List<Column> columns = new ArrayList<>();
      startArray(parser, "columns");
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        columns.add(readColumn(parser));
      }
      return new TableSchema(schema, table, columns, key, identity);
    } catch (IOException | IllegalArgumentException e) {
      throw new WireFormatException("Not a table schema: " + e.getClass().getSimpleName(), e);
    }
  }

  private static Column readColumn(JsonParser parser) throws IOException {
    String name = text(parser, "name");
    String type = text(parser, "type");
    String builtInType = text(parser, "builtInType");
    name(parser, "nullable");
    boolean nullable = parser.nextToken() == JsonToken.VALUE_TRUE;
    String sourceName = optionalText(parser, "sourceName");
    Json.expect(JsonToken.END_OBJECT, parser.nextToken(), "the end of a column");
    return new Column(name, type, builtInType, nullable, sourceName);
  }

  private static String text(JsonParser parser, String name) throws IOException {
    name(parser, name);
    return Json.nextText(parser, name);
  }

  private static @Nullable String optionalText(JsonParser parser, String name) throws IOException {
    name(parser, name);
    return parser.nextToken() == JsonToken.VALUE_NULL ? null : parser.getText();
  }

  private static void startArray(JsonParser parser, String name) throws IOException {
    name(parser, name);
    Json.expect(JsonToken.START_ARRAY, parser.nextToken(), name);
  }

  private static void name(JsonParser parser, String name) throws IOException {
    Json.expect(JsonToken.FIELD_NAME, parser.nextToken(), "field '" + name + "'");
    if (!name.equals(parser.currentName())) {
      throw new WireFormatException(
          "Expected field '" + name + "', found '" + parser.currentName() + "'");
    }
  }
}
