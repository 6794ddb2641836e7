package io.kappacdc.cli.status;

import io.kappacdc.cli.status.PipelineStatus.SinkStatus;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** The status as lines for people. */
public final class StatusText {
  private StatusText() {}

  public static List<String> lines(PipelineStatus status) {
    List<String> lines = new ArrayList<>();
    lines.add(
        line("stack", status.supervisor().map(pid -> "up, process " + pid).orElse("not up here")));
    http(status, lines);
    source(status, lines);
    capture(status, lines);
    kafka(status, lines);
    if (status.processor().problem() != null) {
      lines.add(line("processor", status.processor().problem()));
    }
    if (!status.processorSilence().isZero()) {
      lines.add(
          line(
              "processor",
              "SILENT for %,d s; what follows is what it said last"
                  .formatted(status.processorSilence().toSeconds())));
    }
    status.sinks().forEach(sink -> sink(sink, status, lines));
    return lines;
  }

  /** Of roles that still say something. */
  private static void http(PipelineStatus status, List<String> lines) {
    if (status.captureSilence().isZero()) {
      status.capture().ifPresent(said -> http("capture", said.httpUrl(), lines));
    }
    ProcessorStatus processor = status.processor().value();
    if (processor != null && status.processorSilence().isZero()) {
      http("processor", processor.httpUrl(), lines);
    }
  }

  private static void http(String role, String url, List<String> lines) {
    if (!url.isEmpty()) {
      lines.add(line("http", role + " " + url));
    }
  }

  private static void source(PipelineStatus status, List<String> lines) {
    SourceStatus source = status.source().value();
    if (source == null) {
      lines.add(line("source", "no answer: " + status.source().problem()));
      return;
    }
    lines.add(line("source", "at " + source.currentLsn()));
    SourceStatus.Slot slot = source.slot();
    lines.add(
        line(
            "",
            slot == null
                ? "the slot does not exist"
                : "slot %s %s, confirmed %s (%s behind), holds %s of WAL, %s"
                    .formatted(
                        slot.name(),
                        slot.active() ? "active" : "NOT ACTIVE",
                        slot.confirmedFlushLsn(),
                        bytes(slot.unconfirmedBytes()),
                        bytes(slot.walHeldBytes()),
                        slot.walStatus())));
  }

  private static void capture(PipelineStatus status, List<String> lines) {
    if (status.capture().isEmpty()) {
      return;
    }
    CaptureStatus capture = status.capture().get();
    if (!status.captureSilence().isZero()) {
      lines.add(
          line(
              "capture",
              "SILENT for %,d s; what follows is what it said last"
                  .formatted(status.captureSilence().toSeconds())));
    }
    CaptureStatus.Slot slot = capture.slot();
    if (slot != null) {
      lines.add(line("slot", held(slot)));
      if (!slot.warning().isEmpty()) {
        lines.add(line("", "WARNING " + slot.warning()));
      }
    }
    lines.add(
        line(
            "capture",
            capture.phase().toLowerCase(Locale.ROOT)
                + (capture.phase().equals("SNAPSHOT")
                    ? ", %,d rows read".formatted(capture.snapshotRows())
                    : "")
                + (capture.waitsFor().isEmpty() ? "" : "; " + capture.waitsFor())
                + (capture.attempts() > 1
                    ? "; attempt %d, last error %s"
                        .formatted(capture.attempts(), capture.lastError())
                    : "")));
    for (CaptureStatus.Unread table : capture.unread()) {
      lines.add(
          line(
              "",
              table.refused().isEmpty()
                  ? "reading %s, %,d rows so far".formatted(table.table(), table.rows())
                  : "WARNING %s lacks rows and is not read: %s"
                      .formatted(table.table(), table.refused())));
    }
    CaptureStatus.Resnapshots resnapshots = capture.resnapshots();
    if (resnapshots.count() > 0) {
      lines.add(
          line(
              "",
              "%d times all tables were read anew, last %s ago, whole %s: %s"
                  .formatted(
                      resnapshots.count(),
                      since(status.at(), resnapshots.lastMillis()),
                      resnapshots.wholeFromLsn().isEmpty()
                          ? "when that is done"
                          : "from " + resnapshots.wholeFromLsn(),
                      resnapshots.lastReason())));
    }
  }

