package io.kappacdc.load;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What is done to the source. When it is done is the business of whoever calls. What a transaction
 * does follows from its number and the seed, as far as the rows that are there allow.
 */
public interface Workload {
  /**
   * Creates the tables and first rows that are missing, and commits; runs again without harm.
   *
   * @param transactions how many may follow, so that keys can be set aside for them
   */
  ChangeCount prepare(Connection connection, long transactions) throws SQLException;

  /** Row changes of a transaction, on average. */
  double rowsPerTransaction();

  /** Row changes of the transaction of that number, from 0. */
  int rowsOf(long transaction);

  /** What kind of transaction it is, for reports. */
  String nameOf(long transaction);

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
     * Does the transaction of that number and commits it.
     *
     * @return the changes that were committed
     * @throws SQLException if nothing was committed; the transaction is rolled back
     */
    ChangeCount transaction(long number) throws SQLException;
  }
}
