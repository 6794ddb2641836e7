package io.kappacdc.capture.publish;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.kappacdc.capture.resume.CapturedTable;
import io.kappacdc.capture.resume.CapturedTable.Reason;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.resume.PartlyPublished;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceServer;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.KappaException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What a record of the offsets topic says: how far the source is published, and where that left the
 * tables' topics.
 *
 * @param generation counts, from 1, how often topics were begun anew because they were lost
 * @param endOffsets for each table topic that ever had events, the offset behind the last event in
 *     each partition; zeros for a topic that was lost and has not been begun anew
 */
record StreamState(
    SourceOffset offset,
    int generation,
    Resnapshots resnapshots,
    SortedMap<String, long[]> endOffsets) {
  private static final JsonFactory JSON = new JsonFactory();

  StreamState {
    TreeMap<String, long[]> copy = new TreeMap<>();
    endOffsets.forEach((topic, ends) -> copy.put(topic, ends.clone()));
    endOffsets = Collections.unmodifiableSortedMap(copy);
  }

  /** The state that a source is in of which nothing was ever published. */
  static StreamState nothing(SourceOffset offset) {
    return behind(null, offset);
  }

  /** The state behind what was published under another slot, if anything was. */
  static StreamState behind(@Nullable Cut former, SourceOffset offset) {
    return former == null
        ? new StreamState(offset, 1, Resnapshots.NONE, new TreeMap<>())
        : new StreamState(offset, former.generation(), Resnapshots.NONE, former.endOffsets());
  }

  StreamState with(SourceOffset reached, SortedMap<String, long[]> ends) {
    return new StreamState(
        reached,
        generation,
        reached.isStreaming() ? resnapshots.whole(reached.lsn()) : resnapshots,
        ends);
  }

  /** Whether a topic has no events yet in its present generation. */
  static boolean isBlank(long[] ends) {
    return Arrays.stream(ends).allMatch(end -> end == 0);
  }

  /** The cut that goes with it. */
  Cut cut(TopicNames topics) {
    TreeMap<String, long[]> ends = new TreeMap<>(endOffsets);
    ends.values().removeIf(StreamState::isBlank);
    return new Cut(
        offset.isMoment() ? Cut.State.COMPLETE : Cut.State.PARTIAL,
        offset.lsn(),
        offset.commitMicros(),
        generation,
        ends,
        unread(topics));
  }

  /** A table that is read because it was asked for has all its rows meanwhile. */
  private TreeSet<String> unread(TopicNames topics) {
    TreeSet<String> unread = new TreeSet<>();
    for (CapturedTable table : offset.tables().unread()) {
      if (Objects.requireNonNull(table.reading()).reason() != Reason.ASKED) {
        unread.add(topics.table(table.schema(), table.table()));
      }
    }
    return unread;
  }

  byte[] toJson() {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = JSON.createGenerator(buffer, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeStringField("phase", offset.phase().name());
      generator.writeStringField("lsn", Lsn.format(offset.lsn()));
      generator.writeNumberField("ts_us", offset.commitMicros());
      generator.writeStringField("systemId", offset.server().systemId());
      generator.writeNumberField("timeline", offset.server().timeline());
      if (offset.last() != null) {
        generator.writeFieldName("last");
        write(generator, offset.last());
      }
      if (offset.begun() != null) {
        generator.writeFieldName("begun");
        write(generator, offset.begun().transaction());
        generator.writeNumberField("begunOrdinal", offset.begun().ordinal());
      }
      CapturedTablesJson.write(generator, offset.tables());
      generator.writeNumberField("generation", this.generation);
      if (resnapshots.count() > 0) {
        write(generator, resnapshots);
      }
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

  private static void write(JsonGenerator generator, SourceTransaction transaction)
      throws IOException {
    generator.writeStartObject();
    generator.writeNumberField("xid", transaction.xid());
    generator.writeStringField("end", Lsn.format(transaction.endLsn()));
    generator.writeNumberField("ts_us", transaction.commitMicros());
    generator.writeNumberField("records", transaction.records());
    generator.writeEndObject();
  }

  private static void write(JsonGenerator generator, Resnapshots resnapshots) throws IOException {
    generator.writeObjectFieldStart("resnapshots");
    generator.writeNumberField("count", resnapshots.count());
    generator.writeStringField("reason", resnapshots.reason());
    generator.writeNumberField("began_us", resnapshots.beganMicros());
    generator.writeStringField("wholeFrom", Lsn.format(resnapshots.wholeFromLsn()));
    generator.writeEndObject();
  }

  static StreamState fromJson(byte[] json) {
    Parsed parsed = new Parsed();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        parsed.take(field, parser);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new KappaException(
          "Capture's position cannot be read.",
          "The last record of the offsets topic is not one of ours.",
          "Set kafka.topic-prefix to a prefix that nothing else uses.",
          e);
    }
    return parsed.state();
  }

  /** A state as it is read, field by field; what is missing was not noted by older releases. */
  private static final class Parsed {
    private SourceOffset.Phase phase = SourceOffset.Phase.SNAPSHOT;
    private long lsn;
    private long commitMicros;
    private String systemId = "";
    private int timeline;
    private @Nullable SourceTransaction last;
    private @Nullable SourceTransaction begun;
    private long begunOrdinal;
    private CapturedTables tables = CapturedTables.UNKNOWN;
    private int generation = 1;
    private Resnapshots resnapshots = Resnapshots.NONE;
    private final TreeMap<String, long[]> endOffsets = new TreeMap<>();

    void take(String field, JsonParser parser) throws IOException {
      switch (field) {
        case "phase" -> phase = SourceOffset.Phase.valueOf(parser.getText());
        case "lsn" -> lsn = Lsn.parse(parser.getText());
        case "ts_us" -> commitMicros = parser.getLongValue();
        case "systemId" -> systemId = parser.getText();
        case "timeline" -> timeline = parser.getIntValue();
        case "last" -> last = transaction(parser);
        case "begun" -> begun = transaction(parser);
        case "begunOrdinal" -> begunOrdinal = parser.getLongValue();
        case CapturedTablesJson.FIELD -> tables = CapturedTablesJson.read(parser);
        case "generation" -> generation = parser.getIntValue();
        case "resnapshots" -> resnapshots = resnapshots(parser);
        case "endOffsets" -> readEndOffsets(parser);
        default -> parser.skipChildren();
      }
    }

    private static SourceTransaction transaction(JsonParser parser) throws IOException {
      long xid = 0;
      long end = 0;
      long micros = 0;
      long records = 0;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "xid" -> xid = parser.getLongValue();
          case "end" -> end = Lsn.parse(parser.getText());
          case "ts_us" -> micros = parser.getLongValue();
          case "records" -> records = parser.getLongValue();
          default -> parser.skipChildren();
        }
      }
      return new SourceTransaction(xid, end, micros, records);
    }

    private static Resnapshots resnapshots(JsonParser parser) throws IOException {
      int count = 0;
      String reason = null;
      long micros = 0;
      long wholeFrom = 0;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "count" -> count = parser.getIntValue();
          case "reason" -> reason = parser.getText();
          case "began_us" -> micros = parser.getLongValue();
          case "wholeFrom" -> wholeFrom = Lsn.parse(parser.getText());
          default -> parser.skipChildren();
        }
      }
      return new Resnapshots(count, reason, micros, wholeFrom);
    }

    private void readEndOffsets(JsonParser parser) throws IOException {
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

    StreamState state() {
      PartlyPublished partly = begun == null ? null : new PartlyPublished(begun, begunOrdinal);
      SourceServer server = new SourceServer(systemId, timeline);
      return new StreamState(
          new SourceOffset(phase, lsn, commitMicros, server, last, partly, tables),
          generation,
          resnapshots,
          endOffsets);
    }
  }
}
