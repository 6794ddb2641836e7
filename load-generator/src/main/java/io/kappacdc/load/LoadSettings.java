package io.kappacdc.load;

import java.time.Duration;

/**
 * How much load, for how long.
 *
 * @param changesPerSecond row changes that are to arrive each second, where the profile is highest
 * @param duration of the whole load, warm-up included
 * @param warmUp the first part, which is reported apart
 * @param profile how the rate goes
 * @param connections sessions at the source, which bounds the transactions in flight
 */
public record LoadSettings(
    double changesPerSecond, Duration duration, Duration warmUp, Profile profile, int connections) {
  public LoadSettings {
    if (!(changesPerSecond > 0) || changesPerSecond > 10_000_000) {
      throw new IllegalArgumentException("The rate must be from 0 to 10,000,000 changes a second");
    }
    if (duration.isNegative() || duration.isZero() || duration.toDays() > 365) {
      throw new IllegalArgumentException("The duration must be positive and at most a year");
    }
    if (warmUp.isNegative() || warmUp.compareTo(duration) >= 0) {
      throw new IllegalArgumentException("The warm-up must be shorter than the whole load");
    }
    if (connections < 1 || connections > 1_000) {
      throw new IllegalArgumentException("There must be 1 to 1,000 connections");
    }
  }

  /** A steady load without warm-up. */
  public static LoadSettings steady(double changesPerSecond, Duration duration, int connections) {
    return new LoadSettings(changesPerSecond, duration, Duration.ZERO, Profile.STEADY, connections);
  }

  /** When the workload's transactions arrive. */
  public ArrivalSchedule schedule(Workload workload) {
    return new ArrivalSchedule(changesPerSecond / workload.rowsPerTransaction(), duration, profile);
  }
}
