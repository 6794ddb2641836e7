package io.kappacdc.event.wire;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Writes and reads cuts as JSON, the values of the cuts topic. */
public final class CutJson {
  private CutJson() {}

  public static byte[] write(Cut cut) {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = Json.FACTORY.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeStringField("state", cut.state().name());
      generator.writeStringField("lsn", Lsn.format(cut.lsn()));
      generator.writeNumberField("ts_us", cut.commitMicros());
      generator.writeNumberField("generation", cut.generation());
      generator.writeObjectFieldStart("endOffsets");
      for (Map.Entry<String, long[]> topic : cut.endOffsets().entrySet()) {
        generator.writeFieldName(topic.getKey());
        generator.writeArray(topic.getValue(), 0, topic.getValue().length);
      }
      generator.writeEndObject();
      if (!cut.unread().isEmpty()) {
        String[] unread = cut.unread().toArray(new String[0]);
        generator.writeFieldName("unread");
        generator.writeArray(unread, 0, unread.length);
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws WireFormatException if the bytes are something else
   */
  public static Cut read(byte @Nullable [] value) {
    if (value == null) {
      throw new WireFormatException("The record has no value, and is not a cut");
    }
    try (JsonParser parser = Json.FACTORY.createParser(value)) {
      Json.expect(JsonToken.START_OBJECT, parser.nextToken(), "a cut");
      parser.nextToken();
      Cut.State state = Cut.State.valueOf(Json.nextText(parser, "state"));
      parser.nextToken();
      long lsn = Lsn.parse(Json.nextText(parser, "lsn"));
      parser.nextToken();
      long commitMicros = Json.nextLong(parser, "ts_us");
      parser.nextToken();
      int generation = Math.toIntExact(Json.nextLong(parser, "generation"));
      parser.nextToken();
      Json.expect(JsonToken.START_OBJECT, parser.nextToken(), "endOffsets");
      TreeMap<String, long[]> endOffsets = new TreeMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String topic = parser.currentName();
        Json.expect(JsonToken.START_ARRAY, parser.nextToken(), "end offsets of a topic");
        LongStream.Builder ends = LongStream.builder();
        while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
          ends.add(parser.getLongValue());
        }
        endOffsets.put(topic, ends.build().toArray());
      }
      return new Cut(state, lsn, commitMicros, generation, endOffsets, unread(parser));
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new WireFormatException("Not a cut: " + e.getClass().getSimpleName(), e);
    }
  }

  private static TreeSet<String> unread(JsonParser parser) throws IOException {
    TreeSet<String> topics = new TreeSet<>();
    if (parser.nextToken() == JsonToken.FIELD_NAME) {
      Json.expect(JsonToken.START_ARRAY, parser.nextToken(), "unread");
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        topics.add(parser.getText());
      }
    }
    return topics;
  }
}
