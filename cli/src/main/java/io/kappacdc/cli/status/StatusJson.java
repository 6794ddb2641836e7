package io.kappacdc.cli.status;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.cli.status.PipelineStatus.SinkStatus;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.OptionalDouble;

/** The status as one JSON object, for programs. */
public final class StatusJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private StatusJson() {}

  public static String write(PipelineStatus status) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("at", status.at().toString());
      if (status.supervisor().isPresent()) {
        json.writeNumberField("supervisorPid", status.supervisor().get());
      }
      json.writeBooleanField("healthy", status.isHealthy());
      source(json, status);
      if (status.capture().isPresent()) {
        capture(json, status.capture().get());
        json.writeNumberField("captureSilenceMillis", status.captureSilence().toMillis());
      }
      kafka(json, status);
      json.writeNumberField("processorSilenceMillis", status.processorSilence().toMillis());
      ProcessorStatus processor = status.processor().value();
      json.writeStringField("processorHttpUrl", processor == null ? "" : processor.httpUrl());
      json.writeArrayFieldStart("sinks");
      for (SinkStatus sink : status.sinks()) {
        sink(json, sink, status.behindNewestCut(sink));
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void source(JsonGenerator json, PipelineStatus status) throws IOException {
    json.writeObjectFieldStart("source");
    SourceStatus source = status.source().value();
    if (source == null) {
      json.writeStringField("problem", status.source().problem());
    } else {
      json.writeStringField("lsn", source.currentLsn());
      SourceStatus.Slot slot = source.slot();
      if (slot != null) {
        json.writeObjectFieldStart("slot");
        json.writeStringField("name", slot.name());
        json.writeBooleanField("active", slot.active());
        json.writeStringField("walStatus", slot.walStatus());
        json.writeStringField("confirmedFlushLsn", slot.confirmedFlushLsn());
        json.writeNumberField("unconfirmedBytes", slot.unconfirmedBytes());
        json.writeNumberField("walHeldBytes", slot.walHeldBytes());
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }

  private static void capture(JsonGenerator json, CaptureStatus capture) throws IOException {
    json.writeObjectFieldStart("capture");
    json.writeStringField("phase", capture.phase());
    json.writeNumberField("attempts", capture.attempts());
    json.writeNumberField("snapshotRows", capture.snapshotRows());
    json.writeArrayFieldStart("unread");
    for (CaptureStatus.Unread table : capture.unread()) {
      json.writeStartObject();
      json.writeStringField("table", table.table());
      json.writeNumberField("rows", table.rows());
      json.writeStringField("refused", table.refused());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("waitsFor", capture.waitsFor());
    json.writeStringField("lastError", capture.lastError());
    json.writeStringField("httpUrl", capture.httpUrl());
    CaptureStatus.Slot slot = capture.slot();
    if (slot != null) {
      json.writeObjectFieldStart("slot");
      json.writeNumberField("walHeldBytes", slot.heldBytes());
      json.writeNumberField("unconfirmedBytes", slot.unconfirmedBytes());
      json.writeNumberField("growthBytesPerSecond", slot.growthBytesPerSecond());
      if (slot.leftBytes() != null) {
        json.writeNumberField("leftBytes", slot.leftBytes());
      }
      if (slot.leftSeconds() != null) {
        json.writeNumberField("leftSeconds", slot.leftSeconds());
      }
      json.writeStringField("warning", slot.warning());
      json.writeEndObject();
    }
    json.writeObjectFieldStart("resnapshots");
    json.writeNumberField("count", capture.resnapshots().count());
    json.writeStringField("lastReason", capture.resnapshots().lastReason());
    json.writeNumberField("lastMillis", capture.resnapshots().lastMillis());
    json.writeStringField("wholeFromLsn", capture.resnapshots().wholeFromLsn());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void kafka(JsonGenerator json, PipelineStatus status) throws IOException {
    json.writeObjectFieldStart("kafka");
    KafkaStatus kafka = status.kafka().value();
    if (kafka == null) {
      json.writeStringField("problem", status.kafka().problem());
    } else {
      offsets(json, "endOffsets", kafka.endOffsets());
      Cut cut = kafka.lastCut();
      if (cut != null) {
        json.writeObjectFieldStart("lastCut");
        json.writeStringField("lsn", Lsn.format(cut.lsn()));
        json.writeNumberField("ageMillis", status.at().toEpochMilli() - cut.commitMicros() / 1000);
        offsets(json, "endOffsets", cut.endOffsets());
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }

  private static void offsets(JsonGenerator json, String name, Map<String, long[]> offsets)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, long[]> topic : offsets.entrySet()) {
      json.writeFieldName(topic.getKey());
      json.writeArray(topic.getValue(), 0, topic.getValue().length);
    }
    json.writeEndObject();
  }

  private static void sink(JsonGenerator json, SinkStatus sink, OptionalDouble behind)
      throws IOException {
    ProcessorStatus.SinkProgress progress = sink.progress();
    json.writeStartObject();
    json.writeStringField("name", progress.name());
    json.writeBooleanField("running", progress.running());
    if (sink.lag() != null) {
      json.writeNumberField("lagEvents", sink.lag().events());
      json.writeNumberField("secondsBehind", sink.lag().secondsBehind());
      json.writeBooleanField("atLeast", sink.lag().atLeast());
    }
    if (progress.complete() != null) {
      json.writeObjectFieldStart("complete");
      json.writeStringField("lsn", progress.complete().lsn());
      json.writeStringField("sourceTime", progress.complete().time().toString());
      if (behind.isPresent()) {
        json.writeNumberField("secondsBehind", behind.getAsDouble());
      }
      json.writeEndObject();
    }
    json.writeNumberField("rows", progress.rows());
    json.writeNumberField("batches", progress.batches());
    json.writeNumberField("lastCommitMillis", progress.lastCommitMillis());
    json.writeNumberField("lastBatchMillis", progress.lastBatchMillis());
    json.writeNumberField("latencyP50Millis", progress.latency().p50Millis());
    json.writeNumberField("latencyP99Millis", progress.latency().p99Millis());
    json.writeNumberField("restarts", progress.restarts());
    json.writeNumberField("quarantined", progress.quarantined());
    json.writeObjectFieldStart("stopped");
    for (Map.Entry<String, String> partition : progress.stopped().entrySet()) {
      json.writeStringField(partition.getKey(), partition.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
  }
}
