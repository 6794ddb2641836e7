package io.kappacdc.capture.transform;

import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.runtime.KappaException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/** Reads rows that transforms have left, and tells their schema. */
final class TransformedShape {
  private static final String TYPE = "kappa.type";
  private static final String BUILT_IN = "kappa.type.builtin";
  private static final String NULLABLE = "kappa.nullable";
  private static final String SOURCE = "kappa.source";

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSX");
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  private final Schema struct;
  private final TableSchema schema;

  TransformedShape(SourceTable table, Schema struct) {
    this.struct = struct;
    List<Column> columns = new ArrayList<>();
    for (Field field : struct.fields()) {
      columns.add(column(field));
    }
    this.schema =
        new TableSchema(
            table.schema(), table.table(), columns, key(table, columns), table.identity());
  }

  /** The schema of a column on its way into the transforms: they keep parameters. */
  static Schema fieldSchema(Column column) {
    return SchemaBuilder.string()
        .optional()
        .parameter(TYPE, column.type())
        .parameter(BUILT_IN, column.builtInType())
        .parameter(NULLABLE, Boolean.toString(column.nullable()))
        .parameter(SOURCE, column.name())
        .build();
  }

  boolean fits(Schema other) {
    return struct == other || struct.equals(other);
  }

  TableSchema schema() {
    return schema;
  }

  Row row(Struct value) {
    List<Field> fields = struct.fields();
    @Nullable String[] values = new String[fields.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = text(fields.get(i).schema(), value.get(fields.get(i).name()));
    }
    return Row.of(values);
  }

  private static List<String> key(SourceTable table, List<Column> columns) {
    List<String> key = new ArrayList<>();
    for (String source : table.key()) {
      key.add(
          columns.stream()
              .filter(column -> source.equals(column.sourceName()))
              .map(Column::name)
              .findFirst()
              .orElseThrow(
                  () ->
                      new KappaException(
                          "The transforms take a key column from "
                              + table.schema()
                              + '.'
                              + table.table()
                              + ".",
                          "Column '" + source + "' is part of the key and not in the result.",
                          "Let capture.transforms keep or rename it.")));
    }
    return key;
  }

  private static Column column(Field field) {
    Map<String, String> parameters = field.schema().parameters();
    String source = parameters == null ? null : parameters.get(SOURCE);
    if (source != null && field.schema().type() == Schema.Type.STRING) {
      return new Column(
          field.name(),
          parameters.get(TYPE),
          parameters.get(BUILT_IN),
          Boolean.parseBoolean(parameters.get(NULLABLE)),
          source);
    }
    String type = typeOf(field.schema());
    return new Column(field.name(), type, type, field.schema().isOptional(), source);
  }

  private static String typeOf(Schema schema) {
    if (schema.name() != null) {
      switch (schema.name()) {
        case Timestamp.LOGICAL_NAME:
          return "timestamp with time zone";
        case org.apache.kafka.connect.data.Date.LOGICAL_NAME:
          return "date";
        case Time.LOGICAL_NAME:
          return "time without time zone";
        case Decimal.LOGICAL_NAME:
          return "numeric";
        default:
          break;
      }
    }
    return switch (schema.type()) {
      case INT8, INT16 -> "smallint";
      case INT32 -> "integer";
      case INT64 -> "bigint";
      case FLOAT32 -> "real";
      case FLOAT64 -> "double precision";
      case BOOLEAN -> "boolean";
      case BYTES -> "bytea";
      default -> "text";
    };
  }

  /** The text PostgreSQL would print for a value that a transform made. */
  private static @Nullable String text(Schema schema, @Nullable Object value) {
    if (value == null || value instanceof String) {
      return (String) value;
    }
    if (value instanceof Boolean truth) {
      return truth ? "t" : "f";
    }
    if (value instanceof Date date) {
      return text(schema, date.toInstant());
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    if (value instanceof byte[] bytes) {
      return "\\x" + HexFormat.of().formatHex(bytes);
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return "\\x" + HexFormat.of().formatHex(bytes);
    }
    return String.valueOf(value);
  }

  private static String text(Schema schema, Instant instant) {
    DateTimeFormatter format =
        switch (String.valueOf(schema.name())) {
          case org.apache.kafka.connect.data.Date.LOGICAL_NAME -> DATE;
          case Time.LOGICAL_NAME -> TIME;
          default -> TIMESTAMP;
        };
    return format.format(instant.atOffset(ZoneOffset.UTC)).replace("Z", "+00");
  }
}
