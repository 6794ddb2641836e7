package io.kappacdc.capture.publish;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.capture.resume.CapturedTable;
import io.kappacdc.capture.resume.CapturedTable.Reading;
import io.kappacdc.capture.resume.CapturedTable.Reason;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.event.Lsn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The captured tables as a field of a state, which every Kafka transaction repeats: so a table is
 * an array, {@code ["public","fund",16385,16400]}, while it is read with {@code "JOINED",rows,"last
 * key"...} behind, and before the key the oids of the partitions that alone are read.
 */
final class CapturedTablesJson {
  static final String FIELD = "tables";

  private CapturedTablesJson() {}

  /** Writes the field, unless nothing was noted. */
  static void write(JsonGenerator json, CapturedTables tables) throws IOException {
    if (!tables.isKnown()) {
      return;
    }
    json.writeObjectFieldStart(FIELD);
    json.writeStringField("filter", tables.filter());
    json.writeNumberField("publication", tables.publication());
    json.writeStringField("settledFrom", Lsn.format(tables.settledFrom()));
    json.writeArrayFieldStart("captured");
    for (CapturedTable table : tables.tables()) {
      json.writeStartArray();
      json.writeString(table.schema());
      json.writeString(table.table());
      json.writeNumber(table.oid());
      json.writeNumber(table.membership());
      Reading reading = table.reading();
      if (reading != null) {
        json.writeString(reading.reason().name());
        json.writeNumber(reading.rows());
        for (long partition : reading.among()) {
          json.writeNumber(partition);
        }
        for (String key : reading.behind()) {
          json.writeString(key);
        }
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("leftOut");
    for (long oid : tables.leftOut()) {
      json.writeNumber(oid);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Reads the field's value, whose first token is the parser's. */
  static CapturedTables read(JsonParser json) throws IOException {
    String filter = "";
    long publication = 0;
    long settledFrom = 0;
    List<CapturedTable> tables = new ArrayList<>();
    List<Long> leftOut = new ArrayList<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "filter" -> filter = json.getText();
        case "publication" -> publication = json.getLongValue();
        case "settledFrom" -> settledFrom = Lsn.parse(json.getText());
        case "captured" -> {
          while (json.nextToken() == JsonToken.START_ARRAY) {
            tables.add(table(json));
          }
        }
        case "leftOut" -> {
          while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            leftOut.add(json.getLongValue());
          }
        }
        default -> json.skipChildren();
      }
    }
    return new CapturedTables(filter, tables, leftOut, publication, settledFrom);
  }

  private static CapturedTable table(JsonParser json) throws IOException {
    String schema = json.nextTextValue();
    String table = json.nextTextValue();
    long oid = json.nextLongValue(0);
    long membership = json.nextLongValue(0);
    return new CapturedTable(schema, table, oid, membership, reading(json));
  }

  private static @Nullable Reading reading(JsonParser json) throws IOException {
    if (json.nextToken() == JsonToken.END_ARRAY) {
      return null;
    }
    Reason reason = Reason.valueOf(json.getText());
    long rows = json.nextLongValue(0);
    List<String> behind = new ArrayList<>();
    List<Long> among = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
        among.add(json.getLongValue());
      } else {
        behind.add(json.getText());
      }
    }
    return new Reading(reason, among, behind, rows);
  }
}
