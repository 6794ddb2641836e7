package io.kappacdc.processor.postgres;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.TableSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalLong;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * One COPY of changes of one schema into their trail, buffered in {@value #BUFFER_BYTES} bytes. Not
 * thread-safe.
 */
final class TrailCopy {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final String STAGING_TABLE = "kappa_staging";
  private static final String STAGING = "pg_temp." + STAGING_TABLE;

  private final Connection connection;
  private final TrailTable trail;
  private final CopyText text;
  private final TrailSliceTask.Mode mode;
  private final CopyIn copy;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;

  /** Of the records, in the order of the lines. */
  private long[] offsets = new long[64];

  private int lines;

  private TrailCopy(Connection connection, CopyText text, TrailSliceTask.Mode mode, CopyIn copy) {
    this.connection = connection;
    this.trail = TrailTable.of(text.schema());
    this.text = text;
    this.mode = mode;
    this.copy = copy;
  }

  static TrailCopy begin(
      Connection connection, TableSchema schema, Instant sinkTime, TrailSliceTask.Mode mode)
      throws SQLException {
    TrailTable trail = TrailTable.of(schema);
    String sql = trail.copySql(schema);
    if (mode == TrailSliceTask.Mode.MERGE) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TEMPORARY TABLE "
                + STAGING_TABLE
                + " (LIKE "
                + trail.sql()
                + ") ON COMMIT DROP");
      }
      sql = sql.replace("COPY " + trail.sql(), "COPY " + STAGING);
    }
    CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
    return new TrailCopy(connection, new CopyText(schema, sinkTime), mode, copy);
  }

  TableSchema schema() {
    return text.schema();
  }

  /** Adds the event that the record at {@code offset} brought. */
  void add(ChangeEvent event, long offset) throws SQLException {
    if (lines == offsets.length) {
      offsets = Arrays.copyOf(offsets, lines * 2);
    }
    offsets[lines++] = offset;
    byte[] line = text.line(event);
    if (buffered + line.length > buffer.length) {
      flush();
    }
    if (line.length > buffer.length) {
      copy.writeToCopy(line, 0, line.length);
    } else {
      System.arraycopy(line, 0, buffer, buffered, line.length);
      buffered += line.length;
    }
  }

  private void flush() throws SQLException {
    if (buffered > 0) {
      copy.writeToCopy(buffer, 0, buffered);
      buffered = 0;
    }
  }

  /** Ends the COPY; returns how many of its changes the trail had already. */
  long end() throws SQLException {
    flush();
    long copied = copy.endCopy();
    if (mode == TrailSliceTask.Mode.COPY) {
      return 0;
    }
    String columns = trail.columnList(text.schema());
    try (Statement statement = connection.createStatement()) {
      long inserted =
          statement.executeLargeUpdate(
              "INSERT INTO "
                  + trail.sql()
                  + " ("
                  + columns
                  + ") SELECT "
                  + columns
                  + " FROM "
                  + STAGING
                  + " ON CONFLICT (_kappa_lsn, _kappa_ordinal) DO NOTHING");
      statement.execute("DROP TABLE " + STAGING);
      return copied - inserted;
    }
  }

  /** The offset of the record that the COPY failed at; empty if the server does not say. */
  OptionalLong failedAt(SQLException e) {
    String table = mode == TrailSliceTask.Mode.MERGE ? STAGING_TABLE : trail.table();
    long line = ServerMessage.copyLine(e, table);
    return line >= 1 && line <= lines
        ? OptionalLong.of(offsets[(int) line - 1])
        : OptionalLong.empty();
  }

  /**
   * Gives the COPY up, also one whose end failed: until then every other call on the connection
   * waits, for good if nobody is there to answer.
   */
  void cancel() throws SQLException {
    if (copy.isActive()) {
      copy.cancelCopy();
    }
  }
}
