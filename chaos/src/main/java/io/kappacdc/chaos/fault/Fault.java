package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Stack;
import java.util.Random;

/** Something that goes wrong. */
public interface Fault {
  /** As on the command line and in the report. */
  String name();

  /** How often it is chosen, in comparison to others. */
  int weight();

  /**
   * Whether it happens while the load stands still and every store holds everything: what it takes
   * away could not be accounted for otherwise.
   */
  default boolean needsStandstill() {
    return false;
  }

  /** Whether rows read differently behind it although the log has no changes of them. */
  default boolean changesRowsSilently() {
    return false;
  }

  /**
   * Does harm, and ends it: when it returns, servers run and lines are open again.
   *
   * @param random where its parameters come from
   * @return what exactly it did, for the line of progress; empty if its name says it all
   */
  String inflict(Stack stack, Random random) throws Exception;
}
