package io.kappacdc.processor;

import io.kappacdc.event.Lsn;
import io.kappacdc.processor.postgres.PostgresSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads the stores as they were at moments that they recorded. */
final class RecordedMoments {
  private static final String LATEST =
      "SELECT sum(balance) FROM (SELECT id, balance, row_number() OVER (PARTITION BY id"
          + " ORDER BY _kappa_lsn DESC, _kappa_ordinal DESC) AS rank FROM %s"
          + " WHERE _kappa_op <> 't') AS latest WHERE rank = 1";

  private final SparkSession spark;
  private final String lake;
  private final PostgresSettings postgres;
  private List<Row> cuts = List.of();

  RecordedMoments(SparkSession spark, String lake, PostgresSettings postgres) {
    this.spark = spark.newSession();
    // The tables are tiny, and many versions are read.
    this.spark.conf().set("spark.sql.shuffle.partitions", 1);
    this.spark.conf().set("spark.databricks.delta.snapshotPartitions", 1);
    this.lake = lake;
    this.postgres = postgres;
  }

  /** Reads anew what the lake has recorded. */
  void refresh() {
    cuts =
        spark
            .read()
            .format("delta")
            .load(lake + "/kappa/cuts")
            .select("sink", "lsn", "table_name", "version")
            .collectAsList();
  }

  /** LSNs of the moments that a sink recorded, in order, as of the last {@link #refresh}. */
  List<Long> of(String sink) {
    return cuts.stream()
        .filter(row -> row.getString(0).equals(sink) && row.isNullAt(2))
        .map(row -> row.getLong(1))
        .sorted()
        .toList();
  }

  private long version(String sink, String table, long lsn) {
    return cuts.stream()
        .filter(row -> row.getString(0).equals(sink) && table.equals(row.getString(2)))
        .filter(row -> row.getLong(1) <= lsn)
        .max(Comparator.comparingLong(row -> row.getLong(1)))
        .orElseThrow()
        .getLong(3);
  }

  private Dataset<Row> table(String sink, String name, long lsn) {
    String store = sink.equals("delta-mirror") ? "mirror" : "trail";
    return spark
        .read()
        .format("delta")
        .option("versionAsOf", version(sink, name, lsn))
        .load(lake + '/' + store + '/' + name);
  }

  long sumInMirror(long lsn) {
    return sum("delta-mirror", lsn, "SELECT sum(balance) FROM %s");
  }

  long sumInTrail(long lsn) {
    return sum("delta-trail", lsn, LATEST);
  }

  private long sum(String sink, long lsn, String query) {
    long sum = 0;
    for (String name : List.of("account_a", "account_b")) {
      table(sink, "public." + name, lsn).createOrReplaceTempView("at_moment");
      sum += spark.sql(query.formatted("at_moment")).first().getLong(0);
    }
    return sum;
  }

  /** The balances by the PostgreSQL trail at an LSN. */
  long sumInPostgres(long lsn) throws SQLException {
    long sum = 0;
    for (String name : List.of("account_a", "account_b")) {
      String before =
          "(SELECT * FROM public."
              + name
              + "_trail WHERE _kappa_lsn <= '"
              + Lsn.format(lsn)
              + "') AS t";
      sum += number(LATEST.formatted(before));
    }
    return sum;
  }

  long rowsInPostgres() throws SQLException {
    return number(
        "SELECT (SELECT count(*) FROM public.account_a_trail)"
            + " + (SELECT count(*) FROM public.account_b_trail)");
  }

  long rowsInTrail() {
    long rows = 0;
    for (String name : List.of("account_a", "account_b")) {
      rows += spark.read().format("delta").load(lake + "/trail/public." + name).count();
    }
    return rows;
  }

  /** The LSN up to which the PostgreSQL trail says it is complete; 0 before it says so. */
  long progress() throws SQLException {
    return number("SELECT coalesce(max(lsn), '0/0') - '0/0'::pg_lsn FROM kappa.progress");
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = ServersForTests.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
