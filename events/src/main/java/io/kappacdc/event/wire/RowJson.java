package io.kappacdc.event.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.kappacdc.event.Column;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads rows of one schema as JSON objects: a field a column, absent values left out,
 * numbers and booleans bare, every other value a string of PostgreSQL's text. Immutable and
 * thread-safe.
 */
public final class RowJson {
  private enum Form {
    TEXT,
    NUMBER,
    BOOLEAN
  }

  private final TableSchema schema;
  private final SerializableString[] names;
  private final Form[] forms;
  private final int[] keyIndexes;
  private final Map<String, Integer> indexByName = new HashMap<>();

  public RowJson(TableSchema schema) {
    this.schema = schema;
    List<Column> columns = schema.columns();
    names = new SerializableString[columns.size()];
    forms = new Form[columns.size()];
    for (int i = 0; i < names.length; i++) {
      names[i] = new SerializedString(columns.get(i).name());
      forms[i] = formOf(columns.get(i).builtInType());
      indexByName.put(columns.get(i).name(), i);
    }
    keyIndexes = schema.keyIndexes();
  }

  public TableSchema schema() {
    return schema;
  }

  private static Form formOf(String type) {
    int modifier = type.indexOf('(');
    if (type.endsWith("]")) {
      return Form.TEXT;
    }
    return switch (modifier < 0 ? type : type.substring(0, modifier)) {
      case "smallint", "integer", "bigint", "numeric", "real", "double precision", "oid" ->
          Form.NUMBER;
      case "boolean" -> Form.BOOLEAN;
      default -> Form.TEXT;
    };
  }

  /** The row as a JSON text, as it stands on the wire. */
  public String write(Row row) {
    StringWriter text = new StringWriter(names.length * 24);
    try (JsonGenerator generator = Json.FACTORY.createGenerator(text)) {
      write(generator, row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  void write(JsonGenerator generator, Row row) throws IOException {
    generator.writeStartObject();
    for (int i = 0; i < names.length; i++) {
      if (!row.isAbsent(i)) {
        writeField(generator, i, row.get(i));
      }
    }
    generator.writeEndObject();
  }

  void writeKey(JsonGenerator generator, Row row) throws IOException {
    generator.writeStartObject();
    for (int index : keyIndexes) {
      if (row.isAbsent(index)) {
        throw new IllegalArgumentException(
            "Key column '" + names[index] + "' of " + schema.qualifiedName() + " has no value");
      }
      writeField(generator, index, row.get(index));
    }
    generator.writeEndObject();
  }

  private void writeField(JsonGenerator generator, int index, @Nullable String value)
      throws IOException {
    generator.writeFieldName(names[index]);
    if (value == null) {
      generator.writeNull();
    } else if (forms[index] == Form.NUMBER && isJsonNumber(value)) {
      generator.writeNumber(value);
    } else if (forms[index] == Form.BOOLEAN && value.length() == 1) {
      generator.writeBoolean(value.charAt(0) == 't');
    } else {
      generator.writeString(value);
    }
  }

  /** PostgreSQL prints numbers in JSON's grammar, but for NaN and the infinities. */
  private static boolean isJsonNumber(String value) {
    int first = value.startsWith("-") ? 1 : 0;
    return value.length() > first
        && value.charAt(first) >= '0'
        && value.charAt(first) <= '9'
        && value.charAt(value.length() - 1) <= '9';
  }

  /** Reads the object that begins at the parser's current token. */
  Row read(JsonParser parser) throws IOException {
    Json.expect(JsonToken.START_OBJECT, parser.currentToken(), "a row");
    String[] values = new String[names.length];
    java.util.Arrays.fill(values, Row.ABSENT);
    for (int next = nextColumn(parser, 0); next >= 0; next = nextColumn(parser, next + 1)) {
      values[next] = readValue(parser);
    }
    Json.expect(JsonToken.END_OBJECT, parser.currentToken(), "the end of a row");
    return Row.of(values);
  }

  /**
   * Moves to the next field; -1 at the end of the object.
   *
   * @param expected the column that it most likely is, whose name costs a comparison only
   */
  private int nextColumn(JsonParser parser, int expected) throws IOException {
    if (expected < names.length) {
      if (parser.nextFieldName(names[expected])) {
        return expected;
      }
    } else {
      parser.nextToken();
    }
    return parser.currentToken() == JsonToken.FIELD_NAME ? indexOf(parser.currentName()) : -1;
  }

  private int indexOf(String name) {
    Integer index = indexByName.get(name);
    if (index == null) {
      throw new WireFormatException(
          "Column '"
              + name
              + "' is not in schema "
              + schema.id()
              + " of "
              + schema.qualifiedName());
    }
    return index;
  }

  private static @Nullable String readValue(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw new WireFormatException("The record ends inside a row");
    }
    return switch (token) {
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getText();
      case VALUE_TRUE -> "t";
      case VALUE_FALSE -> "f";
      case VALUE_NULL -> null;
      default -> throw new WireFormatException("Expected a column's value, found " + token);
    };
  }
}
