package io.kappacdc.cli.console;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Moments of the source that the trail has been complete at, and a table's rows at one. */
final class Moments {
  private static final int ROWS_MAX = 50;
  private static final Pattern LSN = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");
  private static final String MOMENT =
      "SELECT m.lsn::text, (extract(epoch FROM m.source_ts) * 1000)::bigint FROM kappa.moments m ";

  private Moments() {}

  /** The first and the last moment; nulls if there is none yet. */
  static Map<String, @Nullable Object> range(Connection connection) throws SQLException {
    return Json.object(
        "first", moment(connection, MOMENT + "ORDER BY m.lsn LIMIT 1"),
        "last", moment(connection, MOMENT + "ORDER BY m.lsn DESC LIMIT 1"));
  }

  private static @Nullable Map<String, @Nullable Object> moment(
      Connection connection, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        query.setObject(i + 1, parameters[i], Types.OTHER);
      }
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Json.object("lsn", row.getString(1), "at", row.getLong(2)) : null;
      }
    }
  }

  /**
   * A table's rows at the newest moment noted at or before a time or an LSN, and which moments lie
   * beside it.
   *
   * @param at a time or an LSN; empty for the newest moment
   */
  static Map<String, @Nullable Object> rows(Connection connection, String topic, String at)
      throws SQLException {
    TrailTable table = TrailTable.find(connection, topic);
    if (table.view() == null) {
      throw new RequestException(
          409,
          "The table cannot be shown at a moment",
          table.name()
              + " has no view of moments: its key has changed, or the processor has not"
              + " made the view yet",
          "See docs/as-of.md, \"What the views add up\".");
    }
    Map<String, @Nullable Object> moment = find(connection, at);
    String lsn = String.valueOf(moment.get("lsn"));
    Map<String, @Nullable Object> shown = rows(connection, table, lsn);
    shown.put("moment", moment);
    shown.put(
        "previous",
        moment(
            connection,
            MOMENT + "WHERE m.lsn < CAST(? AS pg_lsn) ORDER BY m.lsn DESC LIMIT 1",
            lsn));
    shown.put(
        "next",
        moment(connection, MOMENT + "WHERE m.lsn > CAST(? AS pg_lsn) ORDER BY m.lsn LIMIT 1", lsn));
    return shown;
  }

  private static Map<String, @Nullable Object> find(Connection connection, String at)
      throws SQLException {
    Map<String, @Nullable Object> found;
    if (at.isEmpty()) {
      found = moment(connection, MOMENT + "ORDER BY m.lsn DESC LIMIT 1");
    } else if (LSN.matcher(at).matches()) {
      found =
          moment(
              connection,
              MOMENT + "WHERE m.lsn <= CAST(? AS pg_lsn) ORDER BY m.lsn DESC LIMIT 1",
              at);
    } else {
      found =
          moment(
              connection,
              MOMENT + "WHERE m.source_ts <= CAST(? AS timestamptz) ORDER BY m.lsn DESC LIMIT 1",
              at);
    }
    if (found == null) {
      throw new RequestException(
          409,
          "There is no such moment",
          at.isEmpty()
              ? "the trail has not been complete at any moment yet"
              : "the trail does not reach back to " + at,
          "Ask for a later one.");
    }
    return found;
  }

  /** For this transaction alone, whatever becomes of the connection. */
  private static Map<String, @Nullable Object> rows(
      Connection connection, TrailTable table, String lsn) throws SQLException {
    try (PreparedStatement set =
        connection.prepareStatement("SELECT set_config('kappa.as_of_lsn', ?, true)")) {
      set.setString(1, lsn);
      set.executeQuery().close();
    }
    List<Object> rows = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT " + table.texts("v") + " FROM " + table.view() + " v LIMIT ?")) {
      query.setInt(1, ROWS_MAX + 1);
      try (ResultSet found = query.executeQuery()) {
        while (found.next()) {
          rows.add(Cells.row(Cells.texts(found, 1), table.columns(), Set.of()));
        }
      }
    } catch (SQLException e) {
      throw Changes.tooLong(e, table);
    }
    Map<String, @Nullable Object> shown = Changes.describe(table);
    shown.put("rows", rows.subList(0, Math.min(ROWS_MAX, rows.size())));
    shown.put("more", rows.size() > ROWS_MAX);
    return shown;
  }
}
