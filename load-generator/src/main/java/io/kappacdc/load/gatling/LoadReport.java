package io.kappacdc.load.gatling;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.load.LoadEngine;
import io.kappacdc.load.LoadProgress;
import io.kappacdc.load.LoadSecond;
import io.kappacdc.load.LoadSettings;
import io.kappacdc.load.spec.WorkloadSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A load's summary for other programs. */
record LoadReport(WorkloadSpec spec, LoadSettings settings, long seed, LoadEngine engine) {

  void write(Path file) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try (JsonGenerator json =
        new JsonFactory().createGenerator(Files.newBufferedWriter(temporary))) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("spec", spec.name());
      json.writeStringField("specFingerprint", spec.fingerprint());
      json.writeNumberField("rowsPerTransaction", spec.meanRows());
      json.writeNumberField("seed", seed);
      json.writeNumberField("changesPerSecond", settings.changesPerSecond());
      json.writeStringField("profile", settings.profile().name());
      json.writeNumberField("connections", settings.connections());
      json.writeNumberField("durationMillis", settings.duration().toMillis());
      json.writeNumberField("warmUpMillis", settings.warmUp().toMillis());
      json.writeNumberField("startMicros", engine.startMicros());
      write(json, "whole", engine.progress());
      write(json, "measured", engine.measured());
      json.writeArrayFieldStart("dueAndCommittedBySecond");
      for (LoadSecond second : engine.seconds()) {
        json.writeArray(new long[] {second.due(), second.committed()}, 0, 2);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    Files.move(
        temporary,
        file,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(JsonGenerator json, String name, LoadProgress progress)
      throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("due", progress.due());
    json.writeNumberField("inserts", progress.committed().inserts());
    json.writeNumberField("updates", progress.committed().updates());
    json.writeNumberField("deletes", progress.committed().deletes());
    json.writeNumberField("transactions", progress.transactions());
    json.writeNumberField("failures", progress.failures());
    json.writeNumberField("p50Millis", progress.latency().p50Millis());
    json.writeNumberField("p99Millis", progress.latency().p99Millis());
    json.writeNumberField("maxMillis", progress.latency().maxMillis());
    json.writeEndObject();
  }
}
