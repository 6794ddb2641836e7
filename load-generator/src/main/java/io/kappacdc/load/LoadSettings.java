package io.kappacdc.load;

import java.time.Duration;

/**
 * How much load, for how long.
 *
 * @param changesPerSecond row changes that are to arrive each second
 * @param rowsPerTransaction row changes of a transaction
 * @param connections sessions at the source, which bounds the transactions in flight
 */
public record LoadSettings(
    double changesPerSecond, Duration duration, int rowsPerTransaction, int connections) {
  public LoadSettings {
    if (!(changesPerSecond > 0) || changesPerSecond > 10_000_000) {
      throw new IllegalArgumentException("The rate must be from 0 to 10,000,000 changes a second");
    }
    if (duration.isNegative() || duration.isZero() || duration.toDays() > 365) {
      throw new IllegalArgumentException("The duration must be positive and at most a year");
    }
    if (rowsPerTransaction < 1 || rowsPerTransaction > 100_000) {
      throw new IllegalArgumentException("A transaction must change 1 to 100,000 rows");
    }
    if (connections < 1 || connections > 1_000) {
      throw new IllegalArgumentException("There must be 1 to 1,000 connections");
    }
  }

  ArrivalSchedule schedule() {
    return new ArrivalSchedule(changesPerSecond / rowsPerTransaction, duration);
  }
}
