package io.kappacdc.benchmarks.peers;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Debezium Server into Kafka, on a Java of the version it needs.
 *
 * @param settings on top of what names servers, tables and format
 */
record DebeziumServer(String label, Map<String, String> settings) implements Contender {
  static final String TOPIC = "src.public.fund_metadata";

  private static final int JAVA_MIN = 25;

  static final DebeziumServer DEFAULTS = new DebeziumServer("Debezium Server", Map.of());

  static final DebeziumServer TUNED =
      new DebeziumServer(
          "Debezium Server, tuned",
          Map.of(
              "debezium.source.max.batch.size", "8192",
              "debezium.source.max.queue.size", "32768",
              "debezium.source.poll.interval.ms", "50",
              "debezium.sink.kafka.producer.compression.type", "lz4",
              "debezium.sink.kafka.producer.linger.ms", "20",
              "debezium.sink.kafka.producer.batch.size", "262144"));

  DebeziumServer {
    settings = Map.copyOf(settings);
  }

  @Override
  public Map<String, String> versions() {
    return Map.of("io.debezium:debezium-server-dist", Versions.DEBEZIUM_SERVER);
  }

  @Override
  public void prepare(Testbed bed, Begin begin) throws SQLException {
    bed.createPublicationAndSlot();
  }

  @Override
  public List<PeerProcess> start(Testbed bed, Begin begin) throws IOException {
    Path dist = Versions.require(bed.fetched("debezium-server"));
    Path home = Files.createDirectories(bed.directory().resolve("servers").resolve("debezium"));
    Path config = Files.createDirectories(home.resolve("config"));
    Map<String, String> all = new TreeMap<>(basics(bed, home, begin));
    all.putAll(settings);
    Versions.writeProperties(config.resolve("application.properties"), all);
    String classPath = runner(dist) + ":" + config + ":" + dist.resolve("lib") + "/*";
    List<String> command =
        List.of(
            java().toString(), "-Xms512m", "-Xmx2g", "-cp", classPath, "io.debezium.server.Main");
    return List.of(
        PeerProcess.start("debezium-server", command, Map.of(), home, bed.log("debezium-server")));
  }

  private static Map<String, String> basics(Testbed bed, Path home, Begin begin) {
    EmbeddedPostgres source = bed.servers().source();
    Map<String, String> all = new TreeMap<>();
    all.put("debezium.sink.type", "kafka");
    String producer = "debezium.sink.kafka.producer.";
    String serializer = "org.apache.kafka.common.serialization.StringSerializer";
    all.put(producer + "bootstrap.servers", bed.servers().kafka().bootstrapServers());
    all.put(producer + "key.serializer", serializer);
    all.put(producer + "value.serializer", serializer);
    String connector = "debezium.source.";
    all.put(connector + "connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    all.put(connector + "offset.storage.file.filename", home.resolve("offsets").toString());
    all.put(connector + "offset.flush.interval.ms", "10000");
    Versions.debeziumSource(source, begin).forEach((key, value) -> all.put(connector + key, value));
    all.put("debezium.format.schemas.enable", "false");
    all.put("debezium.format.key.schemas.enable", "false");
    all.put("debezium.format.value.schemas.enable", "false");
    all.put("quarkus.http.port", "0");
    all.put("quarkus.log.level", "WARN");
    all.put("quarkus.log.console.json", "false");
    return all;
  }

  private static Path runner(Path dist) throws IOException {
    try (Stream<Path> files = Files.list(dist)) {
      return files.filter(file -> file.toString().endsWith("runner.jar")).findFirst().orElseThrow();
    }
  }

  /** {@code PEERS_JAVA25}, else the newest that is beside the Java this runs on. */
  private static Path java() throws IOException {
    String named = System.getenv("PEERS_JAVA25");
    if (named != null) {
      return Path.of(named).resolve("bin").resolve("java");
    }
    Path neighbours = Path.of(System.getProperty("java.home")).toAbsolutePath().getParent();
    try (Stream<Path> homes = Files.list(neighbours)) {
      return homes
          .filter(home -> version(home).filter(version -> version >= JAVA_MIN).isPresent())
          .findFirst()
          .map(home -> home.resolve("bin").resolve("java"))
          .orElseThrow(
              () ->
                  new KappaException(
                      "Debezium Server cannot be started",
                      "it needs Java " + JAVA_MIN + ", and there is none in " + neighbours,
                      "Set PEERS_JAVA25 to the home of one."));
    }
  }

  private static Optional<Integer> version(Path home) {
    try (Stream<String> lines = Files.lines(home.resolve("release"))) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> Integer.valueOf(line.replaceAll("\\D*(\\d+).*", "$1")))
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<Destination> destinations(Testbed bed, Begin begin) {
    return List.of(new KafkaTopic(bed, TOPIC, KafkaTopic.Format.DEBEZIUM));
  }
}
