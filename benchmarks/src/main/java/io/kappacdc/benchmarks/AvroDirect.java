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
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/** The bytes of {@link AvroGeneric} without its datums: about the best that Avro can do here. */
final class AvroDirect implements WireFormat {
  private final AvroSchemas schemas;
  private final Events.Form[] forms;
  private final Map<Long, TableSchema> tables;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
  private @Nullable BinaryEncoder encoder;
  private @Nullable BinaryDecoder decoder;

  AvroDirect(TableSchema table) {
    schemas = AvroSchemas.of(table);
    forms = Events.forms(table);
    tables = Map.of(schemas.prefix(), table);
  }

  @Override
  public byte[] encode(ChangeEvent event) {
    buffer.reset();
    buffer.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(schemas.prefix()).array());
    encoder = EncoderFactory.get().binaryEncoder(buffer, encoder);
    try {
      encoder.writeLong(event.position().lsn());
      encoder.writeLong(event.position().ordinal());
      encoder.writeEnum(event.operation().ordinal());
      encoder.writeLong(event.transactionId());
      encoder.writeLong(event.commitMicros());
      write(encoder, event.before());
      write(encoder, event.after());
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private void write(BinaryEncoder out, @Nullable Row row) throws IOException {
    if (row == null) {
      out.writeIndex(AvroSchemas.NULL);
      return;
    }
    out.writeIndex(AvroSchemas.VALUE);
    for (int i = 0; i < forms.length; i++) {
      String value = row.get(i);
      if (row.isAbsent(i)) {
        out.writeIndex(AvroSchemas.ABSENT);
        out.writeEnum(0);
      } else if (value == null) {
        out.writeIndex(AvroSchemas.NULL);
      } else {
        out.writeIndex(AvroSchemas.VALUE);
        switch (forms[i]) {
          case INTEGER -> out.writeInt(Integer.parseInt(value));
          case LONG -> out.writeLong(Long.parseLong(value));
          case BOOLEAN -> out.writeBoolean(value.charAt(0) == 't');
          case NUMBER, TEXT -> out.writeString(value);
        }
      }
    }
  }

  @Override
  public ChangeEvent decode(byte[] value) {
    TableSchema schema = tables.get(ByteBuffer.wrap(value).getLong());
    BinaryDecoder in =
        DecoderFactory.get().binaryDecoder(value, Long.BYTES, value.length - Long.BYTES, decoder);
    decoder = in;
    try {
      Position position = new Position(in.readLong(), in.readLong());
      Operation operation = AvroSchemas.OPERATIONS[in.readEnum()];
      Origin origin = new Origin(position, in.readLong(), in.readLong());
      Row before = read(in);
      Row after = read(in);
      return Events.event(operation, origin, schema, before, after);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Row read(BinaryDecoder in) throws IOException {
    if (in.readIndex() == AvroSchemas.NULL) {
      return null;
    }
    String[] values = new String[forms.length];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (in.readIndex()) {
            case AvroSchemas.NULL -> null;
            case AvroSchemas.VALUE -> value(in, forms[i]);
            default -> {
              in.readEnum();
              yield Row.ABSENT;
            }
          };
    }
    return Row.of(values);
  }

  private static String value(BinaryDecoder in, Events.Form form) throws IOException {
    return switch (form) {
      case INTEGER -> Integer.toString(in.readInt());
      case LONG -> Long.toString(in.readLong());
      case BOOLEAN -> in.readBoolean() ? "t" : "f";
      case NUMBER, TEXT -> in.readString();
    };
  }
}
