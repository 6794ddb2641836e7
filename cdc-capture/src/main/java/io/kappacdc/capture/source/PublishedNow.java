package io.kappacdc.capture.source;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tables that the source has, published or not.
 *
 * @param isForAllTables whether the publication takes up every new table by itself
 * @param version of the publication's options: another one means that changes of any table may have
 *     been missed in between; 0 if there is no publication
 */
public record PublishedNow(boolean isForAllTables, long version, List<Found> tables) {
  private static final int VERSION_15 = 150_000;

  /** As {@link PublishedTable} says which are published; temporary tables never are. */
  private static final String SQL =
      """
      WITH listed(pubid, relid, entry) AS (
        SELECT prpubid, prrelid, oid FROM pg_publication_rel
        %s)
      SELECT n.nspname, c.relname, c.oid::bigint,
        CASE WHEN c.relpersistence <> 'p' OR n.nspname = 'information_schema' THEN NULL
             WHEN p.puballtables THEN CASE WHEN NOT c.relispartition THEN p.oid::bigint END
             WHEN EXISTS (
               SELECT FROM pg_partition_ancestors(c.oid) up
               JOIN listed l ON l.pubid = p.oid AND l.relid = up.relid AND up.relid <> c.oid)
               THEN NULL
             ELSE (SELECT min(l.entry::bigint) FROM listed l
                   WHERE l.pubid = p.oid AND l.relid = c.oid) END AS membership
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_publication p ON p.pubname = ?
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.oid >= 16384
      ORDER BY c.oid
      """;

  /**
   * A table.
   *
   * @param membership oid of what makes the publication have it; null if it has it not
   */
  public record Found(String schema, String table, long oid, @Nullable Long membership) {}

  public PublishedNow {
    tables = List.copyOf(tables);
  }

  /**
   * Reads the catalog.
   *
   * @throws io.kappacdc.runtime.KappaException if the publication leaves out changes
   */
  static PublishedNow read(Connection connection, String publication) throws SQLException {
    Optional<PublicationOptions> options = PublicationOptions.read(connection, publication);
    options.ifPresent(present -> present.require(publication));
    String sql =
        SQL.formatted(
            PublishedTable.serverVersion(connection) < VERSION_15
                ? ""
                : "UNION ALL SELECT pn.pnpubid, pc.oid, pn.oid FROM pg_publication_namespace pn"
                    + " JOIN pg_class pc ON pc.relnamespace = pn.pnnspid");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, publication);
      List<Found> tables = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          tables.add(
              new Found(
                  row.getString("nspname"),
                  row.getString("relname"),
                  row.getLong("oid"),
                  row.getObject("membership", Long.class)));
        }
      }
      return new PublishedNow(
          options.isPresent() && options.get().isForAllTables(),
          options.map(PublicationOptions::version).orElse(0L),
          tables);
    }
  }
}
