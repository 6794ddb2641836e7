package io.kappacdc.load;

import java.sql.Connection;
import java.sql.SQLException;

/** What is done to the source. When it is done is the business of whoever calls. */
public interface Workload {
  /** Creates the tables and first rows that are missing, and commits; runs again without harm. */
  ChangeCount prepare(Connection connection) throws SQLException;

  /**
   * Binds a session to a connection, which it uses without auto-commit. Sessions of one workload
   * change disjoint rows, so that they never wait for each other.
   *
   * @param index number of the session, from 0
   * @param sessions how many sessions there are
   */
  Session open(Connection connection, int index, int sessions) throws SQLException;

  /** One connection's share of the workload; for one thread. */
  interface Session {
    /**
     * Does one transaction and commits it.
     *
     * @param rows how many rows it is to change
     * @return the changes that were committed
     * @throws SQLException if nothing was committed; the transaction is rolled back
     */
    ChangeCount transaction(int rows) throws SQLException;
  }
}
