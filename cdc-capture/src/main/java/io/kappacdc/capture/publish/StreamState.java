package io.kappacdc.capture.publish;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.event.Lsn;
import io.kappacdc.runtime.KappaException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * What a record of the offsets topic says: how far the source is published, and where that left the
 * tables' topics.
 *
 * @param endOffsets for each table topic, the offset behind the last event in each partition
 */
record StreamState(SourceOffset offset, SortedMap<String, long[]> endOffsets) {
  private static final JsonFactory JSON = new JsonFactory();

  StreamState {
    TreeMap<String, long[]> copy = new TreeMap<>();
    endOffsets.forEach((topic, ends) -> copy.put(topic, ends.clone()));
    endOffsets = Collections.unmodifiableSortedMap(copy);
  }

  byte[] toJson() {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = JSON.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeStringField("phase", offset.phase().name());
      generator.writeStringField("lsn", Lsn.format(offset.lsn()));
      generator.writeNumberField("ts_us", offset.commitMicros());
      generator.writeStringField("systemId", offset.systemId());
      generator.writeObjectFieldStart("endOffsets");
      for (Map.Entry<String, long[]> topic : endOffsets.entrySet()) {
        generator.writeFieldName(topic.getKey());
        generator.writeArray(topic.getValue(), 0, topic.getValue().length);
      }
      generator.writeEndObject();
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.toByteArray();
  }

  static StreamState fromJson(byte[] json) {
    SourceOffset.Phase phase = SourceOffset.Phase.SNAPSHOT;
    long lsn = 0;
    long commitMicros = 0;
    String systemId = "";
    TreeMap<String, long[]> endOffsets = new TreeMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "phase" -> phase = SourceOffset.Phase.valueOf(parser.getText());
          case "lsn" -> lsn = Lsn.parse(parser.getText());
          case "ts_us" -> commitMicros = parser.getLongValue();
          case "systemId" -> systemId = parser.getText();
          case "endOffsets" -> readEndOffsets(parser, endOffsets);
          default -> parser.skipChildren();
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new KappaException(
          "Capture's position cannot be read.",
          "The last record of the offsets topic is not one of ours.",
          "Set kafka.topic-prefix to a prefix that nothing else uses.",
          e);
    }
    return new StreamState(new SourceOffset(phase, lsn, commitMicros, systemId), endOffsets);
  }

  private static void readEndOffsets(JsonParser parser, Map<String, long[]> endOffsets)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String topic = parser.currentName();
      parser.nextToken();
      LongStream.Builder ends = LongStream.builder();
      while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
        ends.add(parser.getLongValue());
      }
      endOffsets.put(topic, ends.build().toArray());
    }
  }
}
