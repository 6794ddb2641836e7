package io.kappacdc.capture.source;

import io.debezium.relational.TableId;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.event.Column;
import io.kappacdc.event.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table in chunks in the order of its key, on a connection of its own, each in a
 * transaction of its own, without a lock but that of any query; one without a key in chunks of a
 * single query. One thread at a time.
 */
public final class TableReader implements AutoCloseable {
  /** A chunk ends at the first of these; what is read is held in memory. */
  private static final int ROWS_MAX = 10_000;

  private static final long BYTES_MAX = 8 << 20;
  private static final int FETCH_ROWS = 256;
  private static final int LOCK_MILLIS_MAX = 200;
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final SourceDatabase database;
  private final String publication;
  private @Nullable Connection connection;

  /** Of a table without a key, the rows that follow. */
  private @Nullable ResultSet following;

  /**
   * The moment that a chunk shows.
   *
   * @param sees which transactions it has
   * @param endLsn all of these ended before it
   */
  public record Moment(TransactionSnapshot sees, long endLsn) {}

  /**
   * Rows of a table.
   *
   * @param rows texts in the order of the table's columns
   * @param isLast whether no row follows
   */
  public record Chunk(List<@Nullable String[]> rows, boolean isLast) {}

  public TableReader(SourceDatabase database, String publication) {
    this.database = database;
    this.publication = publication;
  }

  private Connection open() throws SQLException {
    Connection open = connection;
    if (open == null || open.isClosed()) {
      open = database.connect();
      open.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      open.setAutoCommit(false);
      connection = open;
    }
    return open;
  }

  /**
   * Begins a chunk: from here on the table keeps its shape until {@link #end}.
   *
   * @return empty if somebody is about to change that shape
   */
  public Optional<Moment> begin(String schema, String table) throws SQLException {
    Connection open = open();
    try (Statement statement = open.createStatement()) {
      // The lock comes before the snapshot, so nothing was rewritten in between.
      statement.execute(
          "SET LOCAL lock_timeout = "
              + LOCK_MILLIS_MAX
              + "; SET LOCAL idle_in_transaction_session_timeout = 0");
      statement.execute("LOCK TABLE " + name(schema, table) + " IN ACCESS SHARE MODE");
      try (ResultSet row =
          statement.executeQuery(
              "SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text")) {
        row.next();
        return Optional.of(
            new Moment(TransactionSnapshot.parse(row.getString(1)), Lsn.parse(row.getString(2))));
      }
    } catch (SQLException e) {
      end();
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Reads the rows behind a key, and ends.
   *
   * @param among oids of the partitions whose rows are wanted; empty for all
   * @param behind text of each key column; empty for the first chunk
   */
  public Chunk read(SourceTable table, List<Long> among, List<String> behind) throws SQLException {
    List<String> conditions = new ArrayList<>();
    if (!among.isEmpty()) {
      conditions.add(boundsOf(among));
    }
    if (!behind.isEmpty()) {
      conditions.add("ROW(" + key(table) + ") > ROW(" + parameters(table) + ")");
    }
    String sql = select(table, conditions) + " ORDER BY " + key(table) + " LIMIT " + ROWS_MAX;
    try (PreparedStatement statement = open().prepareStatement(sql)) {
      for (int i = 0; i < behind.size(); i++) {
        statement.setString(i + 1, behind.get(i));
      }
      statement.setFetchSize(FETCH_ROWS);
      try (ResultSet row = statement.executeQuery()) {
        return take(row, table.columns().size());
      }
    } finally {
      end();
    }
  }

  /**
   * Reads the next rows of a table without a key, all in the moment of {@link #begin}; ends with
   * the last of them.
   */
  public Chunk readNext(SourceTable table) throws SQLException {
    boolean isOver = true;
    try {
      ResultSet rows = following;
      if (rows == null) {
        PreparedStatement statement = open().prepareStatement(select(table, List.of()));
        statement.setFetchSize(FETCH_ROWS);
        rows = statement.executeQuery();
        following = rows;
      }
      Chunk chunk = take(rows, table.columns().size());
      isOver = chunk.isLast();
      return chunk;
    } finally {
      if (isOver) {
        end();
      }
    }
  }

  private static Chunk take(ResultSet row, int columns) throws SQLException {
    List<@Nullable String[]> rows = new ArrayList<>();
    long bytes = 0;
    while (row.next()) {
      @Nullable String[] values = new String[columns];
      for (int i = 0; i < values.length; i++) {
        values[i] = row.getString(i + 1);
        bytes += values[i] == null ? 0 : values[i].length();
      }
      rows.add(values);
      if (bytes > BYTES_MAX || rows.size() == ROWS_MAX) {
        return new Chunk(rows, false);
      }
    }
    return new Chunk(rows, true);
  }

  /** All rows, as text, under conditions. */
  private String select(SourceTable table, List<String> further) throws SQLException {
    PublishedTable published =
        PublishedTable.read(open(), publication, new TableId(null, table.schema(), table.table()))
            .orElseThrow(() -> new SQLException("The table is not published any more"));
    Map<String, String> texts = new HashMap<>();
    published.columns().forEach(column -> texts.put(column.name(), column.asText()));
    List<String> values = new ArrayList<>();
    for (Column column : table.columns()) {
      String text = texts.get(column.name());
      if (text == null) {
        throw new SQLException("The publication does not send a column any more");
      }
      values.add(text);
    }
    List<String> conditions = new ArrayList<>();
    if (published.rowFilter() != null) {
      conditions.add("(" + published.rowFilter() + ")");
    }
    conditions.addAll(further);
    return "SELECT "
        + String.join(", ", values)
        + " FROM "
        + (published.only() ? "ONLY " : "")
        + name(table.schema(), table.table())
        + " AS source"
        + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions));
  }

