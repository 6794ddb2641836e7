package io.kappacdc.capture;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.capture.CaptureStatus.Snapshot;
import io.kappacdc.capture.publish.Resnapshots;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.source.SlotMeasurement;
import io.kappacdc.event.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what capture is doing to a small JSON file, each second and at the end, for {@code kappa
 * status} and for whoever verifies after a new snapshot. A reader sees all of it or an older one.
 */
final class CaptureStatusFile implements AutoCloseable {
  static final String NAME = "capture-status.json";

  private static final Logger LOG = LoggerFactory.getLogger(CaptureStatusFile.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final CaptureStatus status;
  private final Path file;
  private final Clock clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private CaptureStatusFile(CaptureStatus status, Path file, Clock clock) {
    this.status = status;
    this.file = file;
    this.clock = clock;
    this.thread = new Thread(this::run, "capture-status");
    thread.setDaemon(true);
  }

  /** Starts writing the file in this directory, which is created if it is missing. */
  static CaptureStatusFile start(CaptureStatus status, Path directory, Clock clock) {
    CaptureStatusFile writer =
        new CaptureStatusFile(status, directory.resolve(NAME).toAbsolutePath(), clock);
    writer.thread.start();
    return writer;
  }

  private void run() {
    try {
      do {
        write();
      } while (!closed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void write() {
    try {
      Files.createDirectories(file.getParent());
      Path temporary = file.resolveSibling(NAME + ".new");
      Files.write(temporary, json(status.snapshot(), clock.instant()));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.debug("Cannot write the status file", e);
    }
  }

  static byte[] json(Snapshot now, Instant at) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeNumberField("writtenMillis", at.toEpochMilli());
      json.writeNumberField("pid", ProcessHandle.current().pid());
      json.writeStringField("httpUrl", now.httpUrl());
      json.writeStringField("phase", now.phase().name());
      json.writeNumberField("attempts", now.session());
      offset(json, now.offset());
      millis(json, "publishedMillis", now.publishedAt());
      json.writeNumberField("snapshotRows", now.snapshotRows());
      slot(json, now.slot());
      resnapshots(json, now.resnapshots());
      unread(json, now.unread());
      json.writeStringField("waitsFor", now.waitsFor());
      json.writeStringField("lastError", now.lastError());
      millis(json, "lastErrorMillis", now.lastErrorAt());
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void offset(JsonGenerator json, @Nullable SourceOffset offset) throws IOException {
    if (offset != null) {
      json.writeStringField("lsn", Lsn.format(offset.lsn()));
      json.writeNumberField("sourceMicros", offset.commitMicros());
      json.writeStringField("systemId", offset.server().systemId());
      json.writeNumberField("timeline", offset.server().timeline());
    }
  }

  private static void slot(JsonGenerator json, CaptureStatus.@Nullable Slot slot)
      throws IOException {
    if (slot == null) {
      return;
    }
    SlotMeasurement measured = slot.measurement();
    json.writeObjectFieldStart("slot");
    json.writeStringField("name", slot.name());
    millis(json, "measuredMillis", measured.at());
    json.writeStringField("walStatus", measured.walStatus());
    json.writeNumberField("heldBytes", measured.heldBytes());
    json.writeNumberField("unconfirmedBytes", measured.unconfirmedBytes());
    json.writeNumberField("growthBytesPerSecond", Math.round(measured.growthBytesPerSecond()));
    if (measured.leftBytes() != null) {
      json.writeNumberField("leftBytes", measured.leftBytes());
    }
    if (measured.leftSeconds() != null) {
      json.writeNumberField("leftSeconds", measured.leftSeconds());
    }
    json.writeBooleanField("failover", measured.failover());
    json.writeStringField("warning", slot.warning() == null ? "" : slot.warning());
    json.writeEndObject();
  }

  private static void resnapshots(JsonGenerator json, Resnapshots resnapshots) throws IOException {
    json.writeObjectFieldStart("resnapshots");
    json.writeNumberField("count", resnapshots.count());
    if (resnapshots.count() > 0) {
      json.writeStringField("lastReason", resnapshots.reason());
      json.writeNumberField("lastMillis", resnapshots.beganMicros() / 1000);
      if (resnapshots.wholeFromLsn() != 0) {
        json.writeStringField("wholeFromLsn", Lsn.format(resnapshots.wholeFromLsn()));
      }
    }
    json.writeEndObject();
  }

  private static void unread(JsonGenerator json, List<CaptureStatus.Unread> tables)
      throws IOException {
    json.writeArrayFieldStart("unread");
    for (CaptureStatus.Unread table : tables) {
      json.writeStartObject();
      json.writeStringField("table", table.table());
      json.writeNumberField("rows", table.rows());
      json.writeStringField("refused", table.refused());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void millis(JsonGenerator json, String name, @Nullable Instant at)
      throws IOException {
    if (at != null) {
      json.writeNumberField(name, at.toEpochMilli());
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    write();
  }
}
