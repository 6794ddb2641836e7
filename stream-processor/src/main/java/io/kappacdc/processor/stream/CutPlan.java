package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import org.jspecify.annotations.Nullable;

/** What a query is to read next. */
sealed interface CutPlan {
  /**
   * A batch.
   *
   * @param ends the offset before which each partition ends
   * @param reached the moment of the source at which the sink stands after the batch; null if it is
   *     none
   */
  record Batch(Offsets ends, @Nullable Cut reached) implements CutPlan {}

  /** Nothing for now. */
  record Nothing() implements CutPlan {}

  /** There are no cuts to plan on. */
  record NoCuts() implements CutPlan {}
}
