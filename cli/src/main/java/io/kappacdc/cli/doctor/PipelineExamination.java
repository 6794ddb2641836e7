package io.kappacdc.cli.doctor;

import io.kappacdc.cli.status.CaptureStatus;
import io.kappacdc.cli.status.LastVerdict;
import io.kappacdc.cli.status.PipelineStatus;
import io.kappacdc.cli.status.ProcessorStatus;
import io.kappacdc.runtime.KappaHome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What capture and processor say of themselves in this home, and what verify found last. */
final class PipelineExamination {
  private static final Duration VERDICT_AGE_MAX = Duration.ofDays(7);

  private final KappaHome home;
  private final Findings findings;

  PipelineExamination(KappaHome home, Findings findings) {
    this.home = home;
    this.findings = findings;
  }

  void examine(PipelineStatus status) {
    capture(status);
    processor(status);
    verdict(status.at());
  }

  private void capture(PipelineStatus status) {
    Optional<CaptureStatus> said = status.capture();
    if (said.isEmpty()) {
      findings.unknown(
          "pipeline.capture",
          "no capture has said anything in " + home.directory(),
          "Start it, or look with --home where it writes its status.");
      return;
    }
    CaptureStatus capture = said.get();
    if (!status.captureSilence().isZero()) {
      findings.problem(
          "pipeline.capture",
          "it has said nothing for %,d s".formatted(status.captureSilence().toSeconds()),
          "Start it: ./kappa up or ./kappa capture. The source keeps its WAL meanwhile.");
    } else if (!capture.isWorking()) {
      findings.problem(
          "pipeline.capture",
          "it is " + capture.phase() + ": " + capture.lastError(),
          "See its log, and docs/runbooks.md.");
    } else {
      findings.ok("pipeline.capture", "it is " + capture.phase());
    }
    List<String> lacking =
        capture.unread().stream()
            .filter(table -> !table.refused().isEmpty())
            .map(table -> table.table() + " (" + table.refused() + ")")
            .toList();
    if (lacking.isEmpty()) {
      findings.ok("pipeline.tables", "no table lacks rows");
    } else {
      findings.problem(
          "pipeline.tables",
          "rows cannot be read of " + Names.some(lacking),
          "Grant what is missing; capture tries again every minute.");
    }
  }

  private void processor(PipelineStatus status) {
    @Nullable ProcessorStatus said = status.processor().value();
    if (said == null) {
      findings.unknown(
          "pipeline.processor",
          "no processor has said anything in " + home.directory(),
          "Start it, or look with --home where it writes its status.");
      return;
    }
    List<String> still = new ArrayList<>();
    List<String> stopped = new ArrayList<>();
    long quarantined = 0;
    for (ProcessorStatus.SinkProgress sink : said.sinks()) {
      if (!sink.running()) {
        still.add(sink.name() + " (" + sink.lastError() + ")");
      }
      sink.stopped()
          .forEach((part, why) -> stopped.add(sink.name() + " " + part + " (" + why + ")"));
      quarantined = Math.max(quarantined, sink.quarantined());
    }
    if (!status.processorSilence().isZero()) {
      findings.problem(
          "pipeline.processor",
          "it has said nothing for %,d s".formatted(status.processorSilence().toSeconds()),
          "Start it: ./kappa up or ./kappa process. What it does not take stays in Kafka.");
    } else if (!still.isEmpty()) {
      findings.problem(
          "pipeline.processor",
          "not running: " + Names.some(still),
          "See its log, and docs/runbooks.md.");
    } else {
      findings.ok("pipeline.processor", "every sink takes batches");
    }
    if (stopped.isEmpty()) {
      findings.ok("pipeline.stopped", "no table stands still");
    } else {
      findings.problem(
          "pipeline.stopped",
          "standing still: " + Names.some(stopped),
          "Each message says what cures it.");
    }
    if (quarantined == 0) {
      findings.ok("pipeline.quarantine", "nothing is in quarantine");
    } else {
      findings.problem(
          "pipeline.quarantine",
          "%,d records could not be read".formatted(quarantined),
          "./kappa quarantine list");
    }
  }

  private void verdict(Instant now) {
    Optional<LastVerdict> last = LastVerdict.read(home.directory());
    if (last.isEmpty()) {
      findings.advice(
          "pipeline.verified",
          "nothing was verified in this home yet",
          "./kappa verify, once a day or a week.");
      return;
    }
    Duration age = Duration.between(last.get().endedAt(), now);
    String when = "%,d hours ago".formatted(age.toHours());
    if (last.get().verdict().equals(LastVerdict.MISMATCH)) {
      findings.problem(
          "pipeline.verified",
          "source and stores differed " + when,
          "./kappa verify names the rows; ./kappa replay --from earliest --rebuild makes the stores anew.");
    } else if (!last.get().verdict().equals(LastVerdict.MATCH)
        || age.compareTo(VERDICT_AGE_MAX) > 0) {
      findings.advice(
          "pipeline.verified",
          "the last verdict, %s, is of %s".formatted(last.get().verdict(), when),
          "./kappa verify, once a day or a week.");
    } else {
      findings.ok("pipeline.verified", "source and stores held the same " + when);
    }
  }
}
