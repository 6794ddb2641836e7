package io.kappacdc.processor.verify;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a PostgreSQL relation, digested by PostgreSQL. The connection's transaction must hold one
 * snapshot (REPEATABLE READ) and have {@link PostgresSession}'s output settings.
 */
final class JdbcDigestSource implements TableDigestSource {
  private static final int FETCH_SIZE = 2000;
  private static final int TEXT_ROWS_MAX = 1000;

  private final String store;
  private final ComparedTable table;
  private final Connection connection;
  private final String digests;
  private final String texts;
  private final boolean weighted;

  /**
   * Rows to digest.
   *
   * @param sql a SELECT whose columns {@code c0}, {@code c1}, … are the texts of the compared
   *     columns; with {@code n}, how many copies a row stands for, if weighted
   */
  record Relation(String sql, boolean weighted) {}

  JdbcDigestSource(String store, ComparedTable table, PostgresSession session, Relation relation) {
    this.store = store;
    this.table = table;
    this.connection = session.connection();
    this.weighted = relation.weighted();
    List<String> all = IntStream.range(0, table.columns().size()).mapToObj(i -> "c" + i).toList();
    List<String> key = table.keyIndexes().stream().map(all::get).toList();
    String row = CanonicalSql.md5(CanonicalSql.canonical(all), session.encoding());
    String keyDigest = CanonicalSql.md5(CanonicalSql.canonical(key), session.encoding());
    String copies = weighted ? "n" : "1 AS n";
    // OFFSET 0 keeps the planner from computing a digest wherever it is mentioned.
    this.digests =
        "SELECT "
            + (table.keyed() ? keyDigest : row)
            + " AS k, "
            + row
            + " AS r, "
            + copies
            + " FROM ("
            + relation.sql()
            + ") t OFFSET 0";
    this.texts =
        "SELECT "
            + (table.keyed() ? keyDigest : row)
            + " AS k, "
            + row
            + " AS r"
            + (all.isEmpty() ? "" : ", ")
            + String.join(", ", all)
            + " FROM ("
            + relation.sql()
            + ") t";
  }

  @Override
  public String store() {
    return store;
  }

  private static String chunkSql(int chunks) {
    return "(('x' || substr(k, 1, 7))::bit(28)::int % " + chunks + ")";
  }

  private static String halfSql(int from) {
    return "('x' || substr(r, " + from + ", 16))::bit(64)::bigint";
  }

  @Override
  public Map<Integer, ChunkSum> chunkSums(int chunks) {
    String factor = weighted ? "n::numeric * " : "";
    String sql =
        "SELECT "
            + chunkSql(chunks)
            + ", sum(n), sum("
            + factor
            + halfSql(1)
            + "), sum("
            + factor
            + halfSql(17)
            + ") FROM ("
            + digests
            + ") d GROUP BY 1";
    Map<Integer, ChunkSum> sums = new HashMap<>();
    try (Statement statement = statement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        sums.put(
            rows.getInt(1),
            new ChunkSum(
                rows.getLong(2),
                Digest.wrapped(rows.getString(3)),
                Digest.wrapped(rows.getString(4))));
      }
      return sums;
    } catch (SQLException e) {
      throw StoreException.reading(store, table.name(), e);
    }
  }

  private Statement statement() throws SQLException {
    Statement statement = connection.createStatement();
    statement.setFetchSize(FETCH_SIZE);
    return statement;
  }

  @Override
  public RowCursor rows(ChunkSelection selection) {
    String filter = "";
    if (selection.isSelective()) {
      String numbers = selection.numbers().toString();
      filter =
          " WHERE "
              + chunkSql(selection.chunks())
              + " IN ("
              + numbers.substring(1, numbers.length() - 1)
              + ")";
    }
    String sql =
        "SELECT k, r, sum(n) FROM ("
            + digests
            + ") d"
            + filter
            + " GROUP BY k, r HAVING sum(n) <> 0 ORDER BY k COLLATE \"C\", r COLLATE \"C\"";
    try {
      Statement statement = statement();
      return new Cursor(statement, statement.executeQuery(sql));
    } catch (SQLException e) {
      throw StoreException.reading(store, table.name(), e);
    }
  }

  private final class Cursor implements RowCursor {
    private final Statement statement;
    private final ResultSet rows;
    private @Nullable RowDigest next;

    Cursor(Statement statement, ResultSet rows) {
      this.statement = statement;
      this.rows = rows;
      this.next = fetch();
    }

    private @Nullable RowDigest fetch() {
      try {
        return rows.next()
            ? new RowDigest(
                Digest.ofHex(rows.getString(1)), Digest.ofHex(rows.getString(2)), rows.getLong(3))
            : null;
      } catch (SQLException e) {
        throw StoreException.reading(store, table.name(), e);
      }
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public RowDigest next() {
      RowDigest current = next;
      if (current == null) {
        throw new NoSuchElementException();
      }
      next = fetch();
      return current;
    }

    @Override
    public void close() {
      try {
        statement.close();
      } catch (SQLException e) {
        throw StoreException.reading(store, table.name(), e);
      }
    }
  }

  @Override
  public List<TextRow> texts(Set<Digest> keys) {
    String sql =
        "SELECT * FROM (" + texts + " OFFSET 0) d WHERE k = ANY (?) LIMIT " + TEXT_ROWS_MAX;
    List<TextRow> found = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setFetchSize(FETCH_SIZE);
      Array hexes =
          connection.createArrayOf("text", keys.stream().map(Digest::hex).toArray(String[]::new));
      query.setArray(1, hexes);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          List<@Nullable String> values = new ArrayList<>(table.columns().size());
          for (int i = 0; i < table.columns().size(); i++) {
            values.add(rows.getString(i + 3));
          }
          found.add(
              new TextRow(
                  Digest.ofHex(rows.getString(1)), Digest.ofHex(rows.getString(2)), values));
        }
      }
      return found;
    } catch (SQLException e) {
      throw StoreException.reading(store, table.name(), e);
    }
  }
}
