package io.kappacdc.processor.verify;

import io.kappacdc.event.Lsn;
import io.kappacdc.event.SourceMessage;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;

/**
 * A moment of the source: an LSN, and a session that sees exactly the transactions whose commit
 * record ends at or before it.
 *
 * <p>PostgreSQL gives both with a new logical replication slot: decoding starts at the slot's
 * consistent point, and the snapshot exported with it holds just what was committed before. No
 * marker row in a user's table could do that without a lock. The slot is temporary and dropped as
 * soon as the session has the snapshot, so that it holds back no WAL.
 *
 * @param lsn the consistent point
 * @param source the session at that moment
 * @param messageLsn where a message of {@link SourceMessage#FENCE} behind it ends
 */
public record Fence(long lsn, PostgresSession source, long messageLsn) implements AutoCloseable {
  private static final String QUERY_CANCELED = "57014";
  private static final int LONGEST_TRANSACTIONS = 3;

  /**
   * Sets a fence, which waits for the transactions that write at this moment.
   *
   * @throws NotVerifiedException if the source is unreachable, allows no slot, or its transactions
   *     do not end in time
   */
  public static Fence set(DatabaseAddress address, Deadline deadline) {
    Moment moment;
    try (Connection replication = replicationConnection(address)) {
      moment = withSlot(replication, address, deadline);
    } catch (SQLException e) {
      throw NotVerifiedException.unreachable("the source", address, e);
    }
    try {
      return new Fence(moment.lsn(), moment.source(), emitMessage(address));
    } catch (NotVerifiedException e) {
      moment.source().close();
      throw e;
    }
  }

  private record Moment(long lsn, PostgresSession source) {}

  private static Connection replicationConnection(DatabaseAddress address) throws SQLException {
    Properties properties = address.properties();
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "10");
    return DriverManager.getConnection(address.url(), properties);
  }

  private static Moment withSlot(Connection replication, DatabaseAddress address, Deadline deadline)
      throws SQLException {
    String slot = "kappa_verify_" + UUID.randomUUID().toString().replace('-', '_').substring(0, 23);
    long lsn;
    String snapshot;
    try (Statement statement = replication.createStatement()) {
      statement.setQueryTimeout((int) Math.max(1, deadline.remaining().toSeconds()));
      try (ResultSet created =
          statement.executeQuery(
              "CREATE_REPLICATION_SLOT \""
                  + slot
                  + "\" TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")) {
        created.next();
        lsn = Lsn.parse(created.getString("consistent_point"));
        snapshot = created.getString("snapshot_name");
      }
    } catch (SQLException e) {
      if (QUERY_CANCELED.equals(e.getSQLState())) {
        throw NotVerifiedException.fenceBlocked(
            deadline.timeout(), longestTransactions(address), e);
      }
      throw NotVerifiedException.fenceRefused(e);
    }
    return new Moment(lsn, PostgresSession.open(address, snapshot));
  }

  private static List<String> longestTransactions(DatabaseAddress address) {
    List<String> transactions = new ArrayList<>();
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT 'process ' || pid || ' of user ' || coalesce(usename, '?') || ', ' || coalesce(state, '?') AS who,"
                    + " xact_start AS since FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
                    + " UNION ALL SELECT 'prepared transaction of user ' || owner, prepared"
                    + " FROM pg_prepared_xacts ORDER BY since LIMIT "
                    + LONGEST_TRANSACTIONS)) {
      while (rows.next()) {
        transactions.add(rows.getString(1) + ", since " + rows.getString(2));
      }
    } catch (SQLException e) {
      transactions.add("which ones is unknown: " + StoreException.firstLine(e));
    }
    return transactions;
  }

  /**
   * Writes a message, so that capture publishes a cut although the source may be idle, and looks
   * whether rows changed before it that the log has no changes of. It is not transactional (those
   * are captured as changes of their transaction), and a server does not flush such a message at
   * once; the transaction id makes the commit flush it.
   *
   * @return the LSN at which it ends
   * @throws NotVerifiedException if the source is unreachable
   */
  static long emitMessage(DatabaseAddress address) {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = local");
      try (ResultSet row =
          statement.executeQuery(
              "SELECT pg_logical_emit_message(false, '%s', ''), txid_current()"
                  .formatted(SourceMessage.FENCE))) {
        row.next();
        return Lsn.parse(row.getString(1));
      }
    } catch (SQLException e) {
      throw NotVerifiedException.unreachable("the source", address, e);
    }
  }

  @Override
  public void close() {
    source.close();
  }
}
