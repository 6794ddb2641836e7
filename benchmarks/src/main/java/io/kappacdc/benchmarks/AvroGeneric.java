package io.kappacdc.benchmarks;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/** Avro as most programs use it that do not generate classes. */
final class AvroGeneric implements WireFormat {
  private final TableSchema table;
  private final AvroSchemas schemas;
  private final Events.Form[] forms;
  private final Map<Long, TableSchema> tables;
  private final GenericDatumWriter<GenericRecord> writer;
  private final GenericDatumReader<GenericRecord> reader;
  private final GenericData.EnumSymbol absent;
  private final GenericData.EnumSymbol[] operations;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
  private @Nullable BinaryEncoder encoder;
  private @Nullable BinaryDecoder decoder;

  AvroGeneric(TableSchema table) {
    this.table = table;
    schemas = AvroSchemas.of(table);
    forms = Events.forms(table);
    tables = Map.of(schemas.prefix(), table);
    writer = new GenericDatumWriter<>(schemas.event());
    reader = new GenericDatumReader<>(schemas.event());
    absent = new GenericData.EnumSymbol(schemas.absent(), "ABSENT");
    operations = new GenericData.EnumSymbol[AvroSchemas.OPERATIONS.length];
    for (Operation operation : AvroSchemas.OPERATIONS) {
      operations[operation.ordinal()] =
          new GenericData.EnumSymbol(schemas.event().getField("op").schema(), operation.name());
    }
  }

  @Override
  public byte[] encode(ChangeEvent event) {
    GenericData.Record datum = new GenericData.Record(schemas.event());
    datum.put(0, event.position().lsn());
    datum.put(1, event.position().ordinal());
    datum.put(2, operations[event.operation().ordinal()]);
    datum.put(3, event.transactionId());
    datum.put(4, event.commitMicros());
    datum.put(5, datum(event.before()));
    datum.put(6, datum(event.after()));
    buffer.reset();
    buffer.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(schemas.prefix()).array());
    encoder = EncoderFactory.get().binaryEncoder(buffer, encoder);
    try {
      writer.write(datum, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private GenericData.@Nullable Record datum(@Nullable Row row) {
    if (row == null) {
      return null;
    }
    GenericData.Record datum = new GenericData.Record(schemas.row());
    for (int i = 0; i < forms.length; i++) {
      datum.put(i, row.isAbsent(i) ? absent : datum(forms[i], row.get(i)));
    }
    return datum;
  }

  private static @Nullable Object datum(Events.Form form, @Nullable String value) {
    if (value == null) {
      return null;
    }
    return switch (form) {
      case INTEGER -> Integer.valueOf(value);
      case LONG -> Long.valueOf(value);
      case BOOLEAN -> value.charAt(0) == 't';
      case NUMBER, TEXT -> value;
    };
  }

  @Override
  public ChangeEvent decode(byte[] value) {
    TableSchema schema = tables.get(ByteBuffer.wrap(value).getLong());
    decoder =
        DecoderFactory.get().binaryDecoder(value, Long.BYTES, value.length - Long.BYTES, decoder);
    GenericRecord datum;
    try {
      datum = reader.read(null, decoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Position position = new Position((Long) datum.get(0), (Long) datum.get(1));
    Operation operation = Operation.valueOf(datum.get(2).toString());
    Origin origin = new Origin(position, (Long) datum.get(3), (Long) datum.get(4));
    return Events.event(
        operation,
        origin,
        schema,
        row((GenericRecord) datum.get(5)),
        row((GenericRecord) datum.get(6)));
  }

  private @Nullable Row row(@Nullable GenericRecord datum) {
    if (datum == null) {
      return null;
    }
    String[] values = new String[table.columns().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = text(datum.get(i));
    }
    return Row.of(values);
  }

  private static @Nullable String text(@Nullable Object value) {
    if (value == null || value instanceof String) {
      return (String) value;
    } else if (value instanceof GenericData.EnumSymbol) {
      return Row.ABSENT;
    } else if (value instanceof Boolean truth) {
      return truth ? "t" : "f";
    }
    return value.toString();
  }
}
