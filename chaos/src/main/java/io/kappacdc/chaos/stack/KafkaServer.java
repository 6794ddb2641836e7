package io.kappacdc.chaos.stack;

import io.kappacdc.chaos.proxy.TcpProxy;
import io.kappacdc.stack.EmbeddedKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** The broker. Its clients are told the proxy's port; it reaches itself without. */
public final class KafkaServer implements Server {
  private final TcpProxy proxy;
  private volatile EmbeddedKafka server;

  private KafkaServer(TcpProxy proxy, EmbeddedKafka server) {
    this.proxy = proxy;
    this.server = server;
    proxy.pointTo(server.port());
  }

  static KafkaServer start(Path directory) {
    TcpProxy proxy = TcpProxy.to(0); // until the broker has a port
    try {
      return new KafkaServer(
          proxy,
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

  /** Deletes a topic with all that it holds. */
  public void deleteTopic(String topic) throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
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
