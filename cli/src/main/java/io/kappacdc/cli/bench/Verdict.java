package io.kappacdc.cli.bench;

import io.kappacdc.cli.bench.measure.Latencies;
import io.kappacdc.cli.bench.measure.StageTimes;
import io.kappacdc.runtime.cli.ExitCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a run's figures are worth, and whether they reach what the spec wants.
 *
 * @param failures why they are worth nothing; empty if they count
 * @param remarks what to keep in mind with them
 * @param targets what was to be reached
 */
record Verdict(List<String> failures, List<String> remarks, List<Checked> targets) {
  private static final double SHORTFALL_MAX = 0.01;
  private static final double FOREIGN_CPU_MAX = 0.05;
  private static final double CLOCK_OFFSET_MILLIS_MAX = 5;

  /**
   * A target held against its figure.
   *
   * @param what it is about
   * @param wanted at most
   * @param reached what was measured; NaN if that is not known
   */
  record Checked(String what, double wanted, double reached, String unit, boolean isReached) {
    static Checked atMost(String what, double wanted, double reached, String unit) {
      return new Checked(what, wanted, reached, unit, reached <= wanted);
    }
  }

  Verdict {
    failures = List.copyOf(failures);
    remarks = List.copyOf(remarks);
    targets = List.copyOf(targets);
  }

  static Verdict of(Measurement run) {
    List<String> failures = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    verification(run, failures);
    rate(run, failures);
    completeness(run, failures, remarks);
    circumstances(run, remarks);
    return new Verdict(failures, remarks, targets(run));
  }

  private static void verification(Measurement run, List<String> failures) {
    if (run.verification() == ExitCode.FAILED) {
      failures.add("the stores do not hold what the source does: verification found differences");
    } else if (run.verification() != ExitCode.OK) {
      failures.add("it could not be verified that the stores hold what the source does");
    }
  }

  private static void rate(Measurement run, List<String> failures) {
    double shortfall = run.due() == 0 ? 1 : 1 - run.committed() / (double) run.due();
    if (shortfall > SHORTFALL_MAX) {
      failures.add(
          text(
              "the rate was not reached: of %,d changes due in the window %,d were committed"
                  + " (%.1f %% missing)",
              run.due(), run.committed(), shortfall * 100));
    }
    if (run.load().failures() > 0) {
      failures.add(text("%,d transactions of the load failed", run.load().failures()));
    }
  }

  private static void completeness(Measurement run, List<String> failures, List<String> remarks) {
    if (run.isOwnStack() && run.times().in().total() != run.load().committed()) {
      failures.add(
          text(
              "Kafka has %,d changes since the load began, the load committed %,d",
              run.times().in().total(), run.load().committed()));
    }
    List<StageTimes> stages = new ArrayList<>(run.times().sinks());
    stages.add(run.times().kafka());
    for (StageTimes stage : stages) {
      if (stage.latencies().missing() > 0) {
        failures.add(
            text("%,d changes were never seen in %s", stage.latencies().missing(), stage.name()));
      }
      if (!run.keptUp(stage)) {
        long[] backlog = run.backlog(stage);
        remarks.add(
            text(
                "%s did not keep up: its backlog grew by %,.0f changes/s, to %,d",
                stage.name(), run.backlogGrowth(stage), backlog[backlog.length - 1]));
      }
    }
    run.byCommitClock()
        .forEach(
            (sink, latencies) -> {
              if (latencies.count() != run.committed()) {
                failures.add(
                    text(
                        "%s: timed by its commit clock were %,d changes of %,d",
                        sink, latencies.count(), run.committed()));
              }
              beforeTheirTime(sink, latencies, remarks);
            });
    beforeTheirTime("kafka", run.times().toKafka(), remarks);
  }

  private static void beforeTheirTime(String stage, Latencies latencies, List<String> remarks) {
    if (latencies.beforeTheirTime() > 0) {
      remarks.add(
          text(
              "%s: %,d changes were there before they were committed, so the clocks differ",
              stage, latencies.beforeTheirTime()));
    }
  }

