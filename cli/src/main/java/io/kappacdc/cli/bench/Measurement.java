package io.kappacdc.cli.bench;

import io.kappacdc.cli.bench.measure.BatchTimes;
import io.kappacdc.cli.bench.measure.ChangeTimes;
import io.kappacdc.cli.bench.measure.ClockOffset;
import io.kappacdc.cli.bench.measure.CpuInWindow;
import io.kappacdc.cli.bench.measure.JvmCounters;
import io.kappacdc.cli.bench.measure.Latencies;
import io.kappacdc.cli.bench.measure.ProcessUse;
import io.kappacdc.cli.bench.measure.SourceLog;
import io.kappacdc.cli.bench.measure.StageTimes;
import io.kappacdc.cli.bench.measure.Window;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * All that a run came to.
 *
 * @param config values in effect, without places and secrets
 * @param isOwnStack whether the stack was new and for the benchmark alone
 * @param times every change at every stage, as a reader saw it
 * @param byCommitClock every change at a sink, by the sink's own clock of commits
 * @param batches of each sink, as far as they were noticed
 * @param jvms what each JVM counted within the window
 * @param looksFailed looks of the benchmark at the stack that failed
 * @param sizes bytes of what the run left, by name
 * @param verification 0 matched, 1 differs, 2 could not be found out
 */
record Measurement(
    BenchSpec spec,
    Instant at,
    Environment environment,
    Map<String, String> config,
    boolean isOwnStack,
    LoadSummary load,
    Window window,
    ChangeTimes times,
    Map<String, Latencies> byCommitClock,
    Map<String, BatchTimes.Durations> batches,
    List<ProcessUse.Point> processes,
    long looksFailed,
    List<SourceLog.Point> sourceLog,
    Map<String, JvmCounters> jvms,
    Map<String, ClockOffset> clocks,
    Map<String, Long> sizes,
    int verification,
    List<String> verificationLines) {
  /** A backlog that grows by less than this part of the rate counts as steady. */
  static final double GROWTH_MAX = 0.01;

  /** Or that is worth no more than so many seconds of the rate at its end. */
  private static final double BACKLOG_SECONDS_MAX = 2;

  int seconds() {
    return (int) Math.ceil(window.seconds());
  }

  /** Changes that were meant for the window. */
  long due() {
    long from = spec.warmUp().toSeconds();
    return load.due(from, from + spec.duration().toSeconds());
  }

  /** Changes committed in the window, by the source's own clock. */
  long committed() {
    long sum = 0;
    for (long changes : times.in().perSecond(seconds())) {
      sum += changes;
    }
    return sum;
  }

  CpuInWindow cpu() {
    return CpuInWindow.of(processes, window);
  }

  /**
   * CPU seconds of the pipeline a million changes; NaN if no change reached all stores within the
   * window, or if not all of the pipeline was seen. Changes that were left for later have not cost
   * yet, so if a store fell behind, those count that reached the slowest one.
   */
  double cpuSecondsPerMillion() {
    long changes = keptUp() ? committed() : delivered();
    return changes == 0 ? Double.NaN : cpu().pipelineSeconds() * 1e6 / changes;
  }

  private long delivered() {
    return times.sinks().stream()
        .mapToLong(sink -> LongStream.of(sink.out().perSecond(seconds())).sum())
        .min()
        .orElse(0);
  }

  /** Whether all stores kept up with the load. */
  boolean keptUp() {
    return times.sinks().stream().allMatch(this::keptUp);
  }

  /** A stage falls behind if its backlog grows and is worth more than a moment of the load. */
  boolean keptUp(StageTimes stage) {
    long[] backlog = backlog(stage);
    double rate = committed() / window.seconds();
    return backlogGrowth(stage) <= GROWTH_MAX * rate
        || backlog[backlog.length - 1] <= BACKLOG_SECONDS_MAX * rate;
  }

  /** Changes that a stage is behind at the end of each second of the window. */
  long[] backlog(StageTimes stage) {
    long[] in = times.in().upToSecond(seconds());
    long[] out = stage.out().upToSecond(seconds());
    long[] behind = new long[in.length];
    for (int i = 0; i < in.length; i++) {
      behind[i] = in[i] - out[i];
    }
    return behind;
  }

  /** By how many changes a second the backlog grows, a straight line laid through the window. */
  double backlogGrowth(StageTimes stage) {
    long[] behind = backlog(stage);
    double n = behind.length;
    double sumX = 0;
    double sumY = 0;
    double sumXy = 0;
    double sumXx = 0;
    for (int i = 0; i < behind.length; i++) {
      sumX += i;
      sumY += behind[i];
      sumXy += (double) i * behind[i];
      sumXx += (double) i * i;
    }
    double spread = n * sumXx - sumX * sumX;
    return spread == 0 ? 0 : (n * sumXy - sumX * sumY) / spread;
  }
}
