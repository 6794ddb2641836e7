package io.kappacdc.event.wire;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes events into the keys and values of Kafka records. Not thread-safe.
 *
 * <p>The LSN of an event is known only when its transaction has ended, so encoding has two steps:
 * {@link #body(ChangeEvent)} when the event arrives, {@link #value(long, byte[])} when the
 * transaction's end is known.
 */
public final class EventWriter {
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(1024);
  private final Map<TableSchema, RowJson> rows = new HashMap<>();

  /**
   * The record key: the primary key's columns as JSON; null for a table without key and for a
   * truncate.
   */
  public byte @Nullable [] key(ChangeEvent event) {
    Row image = event.image();
    if (image == null || !event.schema().hasKey()) {
      return null;
    }
    buffer.reset();
    try (JsonGenerator generator = Json.FACTORY.createGenerator(buffer, JsonEncoding.UTF8)) {
      rowJson(event.schema()).writeKey(generator, image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  /**
   * Everything of the record value but the LSN, as a JSON object; the position's LSN is not used.
   */
  public byte[] body(ChangeEvent event) {
    buffer.reset();
    try (JsonGenerator generator = Json.FACTORY.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeNumberField("ord", event.position().ordinal());
      generator.writeStringField("op", String.valueOf(event.operation().code()));
      generator.writeNumberField("txId", event.transactionId());
      generator.writeNumberField("ts_us", event.commitMicros());
      generator.writeStringField("schema", event.schema().id());
      writeImage(generator, "before", event.schema(), event.before());
      writeImage(generator, "after", event.schema(), event.after());
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  private void writeImage(
      JsonGenerator generator, String field, TableSchema schema, @Nullable Row image)
      throws IOException {
    if (image != null) {
      generator.writeFieldName(field);
      rowJson(schema).write(generator, image);
    }
  }

  private RowJson rowJson(TableSchema schema) {
    return rows.computeIfAbsent(schema, RowJson::new);
  }

  /** The whole record value: the body with the LSN of its transaction's end before it. */
  public static byte[] value(long lsn, byte[] body) {
    byte[] head = ("{\"lsn\":\"" + Lsn.format(lsn) + "\",").getBytes(StandardCharsets.US_ASCII);
    byte[] value = new byte[head.length + body.length - 1];
    System.arraycopy(head, 0, value, 0, head.length);
    System.arraycopy(body, 1, value, head.length, body.length - 1);
    return value;
  }

  /** The whole record value of an event whose position is known. */
  public byte[] write(ChangeEvent event) {
    return value(event.position().lsn(), body(event));
  }
}