  private static void circumstances(Measurement run, List<String> remarks) {
    double capacity = run.environment().cores() * run.window().seconds();
    double foreign = run.cpu().foreignSeconds() / capacity;
    if (foreign > FOREIGN_CPU_MAX) {
      remarks.add(
          text("other programs used %.0f %% of the machine during the window", foreign * 100));
    }
    if (run.cpu().stolenSeconds() / capacity > FOREIGN_CPU_MAX) {
      remarks.add(
          text(
              "the hypervisor gave %.0f %% of the machine to others",
              run.cpu().stolenSeconds() / capacity * 100));
    }
    run.clocks()
        .forEach(
            (server, offset) -> {
              double sure = Math.abs(offset.millis()) - offset.uncertaintyMillis();
              if (sure > CLOCK_OFFSET_MILLIS_MAX) {
                remarks.add(
                    text(
                        "the clock of the %s is %.1f ms from this program's: latencies are off by"
                            + " as much",
                        server, offset.millis()));
              }
            });
    if (!run.cpu().missingParts().isEmpty()) {
      remarks.add(
          "CPU and memory of the pipeline are not known: these parts of it were not seen here: "
              + String.join(", ", run.cpu().missingParts()));
    }
    if (run.looksFailed() > 0) {
      remarks.add(
          text(
              "%,d looks at the stack failed: what a reader saw, and courses, may have gaps",
              run.looksFailed()));
    }
    if (!run.isOwnStack()) {
      remarks.add("the stack was there before, with what it held");
    }
  }

  private static List<Checked> targets(Measurement run) {
    List<Checked> checked = new ArrayList<>();
    for (Target target : run.spec().targets()) {
      Latencies latencies = run.byCommitClock().get(target.sink());
      if (latencies != null) {
        backlog(run, target).ifPresent(checked::add);
        target.p50().ifPresent(wanted -> checked.add(check(target, 50, wanted, latencies)));
        target.p99().ifPresent(wanted -> checked.add(check(target, 99, wanted, latencies)));
      }
    }
    if (run.cpu().missingParts().isEmpty()) {
      cost(run, checked);
    }
    return checked;
  }

  private static void cost(Measurement run, List<Checked> checked) {
    Cost cost = run.spec().cost();
    cost.cpuSecondsPerMillion()
        .ifPresent(
            wanted ->
                checked.add(
                    Checked.atMost(
                        "CPU of the pipeline", wanted, run.cpuSecondsPerMillion(), "s/million")));
    cost.cores()
        .ifPresent(
            wanted ->
                checked.add(
                    Checked.atMost(
                        "cores of the pipeline",
                        1e3 * wanted,
                        1e3 * run.cpu().pipelineSeconds() / run.window().seconds(),
                        "thousandths")));
    cost.mebibytes()
        .ifPresent(
            wanted ->
                checked.add(
                    Checked.atMost(
                        "memory of the pipeline",
                        wanted,
                        run.cpu().pipelineBytes() / (1 << 20),
                        "MiB")));
  }

  /**
   * Latencies alone would not say that a longer run's were larger. A store that kept up has reached
   * it, also if its backlog came to a moment of the load at a somewhat larger growth.
   */
  private static Optional<Checked> backlog(Measurement run, Target target) {
    double wanted = Measurement.GROWTH_MAX * run.committed() / run.window().seconds();
    return run.times().sinks().stream()
        .filter(sink -> sink.name().equals(target.sink()))
        .map(
            sink -> {
              double growth = Math.max(0, run.backlogGrowth(sink));
              return new Checked(
                  target.sink() + " backlog",
                  wanted,
                  growth,
                  "more changes each second",
                  run.keptUp(sink));
            })
        .findFirst();
  }

  private static Checked check(
      Target target, double percentile, Duration wanted, Latencies latencies) {
    return Checked.atMost(
        text("%s p%.0f", target.sink(), percentile),
        wanted.toMillis(),
        latencies.percentileMillis(percentile),
        "ms");
  }

  boolean counts() {
    return failures.isEmpty();
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
