package io.kappacdc.chaos.check;

import io.kappacdc.chaos.workload.Tally;

/** A store that keeps every change. */
interface ChangeView extends StoreView {
  /**
   * What it holds of the changes at or before an LSN, which must not go back from call to call.
   *
   * @throws Exception if it cannot be read now
   */
  Tally upTo(long lsn) throws Exception;
}
