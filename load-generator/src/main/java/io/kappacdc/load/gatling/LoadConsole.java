package io.kappacdc.load.gatling;

import io.kappacdc.load.LoadEngine;
import io.kappacdc.load.LoadProgress;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A line a second while the load goes on, and what it came to. */
final class LoadConsole implements AutoCloseable {
  private static final double SECONDS_MIN = 0.1;

  private final PrintWriter out;
  private final LoadEngine engine;
  private final Thread printer = new Thread(this::print, "load-console");
  private volatile boolean closed;

  LoadConsole(PrintWriter out, LoadEngine engine) {
    this.out = out;
    this.engine = engine;
    printer.setDaemon(true);
  }

  void start() {
    printer.start();
  }

  private void print() {
    LoadProgress before = engine.progress();
    while (!closed && engine.isRunning()) {
      try {
        TimeUnit.SECONDS.sleep(1);
      } catch (InterruptedException e) {
        return;
      }
      before = printLine(before);
    }
  }

  private LoadProgress printLine(LoadProgress before) {
    LoadProgress now = engine.progress();
    double seconds = now.elapsed().minus(before.elapsed()).toNanos() / 1e9;
    if (seconds > SECONDS_MIN && engine.startMicros() > 0) {
      out.printf(
          Locale.ROOT,
          "%4d s  %,9d changes  %,8.0f/s  behind %,d  latency p50 %.1f ms p99 %.1f ms  failed %d%n",
          now.elapsed().toSeconds(),
          now.committed().total(),
          (now.committed().total() - before.committed().total()) / seconds,
          Math.max(0, now.due() - now.committed().total()),
          now.latency().p50Millis(),
          now.latency().p99Millis(),
          now.failures());
      out.flush();
    }
    return now;
  }

  /** What the load came to; the warm-up is left out if there was one. */
  static void summarize(PrintWriter out, LoadProgress end, @Nullable SQLException failure) {
    out.printf(
        Locale.ROOT,
        "committed %,d changes (%,d inserts, %,d updates, %,d deletes) in %,d transactions,"
            + " %,.0f changes/s%n",
        end.committed().total(),
        end.committed().inserts(),
        end.committed().updates(),
        end.committed().deletes(),
        end.transactions(),
        end.rate());
    out.printf(
        Locale.ROOT,
        "latency from the intended time: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        end.latency().p50Millis(),
        end.latency().p99Millis(),
        end.latency().maxMillis());
    if (end.shortfall() > 0) {
      out.printf(
          Locale.ROOT,
          "shortfall: %,d of %,d changes that were due were not made (%.1f %%)%n",
          end.due() - end.committed().total(),
          end.due(),
          end.shortfall() * 100);
    }
    if (failure != null) {
      // Its message may hold a row's values.
      out.printf(
          "%d transactions failed, the last one: SQL state %s%n",
          end.failures(), failure.getSQLState());
    }
    out.flush();
  }

  @Override
  public void close() {
    closed = true;
    printer.interrupt();
    try {
      printer.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
