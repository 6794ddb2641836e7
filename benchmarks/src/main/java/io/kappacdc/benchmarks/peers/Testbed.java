package io.kappacdc.benchmarks.peers;

import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedPostgres;
import io.kappacdc.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Fresh servers for one run of one contender, the same for all, deleted at its end.
 *
 * @param installation the project's directory
 * @param directory of this run; the logs in it stay
 */
record Testbed(Path installation, Path directory, LocalStack servers) implements AutoCloseable {
  static final String DATABASE = "bench";

  private static final Map<String, String> POSTGRES =
      new TreeMap<>(Map.of("shared_buffers", "512MB", "max_wal_size", "4GB"));
  private static final Map<String, String> KAFKA =
      new TreeMap<>(
          Map.of(
              "auto.create.topics.enable", "true", "log.message.timestamp.type", "LogAppendTime"));
  private static final String KAFKA_HEAP = "1g";

  static Testbed start(Path installation, Path directory) throws IOException, SQLException {
    delete(directory); // of an earlier run; its logs are of interest until here
    Path home = Files.createDirectories(directory).resolve("servers");
    LocalStack servers =
        LocalStack.start(
            home,
            EmbeddedPostgres.builder(home.resolve("source")).settings(POSTGRES),
            EmbeddedPostgres.builder(home.resolve("sink")).settings(POSTGRES),
            EmbeddedKafka.builder(home.resolve("kafka")).settings(KAFKA).heap(KAFKA_HEAP));
    Testbed bed = new Testbed(installation, directory, servers);
    servers.source().createDatabaseIfMissing(DATABASE);
    servers.sink().createDatabaseIfMissing(DATABASE);
    return bed;
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** What differs from local-stack's own settings, for the record. */
  static Map<String, String> settings() {
    Map<String, String> all = new TreeMap<>();
    POSTGRES.forEach((name, value) -> all.put("postgres." + name, value));
    KAFKA.forEach((name, value) -> all.put("kafka." + name, value));
    all.put("kafka.heap", KAFKA_HEAP);
    return all;
  }

  Connection source() throws SQLException {
    return servers.source().connect(DATABASE);
  }

  Connection sink() throws SQLException {
    return servers.sink().connect(DATABASE);
  }

  /** The publication and slot that peers read; kappa makes its own. */
  void createPublicationAndSlot() throws SQLException {
    try (Connection connection = source();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE PUBLICATION peer_pub FOR TABLE " + FundMetadataWorkload.TABLE);
      statement.execute("SELECT pg_create_logical_replication_slot('peer_slot', 'pgoutput')");
    }
  }

  Path lake() {
    return directory.resolve("servers").resolve("lake");
  }

  Path log(String process) {
    return directory.resolve(process + ".log");
  }

  Path fetched(String name) {
    return installation.resolve(".kappa").resolve("peers").resolve(name);
  }

  @Override
  public void close() {
    servers.closeAndDelete();
  }
}
