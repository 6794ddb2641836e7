package io.kappacdc.benchmarks.peers;

import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One Connect worker with Debezium's source and Debezium's JDBC sink, upserting the current rows.
 *
 * @param settings not at their defaults, by connector, {@code source.} or {@code sink.} in front
 */
record KafkaConnect(String label, Map<String, String> settings) implements Contender {
  static final KafkaConnect DEFAULTS = new KafkaConnect("Kafka Connect", Map.of());

  static final KafkaConnect TUNED =
      new KafkaConnect(
          "Kafka Connect, tuned",
          Map.ofEntries(
              Map.entry("source.max.batch.size", "8192"),
              Map.entry("source.max.queue.size", "32768"),
              Map.entry("source.poll.interval.ms", "50"),
              Map.entry("source.producer.override.compression.type", "lz4"),
              Map.entry("source.producer.override.linger.ms", "20"),
              Map.entry("source.producer.override.batch.size", "262144"),
              Map.entry("sink.batch.size", "5000"),
              Map.entry("sink.use.reduction.buffer", "true"),
              Map.entry("sink.consumer.override.max.poll.records", "5000"),
              Map.entry("sink.consumer.override.fetch.max.bytes", "52428800"),
              Map.entry("sink.consumer.override.max.partition.fetch.bytes", "16777216"),
              Map.entry("sink.connection.parameters", "?reWriteBatchedInserts=true")));

  KafkaConnect {
    settings = Map.copyOf(settings);
  }

  @Override
  public Map<String, String> versions() {
    return Map.of(
        "org.apache.kafka:connect-runtime", Versions.CONNECT,
        "io.debezium:debezium-connector-postgres", Versions.DEBEZIUM_POSTGRES,
        "io.debezium:debezium-connector-jdbc", Versions.DEBEZIUM_JDBC);
  }

  @Override
  public void prepare(Testbed bed, Begin begin) throws SQLException {
    bed.createPublicationAndSlot();
  }

  @Override
  public List<PeerProcess> start(Testbed bed, Begin begin) throws IOException {
    Path home = Files.createDirectories(bed.directory().resolve("servers").resolve("connect"));
    Path worker = home.resolve("worker.properties");
    Path source = home.resolve("source.properties");
    Path sink = home.resolve("sink.properties");
    Versions.writeProperties(worker, worker(bed, home));
    Versions.writeProperties(source, source(bed, begin));
    Versions.writeProperties(sink, sink(bed));
    Path logging = bed.installation().resolve("benchmarks/peers/connect/log4j2.xml");
    List<String> command =
        List.of(
            Versions.java(),
            "-Xms512m",
            "-Xmx2g",
            "-XX:+UseG1GC",
            "-Dlog4j2.configurationFile=" + logging,
            "-cp",
            Versions.classPath(bed, "connect"),
            "org.apache.kafka.connect.cli.ConnectStandalone",
            worker.toString(),
            source.toString(),
            sink.toString());
    return List.of(PeerProcess.start("connect", command, Map.of(), home, bed.log("connect")));
  }

  private static Map<String, String> worker(Testbed bed, Path home) {
    Map<String, String> all = new TreeMap<>();
    all.put("bootstrap.servers", bed.servers().kafka().bootstrapServers());
    all.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
    all.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    all.put("offset.storage.file.filename", home.resolve("offsets").toString());
    all.put("offset.flush.interval.ms", "10000");
    all.put("listeners", "http://127.0.0.1:0");
    all.put("plugin.path", Versions.require(bed.fetched("connect-plugins")).toString());
    all.put("plugin.discovery", "hybrid_warn");
    all.put("connector.client.config.override.policy", "All");
    return all;
  }

  private Map<String, String> source(Testbed bed, Begin begin) {
    Map<String, String> all = new TreeMap<>(Versions.debeziumSource(bed.servers().source(), begin));
    all.put("name", "source");
    all.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    all.put("tasks.max", "1");
    addTuning(all, "source.");
    return all;
  }

  private Map<String, String> sink(Testbed bed) {
    EmbeddedPostgres server = bed.servers().sink();
    Map<String, String> all = new TreeMap<>();
    all.put("name", "sink");
    all.put("connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector");
    all.put("tasks.max", "1");
    all.put("topics", DebeziumServer.TOPIC);
    all.put("connection.username", server.user());
    all.put("connection.password", server.password());
    all.put("insert.mode", "upsert");
    all.put("delete.enabled", "true");
    all.put("primary.key.mode", "record_key");
    all.put("schema.evolution", "basic");
    all.put("collection.name.format", "fund_metadata");
    all.put("consumer.override.auto.offset.reset", "earliest");
    addTuning(all, "sink.");
    String parameters = all.remove("connection.parameters");
    String url = server.jdbcUrl(Testbed.DATABASE);
    all.put("connection.url", parameters == null ? url : url + parameters);
    return all;
  }

  private void addTuning(Map<String, String> all, String prefix) {
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            all.put(key.substring(prefix.length()), value);
          }
        });
  }

  @Override
  public List<Destination> destinations(Testbed bed, Begin begin) throws SQLException {
    return List.of(new SqlTable(bed, SqlTable.Shape.CURRENT_ROWS));
  }
}
