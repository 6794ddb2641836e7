package io.kappacdc.chaos.check;

import io.kappacdc.chaos.stack.PostgresServer;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Ledger;
import io.kappacdc.chaos.workload.SourceLedger;
import io.kappacdc.processor.verify.DatabaseAddress;
import io.kappacdc.processor.verify.Deadline;
import io.kappacdc.processor.verify.Fence;
import java.sql.SQLException;

/**
 * A moment of the source: what had been committed at or before an LSN.
 *
 * @param ledger what was counted
 * @param money the sum of all accounts
 */
record Moment(long lsn, Ledger ledger, long money) {
  /** Now, which waits for the transactions under way. */
  static Moment now(PostgresServer source, Deadline deadline) throws SQLException {
    DatabaseAddress address =
        new DatabaseAddress(source.directUrl(), source.user(), source.password());
    try (Fence fence = Fence.set(address, deadline)) {
      return new Moment(
          fence.lsn(),
          SourceLedger.read(fence.source().connection()),
          Bank.sum(fence.source().connection()));
    }
  }
}
