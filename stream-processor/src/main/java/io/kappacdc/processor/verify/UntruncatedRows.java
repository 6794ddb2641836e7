package io.kappacdc.processor.verify;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A source table's rows, refused if they are not those at the fence.
 *
 * <p>A snapshot does not protect from TRUNCATE: once that is committed, the table is empty for
 * older snapshots too (PostgreSQL's documentation, "Caveats" of its chapter on concurrency). What
 * was truncated or rewritten since the fence is told by its file: the catalog at the fence names
 * another one than the server uses. Reading locks the table against both until it is checked; a
 * lock from the fence on would hold up the source's own sessions.
 */
final class UntruncatedRows implements TableDigestSource {
  private static final String REWRITTEN =
      "SELECT EXISTS (SELECT FROM pg_class WHERE (oid = ?::regclass OR oid IN (SELECT relid FROM"
          + " pg_partition_tree(?::regclass))) AND relfilenode <> 0"
          + " AND relfilenode IS DISTINCT FROM pg_relation_filenode(oid))";

  private final PostgresSession source;
  private final TableName table;
  private final TableDigestSource rows;

  UntruncatedRows(PostgresSession source, TableName table, TableDigestSource rows) {
    this.source = source;
    this.table = table;
    this.rows = rows;
  }

  @Override
  public String store() {
    return rows.store();
  }

  @Override
  public Map<Integer, ChunkSum> chunkSums(int chunks) {
    return checked(() -> rows.chunkSums(chunks));
  }

  /** Checked once the first row is there, when the table is locked. */
  @Override
  public RowCursor rows(ChunkSelection selection) {
    return checked(() -> rows.rows(selection));
  }

  @Override
  public List<TextRow> texts(Set<Digest> keys) {
    return checked(() -> rows.texts(keys));
  }

  private <T> T checked(Supplier<T> read) {
    T result = read.get();
    try (PreparedStatement query = source.connection().prepareStatement(REWRITTEN)) {
      query.setString(1, table.sql());
      query.setString(2, table.sql());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        if (row.getBoolean(1)) {
          throw StoreException.of(
              SourceTable.STORE,
              table.toString(),
              "it was truncated or rewritten after the fence, which hides the rows it had; verify"
                  + " again");
        }
      }
      return result;
    } catch (SQLException e) {
      throw StoreException.reading(SourceTable.STORE, table.toString(), e);
    }
  }
}
