package io.kappacdc.benchmarks;

import io.kappacdc.event.Operation;
import io.kappacdc.event.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/**
 * The Avro schema of a table's events: integers and booleans typed, every other value a string with
 * PostgreSQL's text, each in a union of null, value and absent. Columns are named by their place,
 * since Avro's names cannot hold PostgreSQL's.
 *
 * @param event the event's record
 * @param row the row's record
 * @param absent the enum whose only symbol stands for an absent value
 * @param prefix the schema's content id, 8 bytes before each value
 */
record AvroSchemas(Schema event, Schema row, Schema absent, long prefix) {
  static final int NULL = 0;
  static final int VALUE = 1;
  static final int ABSENT = 2;
  static final Operation[] OPERATIONS = Operation.values();

  static AvroSchemas of(TableSchema table) {
    Schema nothing = Schema.create(Schema.Type.NULL);
    Schema absent = Schema.createEnum("Absent", null, "kappa", List.of("ABSENT"));
    List<Schema.Field> columns = new ArrayList<>();
    for (Events.Form form : Events.forms(table)) {
      Schema union = Schema.createUnion(nothing, value(form), absent);
      columns.add(new Schema.Field("c" + columns.size(), union));
    }
    Schema row = Schema.createRecord("Row", null, "kappa", false, columns);
    List<String> operations = Arrays.stream(OPERATIONS).map(Operation::name).toList();
    Schema event =
        Schema.createRecord(
            "Event",
            null,
            "kappa",
            false,
            List.of(
                new Schema.Field("lsn", Schema.create(Schema.Type.LONG)),
                new Schema.Field("ord", Schema.create(Schema.Type.LONG)),
                new Schema.Field("op", Schema.createEnum("Op", null, "kappa", operations)),
                new Schema.Field("txId", Schema.create(Schema.Type.LONG)),
                new Schema.Field("tsUs", Schema.create(Schema.Type.LONG)),
                new Schema.Field("before", Schema.createUnion(nothing, row)),
                new Schema.Field("after", Schema.createUnion(nothing, row))));
    return new AvroSchemas(event, row, absent, HexFormat.fromHexDigitsToLong(table.id()));
  }

  private static Schema value(Events.Form form) {
    return switch (form) {
      case INTEGER -> Schema.create(Schema.Type.INT);
      case LONG -> Schema.create(Schema.Type.LONG);
      case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
      case NUMBER, TEXT -> {
        Schema text = Schema.create(Schema.Type.STRING);
        GenericData.setStringType(text, GenericData.StringType.String);
        yield text;
      }
    };
  }
}
