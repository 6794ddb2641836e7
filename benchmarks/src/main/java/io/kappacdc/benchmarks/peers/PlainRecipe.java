package io.kappacdc.benchmarks.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What tutorials show: Debezium Server into Kafka, and Spark's foreachBatch, which appends to
 * PostgreSQL by JDBC, appends to Delta, then merges the batch's latest rows with Delta's MERGE. Its
 * program is {@code benchmarks/peers/spark/PlainRecipe.java}.
 */
final class PlainRecipe implements Contender {
  private static final DebeziumServer CAPTURE =
      new DebeziumServer(
          "capture of the plain recipe", Map.of("debezium.source.decimal.handling.mode", "string"));

  private static final String TRAIL =
      """
      CREATE TABLE public.fund_trail (
        fund_id integer, fund_name text, fund_code text, fund_description text, updated_at bigint,
        fund_price numeric(10,2), op text, ts_us bigint, lsn bigint)""";

  @Override
  public String label() {
    return "plain recipe";
  }

  @Override
  public Map<String, String> versions() {
    return Map.of(
        "io.debezium:debezium-server-dist", Versions.DEBEZIUM_SERVER,
        "org.apache.spark:spark-sql_2.12", Versions.SPARK,
        "io.delta:delta-spark_2.12", Versions.DELTA);
  }

  @Override
  public Map<String, String> settings() {
    return CAPTURE.settings();
  }

  @Override
  public void prepare(Testbed bed, Begin begin) throws SQLException {
    CAPTURE.prepare(bed, begin);
    try (Connection sink = bed.sink();
        Statement statement = sink.createStatement()) {
      statement.execute(TRAIL);
      statement.execute("CREATE INDEX ON public.fund_trail (fund_id)");
    }
  }

  @Override
  public List<PeerProcess> start(Testbed bed, Begin begin) throws IOException {
    List<PeerProcess> processes = new ArrayList<>(CAPTURE.start(bed, begin));
    Files.createDirectories(bed.lake());
    processes.add(
        program(
            bed,
            "spark",
            List.of(
                "stream",
                bed.servers().kafka().bootstrapServers(),
                DebeziumServer.TOPIC,
                bed.servers().sink().jdbcUrl(Testbed.DATABASE),
                bed.servers().sink().user(),
                bed.lake().toString())));
    return processes;
  }

  /** The recipe's program; its password comes from the environment. */
  static PeerProcess program(Testbed bed, String name, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Versions.java());
    command.add("-Xmx3g");
    command.addAll(List.of(System.getProperty("peers.spark.options", "").split(" ")));
    command.add("-cp");
    Path classes = Versions.require(bed.fetched("spark-classes"));
    command.add(classes + ":" + Versions.classPath(bed, "spark"));
    command.add("PlainRecipe");
    command.addAll(arguments);
    return PeerProcess.start(
        name,
        command,
        Map.of("SINK_PASSWORD", bed.servers().sink().password()),
        bed.directory(),
        bed.log(name));
  }

  @Override
  public List<Destination> destinations(Testbed bed, Begin begin) throws SQLException {
    return List.of(
        new SqlTable(bed, SqlTable.Shape.APPENDED),
        new DeltaTable(bed, "trail", DeltaTable.Shape.APPENDED),
        new DeltaTable(bed, "mirror", DeltaTable.Shape.MIRROR));
  }
}
