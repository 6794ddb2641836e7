package io.kappacdc.cli.demo;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The stages side by side, a line a second while anything moves. */
final class ProgressTable {
  private static final int LINES_PER_HEADER = 20;
  private static final long QUIET_SECONDS_MAX = 5;
  private static final String HEADER =
      "          committed  captured  pg trail  delta trail    mirror"
          + "     per second: source   pg  delta    behind: pg  delta  mirror";

  private final PrintWriter out;
  private int lines;
  private long secondBefore;
  private long committedBefore;
  private Stages.@Nullable Counts before;

  ProgressTable(PrintWriter out) {
    this.out = out;
  }

  /** Prints a line; none if nothing has changed since the last one, for a while. */
  void print(long second, long committed, Stages.Counts now) {
    boolean quiet = now.equals(before) && committed == committedBefore;
    if (quiet && second - secondBefore < QUIET_SECONDS_MAX) {
      return;
    }
    if (lines++ % LINES_PER_HEADER == 0) {
      out.println(HEADER);
    }
    Stages.Counts then = before == null ? now : before;
    double elapsed = second - secondBefore;
    out.printf(
        Locale.ROOT,
        "  %3d s  %,10d %,9d %,9d %,12d %,9d %,23.0f %,4.0f %,6.0f %,13d %,6d %,7d%n",
        second,
        committed,
        now.captured(),
        now.postgresTrail(),
        now.deltaTrail(),
        now.deltaMirror(),
        (committed - committedBefore) / elapsed,
        (now.postgresTrail() - then.postgresTrail()) / elapsed,
        (now.deltaTrail() - then.deltaTrail()) / elapsed,
        Math.max(0, committed - now.postgresTrail()),
        Math.max(0, committed - now.deltaTrail()),
        Math.max(0, committed - now.deltaMirror()));
    out.flush();
    before = now;
    secondBefore = second;
    committedBefore = committed;
  }
}
