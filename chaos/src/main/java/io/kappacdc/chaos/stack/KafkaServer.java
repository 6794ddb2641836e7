package io.kappacdc.chaos.stack;

import io.kappacdc.chaos.proxy.TcpProxy;
import io.kappacdc.stack.EmbeddedKafka;
import java.nio.file.Path;
import java.util.List;

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
