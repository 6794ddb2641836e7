package io.kappacdc.chaos.stack;

import io.kappacdc.chaos.proxy.TcpProxy;
import io.kappacdc.stack.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

/** The broker. Its clients are told the proxy's port; it reaches itself without. */
public final class KafkaServer implements Server {
  private static final Duration DELETED_MAX = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  private final TcpProxy proxy;
  private final Path directory;
  private volatile EmbeddedKafka server;

  private KafkaServer(TcpProxy proxy, Path directory, EmbeddedKafka server) {
    this.proxy = proxy;
    this.directory = directory;
    this.server = server;
    proxy.pointTo(server.port());
  }

  static KafkaServer start(Path directory) {
    TcpProxy proxy = TcpProxy.to(0); // until the broker has a port
    try {
      return new KafkaServer(
          proxy,
          directory,
          EmbeddedKafka.builder(directory)
              .heap("384m")
              .advertisedPort(proxy.port())
              .withoutShutdownHook()
              .start());
    } catch (RuntimeException e) {
      proxy.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return "broker";
  }

  @Override
  public TcpProxy proxy() {
    return proxy;
  }

  /** Through the proxy. */
  public String bootstrapServers() {
    return server.bootstrapServers();
  }

  /** Past the proxy. */
  public String directBootstrapServers() {
    return server.directBootstrapServers();
  }

  /** The topics whose names begin so, in order. */
  public List<String> topics(String prefix) throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      return admin.listTopics().names().get().stream()
          .filter(name -> name.startsWith(prefix))
          .sorted()
          .toList();
    }
  }

  /**
   * Deletes a topic with all that it holds. Nobody reads that any more when this returns, although
   * Kafka says that it is done before the broker has put the logs away.
   */
  public void deleteTopic(String topic)
      throws ExecutionException, InterruptedException, IOException {
    try (Admin admin = admin()) {
      Uuid id = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId();
      admin.deleteTopics(List.of(topic)).all().get();
      long deadline = System.nanoTime() + DELETED_MAX.toNanos();
      while (hasLog(topic, id)) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("The broker keeps the logs of " + topic);
        }
        Thread.sleep(POLL.toMillis());
      }
    }
  }

  /** Another topic of that name has another id, and a log that is put away another name. */
  private boolean hasLog(String topic, Uuid id) throws IOException {
    Pattern partition = Pattern.compile(Pattern.quote(topic) + "-\\d+");
    List<Path> logs;
    try (Stream<Path> files = Files.list(directory.resolve("data"))) {
      logs =
          files.filter(log -> partition.matcher(log.getFileName().toString()).matches()).toList();
    }
    for (Path log : logs) {
      try {
        if (Files.readString(log.resolve("partition.metadata")).contains(id.toString())) {
          return true;
        }
      } catch (NoSuchFileException e) {
        continue; // put away, or new
      }
    }
    return false;
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", directBootstrapServers()));
  }

  @Override
  public List<Long> pids() {
    return server.pids();
  }

  @Override
  public void kill() {
    server.kill();
  }

  @Override
  public void startAgain() {
    server = server.startAgain();
    proxy.pointTo(server.port());
  }

  @Override
  public void close() {
    proxy.close();
    server.kill();
  }
}
