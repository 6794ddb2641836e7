package io.kappacdc.capture.publish;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableForm.ColumnForm;
import io.kappacdc.capture.resume.TableForm.PartitionForm;
import io.kappacdc.capture.resume.TableName;
import io.kappacdc.capture.resume.TableNote;
import io.kappacdc.runtime.KappaException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Records of the tables topic. */
final class TableNoteJson {
  private static final JsonFactory JSON = new JsonFactory();

  private TableNoteJson() {}

  static byte[] write(TableNote note) {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = JSON.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeStringField("schema", note.name().schema());
      generator.writeStringField("table", note.name().table());
      generator.writeNumberField("relation", note.form().relationId());
      generator.writeNumberField("file", note.form().file());
      generator.writeArrayFieldStart("key");
      for (String column : note.form().key()) {
        generator.writeString(column);
      }
      generator.writeEndArray();
      generator.writeArrayFieldStart("columns");
      for (Map.Entry<Integer, ColumnForm> column : note.form().columns().entrySet()) {
        write(generator, column.getKey(), column.getValue());
      }
      generator.writeEndArray();
      write(generator, note.form().partitions());
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private static void write(JsonGenerator generator, int number, ColumnForm column)
      throws IOException {
    generator.writeStartObject();
    generator.writeNumberField("number", number);
    generator.writeStringField("column", column.name());
    generator.writeNumberField("type", column.typeId());
    generator.writeNumberField("modifier", column.modifier());
    generator.writeBooleanField("filled", column.isFilled());
    generator.writeNumberField("version", column.version());
    generator.writeEndObject();
  }

  /** Four numbers each, since there can be thousands. */
  private static void write(JsonGenerator generator, Map<Long, PartitionForm> partitions)
      throws IOException {
    generator.writeArrayFieldStart("partitions");
    for (Map.Entry<Long, PartitionForm> partition : partitions.entrySet()) {
      generator.writeNumber(partition.getKey());
      generator.writeNumber(partition.getValue().file());
      generator.writeNumber(partition.getValue().joined());
      generator.writeNumber(partition.getValue().wasMadeAsOne() ? 1 : 0);
    }
    generator.writeEndArray();
  }

  static TableNote read(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      Parsed parsed = new Parsed();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        parsed.take(field, parser);
      }
      return parsed.note();
    } catch (IOException | IllegalArgumentException e) {
      throw new KappaException(
          "What capture remembers of a table cannot be read.",
          "A record of the tables topic is not one of ours.",
          "Set kafka.topic-prefix to a prefix that nothing else uses.",
          e);
    }
  }

  private static final class Parsed {
    private String schema = "";
    private String table = "";
    private long relation;
    private long file;
    private final List<String> key = new ArrayList<>();
    private final SortedMap<Integer, ColumnForm> columns = new TreeMap<>();
    private final SortedMap<Long, PartitionForm> partitions = new TreeMap<>();

    void take(String field, JsonParser parser) throws IOException {
      switch (field) {
        case "schema" -> schema = parser.getText();
        case "table" -> table = parser.getText();
        case "relation" -> relation = parser.getLongValue();
        case "file" -> file = parser.getLongValue();
        case "key" -> {
          while (parser.nextToken() == JsonToken.VALUE_STRING) {
            key.add(parser.getText());
          }
        }
        case "columns" -> {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            takeColumn(parser);
          }
        }
        case "partitions" -> {
          while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            partitions.put(
                parser.getLongValue(),
                new PartitionForm(
                    parser.nextLongValue(0), parser.nextLongValue(0), parser.nextIntValue(0) == 1));
          }
        }
        default -> parser.skipChildren();
      }
    }

    private void takeColumn(JsonParser parser) throws IOException {
      int number = 0;
      String name = "";
      long type = 0;
      int modifier = -1;
      boolean filled = false;
      long version = 0;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "number" -> number = parser.getIntValue();
          case "column" -> name = parser.getText();
          case "type" -> type = parser.getLongValue();
          case "modifier" -> modifier = parser.getIntValue();
          case "filled" -> filled = parser.getBooleanValue();
          case "version" -> version = parser.getLongValue();
          default -> parser.skipChildren();
        }
      }
      columns.put(number, new ColumnForm(name, type, modifier, filled, version));
    }

    TableNote note() {
      return new TableNote(
          new TableName(schema, table), new TableForm(relation, file, key, columns, partitions));
    }
  }
}
