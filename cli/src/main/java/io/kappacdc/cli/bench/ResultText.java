package io.kappacdc.cli.bench;

import io.kappacdc.cli.bench.measure.CpuInWindow;
import io.kappacdc.cli.bench.measure.Latencies;
import io.kappacdc.cli.bench.measure.StageTimes;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** A run's figures for the terminal. */
final class ResultText {
  private final Measurement run;
  private final Verdict verdict;
  private final PrintWriter out;

  ResultText(Measurement run, Verdict verdict, PrintWriter out) {
    this.run = run;
    this.verdict = verdict;
    this.out = out;
  }

  void print() {
    line("");
    line(
        "%s: %,d changes in %.0f s, %,.0f/s of %,.0f/s wanted",
        run.spec().name(),
        run.committed(),
        run.window().seconds(),
        run.committed() / run.window().seconds(),
        run.due() / run.window().seconds());
    line("  commit to visible, every change:      p50        p90        p99        max");
    row("kafka, sent by capture", run.times().toKafka());
    row("kafka, readable", run.times().kafka().latencies());
    for (String sink : BenchSpec.SINKS) {
      row(sink, run.byCommitClock().get(sink));
    }
    line("  the same as a reader saw it, who looked every 20 ms:");
    for (StageTimes sink : run.times().sinks()) {
      row(sink.name(), sink.latencies());
    }
    batches();
    cpu();
    targets();
    verdict.remarks().forEach(remark -> line("  note: %s", remark));
    for (String failure : verdict.failures()) {
      line("  FAILED: %s", failure);
    }
    line(
        "  verdict: %s",
        verdict.counts()
            ? "the run counts: verified, and the load was made"
                + (run.keptUp() ? "" : "; the stores did not keep up with it")
            : "the run does not count");
    out.flush();
  }

  private void row(String name, Latencies latencies) {
    line(
        "    %-30s %,8.0f ms %,8.0f ms %,8.0f ms %,8.0f ms",
        name,
        latencies.percentileMillis(50),
        latencies.percentileMillis(90),
        latencies.percentileMillis(99),
        latencies.maxMillis());
  }

  /** Where a change's time goes between Kafka and a store: medians, of the batches noticed. */
  private void batches() {
    for (StageTimes sink : run.times().sinks()) {
      if (sink.untilBatch().count() > 0) {
        line(
            "  %s: %,.0f ms wait for a batch, %,.0f ms in it; steps of %,d changes, %,d ms apart",
            sink.name(),
            sink.untilBatch().percentileMillis(50),
            sink.inBatch().percentileMillis(50),
            sink.steps().changesP50(),
            sink.steps().distanceMillisP50());
      }
    }
  }

  private void cpu() {
    CpuInWindow cpu = run.cpu();
    StringBuilder parts = new StringBuilder();
    for (Map.Entry<String, Double> part : cpu.seconds().entrySet()) {
      parts.append(
          String.format(
              Locale.ROOT, " %s %.2f", part.getKey(), part.getValue() / run.window().seconds()));
    }
    line("  cores used:%s, others %.2f", parts, cpu.foreignSeconds() / run.window().seconds());
    double perMillion = run.cpuSecondsPerMillion();
    if (!cpu.missingParts().isEmpty()) {
      line(
          "  CPU of the pipeline: unknown, as parts were not seen here: %s",
          String.join(", ", cpu.missingParts()));
    } else if (Double.isNaN(perMillion)) {
      line("  CPU of the pipeline: unknown, as no change reached every store in the window");
    } else {
      line(
          "  CPU of the pipeline: %.1f s a million changes%s (%s)",
          perMillion,
          run.keptUp() ? "" : " that reached every store",
          String.join(", ", cpu.seenParts()));
    }
    line(
        "  CPU of measuring itself: %.1f s in the window, not in that figure",
        cpu.seconds().getOrDefault("benchmark", 0.0));
  }

  private void targets() {
    for (Verdict.Checked target : verdict.targets()) {
      line(
          "  target %-22s %s: %s %s, wanted %,.0f",
          target.what(),
          target.isReached() ? "reached" : "MISSED",
          Double.isNaN(target.reached())
              ? "unknown"
              : String.format(Locale.ROOT, "%,.0f", target.reached()),
          target.unit(),
          target.wanted());
    }
  }

  private void line(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
  }
}
