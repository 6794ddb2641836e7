package io.kappacdc.processor.verify;

import io.kappacdc.runtime.columns.HashKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a PostgreSQL relation with some columns hashed, digested here: the server must not learn
 * the key, which it would see in a statement that used it. The connection's transaction must hold
 * one snapshot, as for {@link JdbcDigestSource}.
 *
 * <p>Memory is bounded: rows to be compared one by one are read in ranges of their key digests, a
 * pass over the relation each.
 */
final class HashedDigestSource implements TableDigestSource {
  private static final int FETCH_SIZE = 2000;
  private static final int TEXT_ROWS_MAX = 1000;

  /** Digests of rows held at once: about 30 MB. */
  static final int ROWS_HELD_MAX = 250_000;

  private final String store;
  private final ComparedTable table;
  private final PostgresSession session;
  private final String sql;
  private final Map<Integer, HashKey> hashed;
  private final int rowsHeldMax;

  /**
   * @param relation the rows before hashing
   * @param hashed keys by the indexes of the columns to hash
   */
  HashedDigestSource(
      String store,
      ComparedTable table,
      PostgresSession session,
      JdbcDigestSource.Relation relation,
      Map<Integer, HashKey> hashed) {
    this(store, table, session, relation, hashed, ROWS_HELD_MAX);
  }

  HashedDigestSource(
      String store,
      ComparedTable table,
      PostgresSession session,
      JdbcDigestSource.Relation relation,
      Map<Integer, HashKey> hashed,
      int rowsHeldMax) {
    if (relation.weighted()) {
      throw new IllegalArgumentException("A row stands for itself");
    }
    this.store = store;
    this.table = table;
    this.session = session;
    this.sql = relation.sql();
    this.hashed = Map.copyOf(hashed);
    this.rowsHeldMax = rowsHeldMax;
  }

  @Override
  public String store() {
    return store;
  }

  /** Reads all rows, hashed. */
  private void scan(Consumer<TextRow> each) {
    int size = table.columns().size();
    try (Statement statement = session.connection().createStatement()) {
      statement.setFetchSize(FETCH_SIZE);
      try (ResultSet rows = statement.executeQuery(sql)) {
        while (rows.next()) {
          List<@Nullable String> values = new ArrayList<>(size);
          for (int i = 0; i < size; i++) {
            String value = rows.getString(i + 1);
            HashKey key = hashed.get(i);
            values.add(key == null || value == null ? value : key.hash(value));
          }
          Digest row = Digest.ofText(CanonicalRow.of(values));
          each.accept(
              new TextRow(
                  table.keyed() ? Digest.ofText(CanonicalRow.of(values, table.keyIndexes())) : row,
                  row,
                  values));
        }
      }
    } catch (SQLException e) {
      throw StoreException.reading(store, table.name(), e);
    }
  }

  @Override
  public Map<Integer, ChunkSum> chunkSums(int chunks) {
    Map<Integer, ChunkSum> sums = new HashMap<>();
    scan(
        row ->
            sums.merge(
                row.key().chunk(chunks),
                ChunkSum.EMPTY.plus(new RowDigest(row.key(), row.row(), 1)),
                ChunkSum::plus));
    return sums;
  }

  @Override
  public RowCursor rows(ChunkSelection selection) {
    long selected =
        chunkSums(selection.chunks()).entrySet().stream()
            .filter(chunk -> selection.numbers().contains(chunk.getKey()))
            .mapToLong(chunk -> chunk.getValue().rows())
            .sum();
    return new Passes(selection, Math.toIntExact(selected / rowsHeldMax + 1));
  }

  /** The rows in ascending order, a range of key digests at a time. */
  private final class Passes implements RowCursor {
    private final ChunkSelection selection;
    private final int count;
    private int next;
    private Iterator<RowDigest> held = List.<RowDigest>of().iterator();

    Passes(ChunkSelection selection, int count) {
      this.selection = selection;
      this.count = count;
      advance();
    }

    private void advance() {
      while (!held.hasNext() && next < count) {
        held = read(next++);
      }
    }

    private Iterator<RowDigest> read(int pass) {
      TreeMap<RowDigest, Long> copies = new TreeMap<>();
      scan(
          row -> {
            if (pass(row.key()) == pass && selection.contains(row.key())) {
              copies.merge(new RowDigest(row.key(), row.row(), 1), 1L, Long::sum);
            }
          });
      return copies.entrySet().stream()
          .map(row -> new RowDigest(row.getKey().key(), row.getKey().row(), row.getValue()))
          .iterator();
    }

    /** Which pass a key belongs to: as many equal ranges as passes, in the digests' order. */
    private int pass(Digest key) {
      return (int) (((key.high() >>> 33) * count) >>> 31);
    }

    @Override
    public boolean hasNext() {
      return held.hasNext();
    }

    @Override
    public RowDigest next() {
      if (!held.hasNext()) {
        throw new NoSuchElementException();
      }
      RowDigest row = held.next();
      advance();
      return row;
    }

    @Override
    public void close() {}
  }

  @Override
  public List<TextRow> texts(Set<Digest> keys) {
    List<TextRow> found = new ArrayList<>();
    scan(
        row -> {
          if (found.size() < TEXT_ROWS_MAX && keys.contains(row.key())) {
            found.add(row);
          }
        });
    return found;
  }
}
