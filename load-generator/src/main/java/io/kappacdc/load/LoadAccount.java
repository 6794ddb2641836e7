package io.kappacdc.load;

import io.kappacdc.load.LoadProgress.Latency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Counts what was due and what was done, in all, in the measured part and second by second. What is
 * due follows from the schedule alone, not from what was begun. Thread-safe.
 */
final class LoadAccount {
  private static final long LATENCY_MICROS_MAX = TimeUnit.HOURS.toMicros(24);
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Workload workload;
  private final ArrivalSchedule schedule;
  private final long durationNanos;
  private final long warmUpNanos;
  private final List<long[]> seconds = new ArrayList<>();
  private final Part whole = new Part();
  private final Part measured = new Part();
  private long arrivalsCounted;

  private static final class Part {
    private final Histogram latencyMicros = new Histogram(LATENCY_MICROS_MAX, 3);
    private ChangeCount committed = ChangeCount.NONE;
    private long due;
    private long transactions;
    private long failures;

    private LoadProgress progress(Duration elapsed) {
      return new LoadProgress(
          elapsed,
          due,
          committed,
          transactions,
          failures,
          new Latency(
              latencyMicros.getValueAtPercentile(50) / 1e3,
              latencyMicros.getValueAtPercentile(99) / 1e3,
              latencyMicros.getMaxValue() / 1e3));
    }
  }

  LoadAccount(Workload workload, ArrivalSchedule schedule, LoadSettings settings) {
    this.workload = workload;
    this.schedule = schedule;
    this.durationNanos = settings.duration().toNanos();
    this.warmUpNanos = settings.warmUp().toNanos();
  }

  /** A transaction meant for {@code intended} was committed; nanoseconds since the start. */
  synchronized void committed(ChangeCount changes, long intended, long now) {
    long micros = TimeUnit.NANOSECONDS.toMicros(Math.max(0, now - intended));
    add(whole, changes, micros);
    if (intended >= warmUpNanos) {
      add(measured, changes, micros);
    }
    second(now)[1] += changes.total();
  }

  private static void add(Part part, ChangeCount changes, long micros) {
    part.committed = part.committed.plus(changes);
    part.transactions++;
    part.latencyMicros.recordValue(Math.min(micros, LATENCY_MICROS_MAX));
  }

  synchronized void failed(long intended) {
    whole.failures++;
    if (intended >= warmUpNanos) {
      measured.failures++;
    }
  }

  private long[] second(long nanos) {
    int index = (int) (nanos / SECOND_NANOS);
    while (seconds.size() <= index) {
      seconds.add(new long[2]);
    }
    return seconds.get(index);
  }

  private void countDue(long elapsed) {
    long due = schedule.dueBy(elapsed);
    for (; arrivalsCounted < due; arrivalsCounted++) {
      long intended = schedule.nanosOf(arrivalsCounted);
      int rows = workload.rowsOf(arrivalsCounted);
      whole.due += rows;
      if (intended >= warmUpNanos) {
        measured.due += rows;
      }
      second(intended)[0] += rows;
    }
  }

  /** Everything up to now. */
  synchronized LoadProgress progress(long nowNanos) {
    long elapsed = Math.max(0, Math.min(nowNanos, durationNanos));
    countDue(elapsed);
    return whole.progress(Duration.ofNanos(elapsed));
  }

  /** What was meant for a time after the warm-up. */
  synchronized LoadProgress measured(long nowNanos) {
    long elapsed = Math.max(0, Math.min(nowNanos, durationNanos));
    countDue(elapsed);
    return measured.progress(Duration.ofNanos(Math.max(0, elapsed - warmUpNanos)));
  }

  /** Second by second since the start; commits may go on for a while behind the end. */
  synchronized List<LoadSecond> seconds() {
    return seconds.stream().map(second -> new LoadSecond(second[0], second[1])).toList();
  }
}
