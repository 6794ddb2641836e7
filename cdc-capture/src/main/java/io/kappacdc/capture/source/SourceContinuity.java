package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.GapException;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceServer;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.event.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds the source against what was captured from it: the source must have all of that in its own
 * history. A standby that took over has it if it had received it; a restored backup has not.
 */
public final class SourceContinuity {
  private static final String FIRST = "Find out what happened to the source";

  private final SourceDatabase database;

  public SourceContinuity(SourceDatabase database) {
    this.database = database;
  }

  /**
   * Before streaming on.
   *
   * @param offset how far the source is published
   * @throws GapException if the server is not one that can go on from there
   */
  public void require(SourceOffset offset, ServerIdentity now) {
    SourceServer before = offset.server();
    if (!before.systemId().equals(now.server().systemId())) {
      throw GapException.of(
          "The source is another server than the one captured before.",
          "Its system identifier is "
              + now.server().systemId()
              + ", the offset's is "
              + before.systemId()
              + ".",
          "Point source.url at the old server, or if it is to be this one");
    }
    requireLog(offset, now);
    SourceTransaction last = offset.last();
    if (last != null) {
      requireTransaction(last);
    }
  }

  private static void requireLog(SourceOffset offset, ServerIdentity now) {
    long captured = offset.highestLsn();
    int before = offset.server().timeline();
    int timeline = now.server().timeline();
    if (before == timeline || before == 0) {
      if (Long.compareUnsigned(now.lsn(), captured) < 0) {
        throw wentBack(captured, "Its log ends at " + Lsn.format(now.lsn()) + ".");
      }
      return;
    }
    Optional<Long> end =
        now.ancestors().stream()
            .filter(ancestor -> ancestor.timeline() == before)
            .map(ServerIdentity.TimelineEnd::lsn)
            .findFirst();
    if (end.isEmpty()) {
      throw GapException.of(
          "The source's history is not the one that was captured.",
          "It is on timeline "
              + timeline
              + ", which does not go back to timeline "
              + before
              + " that was captured up to "
              + Lsn.format(captured)
              + ".",
          FIRST);
    }
    if (Long.compareUnsigned(end.get(), captured) < 0) {
      throw wentBack(
          captured,
          "Its timeline "
              + timeline
              + " left timeline "
              + before
              + " at "
              + Lsn.format(end.get())
              + ".");
    }
  }

  private static GapException wentBack(long captured, String how) {
    return GapException.of(
        "The source went back to before what was captured.",
        how
            + " Captured is what it had up to "
            + Lsn.format(captured)
            + ": a backup was restored, or a standby took over that had not received all of it.",
        FIRST);
  }

  /**
   * A copy of the data directory that was put back, and that has moved on since, shows neither in
   * the timeline nor in the log's end, but it does not know the last transaction.
   */
  private void requireTransaction(SourceTransaction last) {
    try (Connection connection = database.connect()) {
      long next = number(connection, "SELECT pg_current_xact_id()::text::bigint");
      int distance = (int) (last.xid() - next); // ids wrap around at 32 bits
      if (distance >= 0) {
        throw isUnknown(last, "it has not come to that transaction id yet");
      }
      String status = status(connection, next + distance);
      if ("aborted".equals(status)) {
        throw isUnknown(last, "it knows that transaction id as one that did not commit");
      }
      if ("committed".equals(status) && tracksCommitTimes(connection)) {
        Long micros = commitMicros(connection, last.xid());
        if (micros != null && micros != last.commitMicros()) {
          throw isUnknown(last, "it knows that transaction id as one of another commit time");
        }
      }
    } catch (SQLException e) {
      throw new TransientFailure("Cannot look for the last transaction in the source", e);
    }
  }

  private static GapException isUnknown(SourceTransaction last, String how) {
    return GapException.of(
        "The source does not have the last transaction that was captured.",
        "Transaction "
            + last.xid()
            + ", ending at "
            + Lsn.format(last.endLsn())
            + ", is published, and "
            + how
            + ": its files were put back to an earlier state.",
        FIRST);
  }

  /** Null if it is too long ago to be known. */
  private static @Nullable String status(Connection connection, long fullXid) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_xact_status(?::text::xid8)")) {
      statement.setString(1, Long.toString(fullXid));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static boolean tracksCommitTimes(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW track_commit_timestamp")) {
      row.next();
      return "on".equals(row.getString(1));
    }
  }

  private static @Nullable Long commitMicros(Connection connection, long xid) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT (extract(epoch FROM pg_xact_commit_timestamp(?::text::xid)) * 1000000)::bigint")) {
      statement.setString(1, Long.toString(xid));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long micros = row.getLong(1);
        return row.wasNull() ? null : micros;
      }
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
