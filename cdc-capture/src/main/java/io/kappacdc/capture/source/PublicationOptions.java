package io.kappacdc.capture.source;

import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What a publication sends of its tables' changes.
 *
 * @param isForAllTables whether it takes up every new table by itself
 * @param isViaRoot whether partitions' changes have their root's name
 * @param hasAllOperations whether it sends inserts, updates, deletes and truncates
 * @param version {@code xmin} of the catalog's row, which every change of the options makes anew:
 *     with another one some changes may not have been sent in between
 */
record PublicationOptions(
    boolean isForAllTables, boolean isViaRoot, boolean hasAllOperations, long version) {
  private static final String SQL =
      "SELECT puballtables, pubviaroot, pubinsert AND pubupdate AND pubdelete AND pubtruncate,"
          + " xmin::text::bigint FROM pg_publication WHERE pubname = ?";

  /** Empty if there is no such publication. */
  static Optional<PublicationOptions> read(Connection connection, String publication)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setString(1, publication);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new PublicationOptions(
                    row.getBoolean(1), row.getBoolean(2), row.getBoolean(3), row.getLong(4)))
            : Optional.empty();
      }
    }
  }

  /**
   * Refuses a publication that leaves out changes.
   *
   * @throws KappaException with the SQL that cures it
   */
  void require(String publication) {
    if (!isViaRoot || !hasAllOperations) {
      throw new KappaException(
          "Publication '" + publication + "' does not send what capture needs.",
          isViaRoot
              ? "It leaves out some of insert, update, delete, truncate."
              : "It sends partitions under their own names (publish_via_partition_root is off).",
          "Run  ALTER PUBLICATION "
              + PublishedTable.quote(publication)
              + " SET (publish = 'insert, update, delete, truncate',"
              + " publish_via_partition_root = true);");
    }
  }
}
