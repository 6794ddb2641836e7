package io.kappacdc.benchmarks.peers;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The peers' versions, as {@code benchmarks/peers} names them, and what their settings share. */
final class Versions {
  static final String DEBEZIUM_SERVER = "3.6.0.Final";
  static final String CONNECT = "4.3.1";
  static final String DEBEZIUM_POSTGRES = "3.6.3.Final";
  static final String DEBEZIUM_JDBC = "3.6.0.Final";
  static final String FLINK = "1.20.1";
  static final String FLINK_CDC = "3.5.0";
  static final String ICEBERG = "1.10.2";
  static final String SPARK = "3.5.9";
  static final String DELTA = "3.3.3";

  private Versions() {}

  /** What {@code benchmarks/peers/run} was to fetch. */
  static Path require(Path fetched) {
    if (!Files.exists(fetched)) {
      throw new KappaException(
          "A contender is missing",
          fetched + " is not there: Maven could not fetch it",
          "See what benchmarks/peers/run printed, cure it and run it again.");
    }
    return fetched;
  }

  static String classPath(Testbed bed, String peer) throws IOException {
    return Files.readString(require(bed.fetched(peer + ".classpath"))).strip();
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static void writeProperties(Path file, Map<String, String> properties) throws IOException {
    List<String> lines = new ArrayList<>();
    new TreeMap<>(properties).forEach((key, value) -> lines.add(key + "=" + value));
    Files.write(file, lines);
  }

  /** Debezium's source connector, the same wherever it runs. */
  static Map<String, String> debeziumSource(EmbeddedPostgres source, Contender.Begin begin) {
    Map<String, String> all = new TreeMap<>();
    all.put("database.hostname", "127.0.0.1");
    all.put("database.port", Integer.toString(source.port()));
    all.put("database.user", source.user());
    all.put("database.password", source.password());
    all.put("database.dbname", Testbed.DATABASE);
    all.put("topic.prefix", "src");
    all.put("plugin.name", "pgoutput");
    all.put("slot.name", "peer_slot");
    all.put("publication.name", "peer_pub");
    all.put("publication.autocreate.mode", "disabled");
    all.put("table.include.list", FundMetadataWorkload.TABLE);
    all.put("snapshot.mode", begin.snapshotMode());
    return all;
  }
}