  private static String held(CaptureStatus.Slot slot) {
    String growth =
        slot.growthBytesPerSecond() >= 0
            ? "grows by %s/s".formatted(bytes(slot.growthBytesPerSecond()))
            : "shrinks by %s/s".formatted(bytes(-slot.growthBytesPerSecond()));
    String left =
        slot.leftBytes() == null ? "no limit" : bytes(slot.leftBytes()) + " left to the limit";
    return "holds %s of WAL, %s, %s%s"
        .formatted(
            bytes(slot.heldBytes()),
            growth,
            left,
            slot.leftSeconds() == null ? "" : ", reached in %,d s".formatted(slot.leftSeconds()));
  }

  private static void kafka(PipelineStatus status, List<String> lines) {
    KafkaStatus kafka = status.kafka().value();
    if (kafka == null) {
      lines.add(line("kafka", "no answer: " + status.kafka().problem()));
      return;
    }
    Cut cut = kafka.lastCut();
    lines.add(
        line(
            "cuts",
            cut == null
                ? "no cut yet"
                : "last at %s, the source's time %s ago"
                    .formatted(
                        Lsn.format(cut.lsn()), since(status.at(), cut.commitMicros() / 1000))));
    String label = "kafka";
    for (var topic : kafka.endOffsets().entrySet()) {
      String ends =
          Arrays.stream(topic.getValue())
              .mapToObj(end -> "%,d".formatted(end))
              .collect(Collectors.joining(" "));
      lines.add(line(label, topic.getKey() + "  end offsets " + ends));
      label = "";
    }
  }

  private static void sink(SinkStatus sink, PipelineStatus status, List<String> lines) {
    Instant at = status.at();
    ProcessorStatus.SinkProgress progress = sink.progress();
    lines.add(
        line(
            progress.name(),
            "%s%s; %,d changes in %,d batches since its start"
                .formatted(
                    progress.running() ? "" : "NOT RUNNING, ",
                    lag(sink.lag()),
                    progress.rows(),
                    progress.batches())));
    if (progress.complete() != null) {
      OptionalDouble behind = status.behindNewestCut(sink);
      lines.add(
          line(
              "",
              "complete up to %s, source time %s%s"
                  .formatted(
                      progress.complete().lsn(),
                      progress.complete().time().truncatedTo(ChronoUnit.MILLIS),
                      behind.isPresent()
                          ? ", %.1f s before the last cut".formatted(behind.getAsDouble())
                          : "")));
    }
    if (progress.lastCommitMillis() > 0) {
      lines.add(
          line(
              "",
              "last commit %s ago, batch of %,d ms; commit to visible p50 %,d ms p99 %,d ms"
                  .formatted(
                      since(at, progress.lastCommitMillis()),
                      progress.lastBatchMillis(),
                      progress.latency().p50Millis(),
                      progress.latency().p99Millis())));
    }
    if (!progress.lastError().isEmpty()) {
      lines.add(
          line(
              "",
              "%d restarts; last error %s".formatted(progress.restarts(), progress.lastError())));
    }
    if (progress.quarantined() > 0) {
      lines.add(
          line(
              "",
              "QUARANTINE: %,d records cannot be read, see ./kappa quarantine list"
                  .formatted(progress.quarantined())));
    }
    progress
        .stopped()
        .forEach(
            (partition, reason) -> lines.add(line("", "STOPPED " + partition + ": " + reason)));
  }

  private static String lag(@org.jspecify.annotations.Nullable Lag lag) {
    if (lag == null) {
      return "lag not known";
    }
    return "lag %,d events, %s%.1f s"
        .formatted(
            lag.events(),
            lag.atLeast() && lag.events() > 0 ? "at least " : "",
            lag.secondsBehind());
  }

  private static String since(Instant at, long millis) {
    return "%.1f s".formatted(Math.max(0, at.toEpochMilli() - millis) / 1e3);
  }

  private static String bytes(long bytes) {
    return bytes < 10_000 ? bytes + " B" : "%,.1f MiB".formatted(bytes / (double) (1 << 20));
  }

  private static String line(String label, String text) {
    return String.format(Locale.ROOT, "%-15s %s", label, text);
  }
}
