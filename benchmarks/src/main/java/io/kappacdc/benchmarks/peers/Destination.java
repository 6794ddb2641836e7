package io.kappacdc.benchmarks.peers;

import java.io.IOException;
import java.sql.SQLException;

/** A store that changes arrive in, looked at from outside. For one thread. */
interface Destination extends AutoCloseable {
  /** From here on latencies count: starts what must see arrivals as they happen. */
  default void measure() {}

  /** True once everything expected is visible and nothing has moved for a while. */
  boolean isComplete(Expected expected) throws SQLException, IOException;

  /** What is visible, and since when; after the contender has stopped. */
  Arrival arrival(Expected expected) throws SQLException, IOException, InterruptedException;

  @Override
  default void close() throws SQLException {}

  /** How long nothing may move before a store counts as complete. */
  long QUIET_MICROS = 1_500_000;
}
