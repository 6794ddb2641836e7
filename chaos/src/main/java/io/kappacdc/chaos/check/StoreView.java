package io.kappacdc.chaos.check;

import io.kappacdc.event.Cut;

/** A store as the harness sees it. One thread. */
interface StoreView extends AutoCloseable {
  String name();

  /**
   * Whether it holds everything before the cut.
   *
   * @throws Exception if it cannot be read now
   */
  boolean holds(Cut cut) throws Exception;

  /**
   * Reads on to where it is.
   *
   * @throws Exception if it cannot be read now
   */
  void catchUp() throws Exception;

  /** How far it is, for a person. */
  String progress();

  @Override
  void close();
}
