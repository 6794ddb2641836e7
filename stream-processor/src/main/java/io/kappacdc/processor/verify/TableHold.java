package io.kappacdc.processor.verify;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keeps tables as they are at a fence until its session ends.
 *
 * <p>A snapshot does not protect from TRUNCATE: once that is committed, the table is empty for
 * older snapshots too (PostgreSQL's documentation, "Caveats" of its chapter on concurrency). So
 * each table is locked against it at once, as pg_dump does, and what was truncated or rewritten
 * between the fence and its lock is told by its file: the catalog at the fence names another one
 * than the server uses.
 */
final class TableHold {
  private static final Duration LOCK_WAIT_MAX = Duration.ofSeconds(10);

  private static final String REWRITTEN =
      "SELECT EXISTS (SELECT FROM pg_class WHERE (oid = ?::regclass OR oid IN (SELECT relid FROM"
          + " pg_partition_tree(?::regclass))) AND relfilenode <> 0"
          + " AND relfilenode IS DISTINCT FROM pg_relation_filenode(oid))";

  private TableHold() {}

  /** Locks tables; returns why some cannot be read as they were at the fence. */
  static Map<TableName, String> hold(PostgresSession source, Collection<TableName> tables) {
    Map<TableName, String> lost = new TreeMap<>();
    for (TableName table : tables) {
      hold(source, table).ifPresent(reason -> lost.put(table, reason));
    }
    return lost;
  }

  private static Optional<String> hold(PostgresSession source, TableName table) {
    try {
      return source.guarded(() -> lock(source.connection(), table))
          ? Optional.of("it was truncated or rewritten in the moment of the fence; verify again")
          : Optional.empty();
    } catch (StoreException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Locks a table; true if it is not the one that it was at the fence. */
  private static boolean lock(Connection source, TableName table) {
    try (Statement statement = source.createStatement();
        PreparedStatement query = source.prepareStatement(REWRITTEN)) {
      statement.execute("SET LOCAL lock_timeout = " + LOCK_WAIT_MAX.toMillis());
      statement.execute("LOCK TABLE " + table.sql() + " IN ACCESS SHARE MODE");
      statement.execute("SET LOCAL lock_timeout = 0");
      query.setString(1, table.sql());
      query.setString(2, table.sql());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw StoreException.reading(SourceTable.STORE, table.toString(), e);
    }
  }
}
