package io.debezium.pipeline;

import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.spi.OffsetContext;
import io.debezium.pipeline.spi.Partition;

/**
 * Switches off what Debezium keeps about single changes for JMX: a description of the last one, for
 * which it makes a JSON mapper a change, and its lag. No setting does. Here because only this
 * package reaches the dispatcher.
 */
public final class ChangeMetrics {
  private ChangeMetrics() {}

  /**
   * To be called again and again, from any thread: a coordinator sets its listener anew with every
   * phase.
   */
  public static <P extends Partition, O extends OffsetContext> void leaveOut(
      ChangeEventSourceCoordinator<P, O> coordinator) {
    coordinator.eventDispatcher.setEventListener(DataChangeEventListener.NO_OP());
  }
}
