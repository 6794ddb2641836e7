package io.kappacdc.benchmarks.peers;

import io.kappacdc.benchmarks.peers.Arrival.Correctness;
import io.kappacdc.benchmarks.peers.Arrival.Progress;
import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A table in the sink's PostgreSQL, timed by that server's commit clock. */
final class SqlTable implements Destination {
  private static final String COMMIT_MICROS =
      "(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1e6)::bigint";
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String UNDEFINED_SCHEMA = "3F000";

  private final Testbed bed;
  private final Shape shape;
  private final Connection sink;
  private String seen = "";
  private long movedMicros = CpuAccount.nowMicros();

  /** What the table's rows are. */
  enum Shape {
    KAPPA_TRAIL(
        "PostgreSQL trail",
        "public.fund_metadata_trail",
        "max(_kappa_lsn)",
        "(extract(epoch FROM _kappa_ts) * 1e6)::bigint",
        "(_kappa_lsn, _kappa_ordinal)",
        "_kappa_lsn DESC, _kappa_ordinal DESC",
        "_kappa_op <> 'd'"),
    APPENDED(
        "PostgreSQL append",
        "public.fund_trail",
        "max(fund_id)",
        "ts_us",
        "(lsn, op, fund_id)",
        "lsn DESC",
        "op <> 'd'"),
    CURRENT_ROWS("PostgreSQL upsert", "public.fund_metadata", "max(fund_id)", "", "", "", "");

    private final String label;
    private final String table;
    private final String probe;
    private final String sourceMicros;
    private final String identity;
    private final String latestFirst;
    private final String isRow;

    Shape(
        String label,
        String table,
        String probe,
        String sourceMicros,
        String identity,
        String latestFirst,
        String isRow) {
      this.label = label;
      this.table = table;
      this.probe = probe;
      this.sourceMicros = sourceMicros;
      this.identity = identity;
      this.latestFirst = latestFirst;
      this.isRow = isRow;
    }
  }

  SqlTable(Testbed bed, Shape shape) throws SQLException {
    this.bed = bed;
    this.shape = shape;
    this.sink = bed.sink();
  }

  @Override
  public boolean isComplete(Expected expected) throws SQLException {
    String probe = text("SELECT " + shape.probe + " FROM " + shape.table);
    long now = CpuAccount.nowMicros();
    if (probe == null || !probe.equals(seen)) {
      seen = probe == null ? "" : probe;
      movedMicros = now;
      return false;
    }
    if (now - movedMicros < QUIET_MICROS) {
      return false;
    }
    movedMicros = now; // counting is not free: at most once in a while
    long count = Long.parseLong(String.valueOf(text("SELECT count(*) FROM " + shape.table)));
    return shape == Shape.CURRENT_ROWS
        ? count == expected.rows().size()
            && probe.equals(Integer.toString(expected.commits().highestKey()))
        : count >= expected.changes();
  }

  /** Null while there is no such table, or nothing in it. */
  private @Nullable String text(String query) throws SQLException {
    try (Statement statement = sink.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : null;
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState()) || UNDEFINED_SCHEMA.equals(e.getSQLState())) {
        return null;
      }
      throw e;
    }
  }

  @Override
  public Arrival arrival(Expected expected) throws SQLException {
    if (text("SELECT 1 FROM " + shape.table + " LIMIT 1") == null) {
      throw new KappaException(
          "Nothing arrived in " + shape.label,
          "there is no row in " + shape.table,
          "See the contender's logs in " + bed.directory() + ".");
    }
    return shape == Shape.CURRENT_ROWS ? ofRows(expected) : ofHistory(expected);
  }

  private Arrival ofHistory(Expected expected) throws SQLException {
    Histogram latency = Arrival.histogram();
    String delays =
        "SELECT %s - %s, count(*) FROM %s WHERE %s >= %d GROUP BY 1"
            .formatted(
                COMMIT_MICROS,
                shape.sourceMicros,
                shape.table,
                shape.sourceMicros,
                expected.fromMicros());
    each(sink, delays, (delay, changes) -> Arrival.record(latency, delay, changes));
    String state =
        "SELECT fund_id, %s FROM (SELECT DISTINCT ON (fund_id) * FROM %s ORDER BY fund_id, %s) t WHERE %s"
            .formatted(FundMetadataWorkload.DIGEST, shape.table, shape.latestFirst, shape.isRow);
    long[] counts = new long[2];
    each(
        sink,
        "SELECT count(*), count(DISTINCT " + shape.identity + ") FROM " + shape.table,
        (all, distinct) -> {
          counts[0] = all;
          counts[1] = distinct;
        });
    return new Arrival(
        shape.label,
        "every change: commit timestamps of sink and source",
        progress(),
        latency,
        Correctness.ofHistory(expected, counts[0], counts[1], Expected.rows(sink, state)));
  }

  private Arrival ofRows(Expected expected) throws SQLException {
    String commits = "SELECT fund_id, " + COMMIT_MICROS + " FROM public.fund_metadata";
    Map<Long, Long> visible = new HashMap<>();
    each(sink, commits, visible::put);
    Histogram latency = Arrival.histogram();
    try (Connection source = bed.source()) {
      each(
          source,
          commits,
          (key, micros) -> {
            Long arrived = visible.get(key);
            if (arrived != null && micros >= expected.fromMicros()) {
              Arrival.record(latency, arrived - micros, 1);
            }
          });
    }
    String state = "SELECT fund_id, " + FundMetadataWorkload.DIGEST + " FROM " + shape.table;
    return new Arrival(
        shape.label,
        "the last change of every row that is left: commit timestamps of sink and source",
        progress(),
        latency,
        Correctness.ofRows(expected, Expected.rows(sink, state)));
  }

  private List<Progress> progress() throws SQLException {
    List<Progress> progress = new ArrayList<>();
    long[] total = new long[1];
    each(
        sink,
        "SELECT %s, count(*) FROM %s GROUP BY 1 ORDER BY 1".formatted(COMMIT_MICROS, shape.table),
        (micros, rows) -> {
          total[0] += rows;
          progress.add(new Progress(micros, total[0]));
        });
    return progress;
  }

  private interface PairOfNumbers {
    void take(long first, long second);
  }

  private static void each(Connection connection, String query, PairOfNumbers taker)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        taker.take(rows.getLong(1), rows.getLong(2));
      }
    }
  }

  @Override
  public void close() throws SQLException {
    sink.close();
  }
}
