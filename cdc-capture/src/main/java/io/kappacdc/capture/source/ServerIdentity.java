package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.SourceServer;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.event.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Who the source is at this moment, as the replication protocol tells it: that takes no more rights
 * than capture has anyway.
 *
 * @param lsn how far its write-ahead log is on disk
 * @param ancestors the ends of the timelines that its own one goes back to, oldest first
 */
public record ServerIdentity(SourceServer server, long lsn, List<TimelineEnd> ancestors) {
  /** Where a timeline was left for the next one. */
  record TimelineEnd(int timeline, long lsn) {}

  public ServerIdentity {
    ancestors = List.copyOf(ancestors);
  }

  /**
   * Asks the server.
   *
   * @throws TransientFailure if it cannot be asked at the moment
   */
  public static ServerIdentity read(SourceDatabase database) {
    try (Connection connection = database.connectForReplication();
        Statement statement = connection.createStatement()) {
      String systemId;
      int timeline;
      long lsn;
      try (ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
        row.next();
        systemId = row.getString("systemid");
        timeline = row.getInt("timeline");
        lsn = Lsn.parse(row.getString("xlogpos"));
      }
      return new ServerIdentity(
          new SourceServer(systemId, timeline),
          lsn,
          timeline == 1 ? List.of() : history(statement, timeline));
    } catch (SQLException e) {
      throw new TransientFailure("Cannot identify the source server", e);
    }
  }

  private static List<TimelineEnd> history(Statement statement, int timeline) throws SQLException {
    try (ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
      row.next();
      return parse(row.getString("content"));
    }
  }

  /** A timeline's history file: a line an ancestor, with its number, its end, and a reason. */
  static List<TimelineEnd> parse(String history) {
    List<TimelineEnd> ends = new ArrayList<>();
    history
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .forEach(
            line -> {
              String[] fields = line.split("\\s+", 3);
              ends.add(new TimelineEnd(Integer.parseInt(fields[0]), Lsn.parse(fields[1])));
            });
    return ends;
  }
}
