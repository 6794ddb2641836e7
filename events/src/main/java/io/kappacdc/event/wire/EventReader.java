package io.kappacdc.event.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decodes the values of Kafka records into events. Not thread-safe; cheap to create. */
public final class EventReader {
  private static final SerializableString LSN = new SerializedString("lsn");
  private static final SerializableString ORDINAL = new SerializedString("ord");
  private static final SerializableString OPERATION = new SerializedString("op");
  private static final SerializableString TRANSACTION_ID = new SerializedString("txId");
  private static final SerializableString COMMIT_MICROS = new SerializedString("ts_us");
  private static final SerializableString SCHEMA = new SerializedString("schema");

  private final SchemaResolver schemas;
  private final Map<String, RowJson> rowsBySchemaId = new HashMap<>();

  public EventReader(SchemaResolver schemas) {
    this.schemas = schemas;
  }

  /**
   * Decodes one record value.
   *
   * @throws WireFormatException if the bytes are not an event of ours, or its schema is unknown
   */
  public ChangeEvent read(byte @Nullable [] value) {
    if (value == null) {
      throw new WireFormatException("The record has no value");
    }
    try (JsonParser parser = Json.FACTORY.createParser(value)) {
      return read(parser);
    } catch (IOException | IllegalArgumentException e) {
      throw new WireFormatException("Not a change event: " + e.getClass().getSimpleName(), e);
    }
  }

  /**
   * Decodes the position alone.
   *
   * @throws WireFormatException if the bytes are not an event of ours
   */
  public static Position position(byte @Nullable [] value) {
    if (value == null) {
      throw new WireFormatException("The record has no value");
    }
    try (JsonParser parser = Json.FACTORY.createParser(value)) {
      return position(parser);
    } catch (IOException | IllegalArgumentException e) {
      throw new WireFormatException("Not a change event: " + e.getClass().getSimpleName(), e);
    }
  }

  private static Position position(JsonParser parser) throws IOException {
    Json.expect(JsonToken.START_OBJECT, parser.nextToken(), "an event");
    field(parser, LSN);
    long lsn = Lsn.parse(Json.nextText(parser, "lsn"));
    field(parser, ORDINAL);
    return new Position(lsn, Json.nextLong(parser, "ord"));
  }

  private ChangeEvent read(JsonParser parser) throws IOException {
    Position position = position(parser);
    field(parser, OPERATION);
    Operation operation = operation(Json.nextText(parser, "op"));
    field(parser, TRANSACTION_ID);
    long transactionId = Json.nextLong(parser, "txId");
    field(parser, COMMIT_MICROS);
    long commitMicros = Json.nextLong(parser, "ts_us");
    field(parser, SCHEMA);
    RowJson rows = rows(Json.nextText(parser, "schema"));
    Row before = null;
    Row after = null;
    JsonToken token = parser.nextToken();
    while (token == JsonToken.FIELD_NAME) {
      String image = parser.currentName();
      parser.nextToken();
      switch (image) {
        case "before" -> before = rows.read(parser);
        case "after" -> after = rows.read(parser);
        default -> throw new WireFormatException("Unknown field '" + image + "' of an event");
      }
      token = parser.nextToken();
    }
    Json.expect(JsonToken.END_OBJECT, token, "the end of an event");
    Origin origin = new Origin(position, transactionId, commitMicros);
    return event(operation, origin, rows.schema(), before, after);
  }

  private static ChangeEvent event(
      Operation operation,
      Origin origin,
      TableSchema schema,
      @Nullable Row before,
      @Nullable Row after) {
    return switch (operation) {
      case READ -> ChangeEvent.read(origin, schema, required(after, "after"));
      case CREATE ->
          before == null
              ? ChangeEvent.create(origin, schema, required(after, "after"))
              : ChangeEvent.rekey(origin, schema, before, required(after, "after"));
      case UPDATE -> ChangeEvent.update(origin, schema, before, required(after, "after"));
      case DELETE -> ChangeEvent.delete(origin, schema, required(before, "before"));
      case TRUNCATE -> ChangeEvent.truncate(origin, schema);
    };
  }

  private static Row required(@Nullable Row image, String name) {
    if (image == null) {
      throw new WireFormatException("The event has no " + name + " image");
    }
    return image;
  }

  private static void field(JsonParser parser, SerializableString name) throws IOException {
    if (!parser.nextFieldName(name)) {
      Json.expect(JsonToken.FIELD_NAME, parser.currentToken(), "field '" + name + "'");
      throw new WireFormatException(
          "Expected field '" + name + "', found '" + parser.currentName() + "'");
    }
  }

  private static Operation operation(String code) {
    if (code.length() != 1) {
      throw new WireFormatException("Unknown operation code '" + code + "'");
    }
    return Operation.of(code.charAt(0));
  }

  private RowJson rows(String schemaId) {
    RowJson rows = rowsBySchemaId.get(schemaId);
    if (rows == null) {
      rows = new RowJson(schemas.resolve(schemaId));
      rowsBySchemaId.put(schemaId, rows);
    }
    return rows;
  }
}
