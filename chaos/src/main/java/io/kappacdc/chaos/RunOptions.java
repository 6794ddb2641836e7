package io.kappacdc.chaos;

import io.kappacdc.chaos.agent.Mutation;
import io.kappacdc.chaos.fault.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to run.
 *
 * @param home of the run, empty
 * @param faults to choose from
 * @param only their names as they were asked for, to repeat the run; empty for all
 * @param rate transactions a second
 * @param verifyEvery after how many faults everything is compared row by row
 * @param patience how long the pipeline may take to come back after a fault
 * @param mutation what to break on purpose; null for nothing
 */
record RunOptions(
    Path home,
    long seed,
    int count,
    List<Fault> faults,
    String only,
    int rate,
    int verifyEvery,
    Duration patience,
    @Nullable Mutation mutation) {
  RunOptions {
    faults = List.copyOf(faults);
    if (home.toString().matches(".*[\\s,].*")) {
      throw new IllegalArgumentException("the home must have no blank and no comma: " + home);
    }
  }

  /** The command that repeats the run up to a fault. */
  String replay(int number) {
    return "./kappa chaos --seed "
        + seed
        + " --faults "
        + number
        + (only.isEmpty() ? "" : " --only " + only)
        + (mutation == null ? "" : " --mutation " + mutation.label());
  }
}