  /**
   * What is true of rows of these partitions alone, by which the others are not looked at. One that
   * is no partition any more has none.
   */
  private String boundsOf(List<Long> partitions) throws SQLException {
    String sql =
        "SELECT coalesce(string_agg('(' || bounds || ')', ' OR '), 'false')"
            + " FROM unnest(?::int8[]::oid[]) AS p(oid), pg_get_partition_constraintdef(p.oid) AS bounds";
    try (PreparedStatement statement = open().prepareStatement(sql)) {
      statement.setArray(1, open().createArrayOf("int8", partitions.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return "(" + row.getString(1) + ")";
      }
    }
  }

  /** By a bare name PostgreSQL would order by the text of that name that is selected. */
  private static String key(SourceTable table) {
    return table.key().stream()
        .map(name -> "source." + PublishedTable.quote(name))
        .collect(Collectors.joining(", "));
  }

  /** A parameter for each key column, of its type. */
  private static String parameters(SourceTable table) {
    return table.key().stream()
        .map(name -> "?::" + column(table, name).type())
        .collect(Collectors.joining(", "));
  }

  private static Column column(SourceTable table, String name) {
    return table.columns().stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /**
   * What some columns of a row have now; null also for a column that is gone.
   *
   * @param key texts of the key's columns
   * @param names the columns, at least one
   * @return empty if the row is gone
   */
  public Optional<List<@Nullable String>> present(
      SourceTable table, List<String> key, List<String> names) throws SQLException {
    Connection open = open();
    PublishedTable published =
        PublishedTable.read(open, publication, new TableId(null, table.schema(), table.table()))
            .orElse(null);
    if (published == null) {
      end();
      return Optional.empty();
    }
    String keyColumns =
        table.key().stream().map(PublishedTable::quote).collect(Collectors.joining(", "));
    Map<String, String> texts = new HashMap<>();
    published.columns().forEach(column -> texts.put(column.name(), column.asText()));
    String sql =
        "SELECT "
            + names.stream()
                .map(name -> texts.getOrDefault(name, "NULL::text"))
                .collect(Collectors.joining(", "))
            + " FROM "
            + (published.only() ? "ONLY " : "")
            + name(table.schema(), table.table())
            + " WHERE ROW("
            + keyColumns
            + ") = ROW("
            + parameters(table)
            + ")";
    try (PreparedStatement statement = open.prepareStatement(sql)) {
      for (int i = 0; i < key.size(); i++) {
        statement.setString(i + 1, key.get(i));
      }
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
          values.add(row.getString(i + 1));
        }
        return Optional.of(values);
      }
    } finally {
      end();
    }
  }

  private static String name(String schema, String table) {
    return PublishedTable.quote(schema) + '.' + PublishedTable.quote(table);
  }

  /** Ends the transaction, in which nothing was written. */
  public void end() {
    ResultSet rows = following;
    following = null;
    Connection open = connection;
    if (open != null) {
      try {
        if (rows != null) {
          rows.getStatement().close();
        }
        open.rollback();
      } catch (SQLException e) {
        connection = null; // a broken connection is not used again
      }
    }
  }

  @Override
  public void close() {
    Connection open = connection;
    if (open != null) {
      try {
        open.abort(Runnable::run); // also while another thread reads
      } catch (SQLException e) {
        throw new TransientFailure("Cannot close a connection to the source", e);
      }
    }
  }
}
