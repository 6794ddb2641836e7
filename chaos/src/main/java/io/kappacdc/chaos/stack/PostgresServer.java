package io.kappacdc.chaos.stack;

import io.kappacdc.chaos.proxy.TcpProxy;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** PostgreSQL, the source or the sink, with one database of the same name. */
public final class PostgresServer implements Server {
  private static final Map<String, String> SETTINGS =
      Map.of(
          // Processes are killed, the machine is not: what was written is there afterwards.
          "fsync", "off",
          "shared_buffers", "64MB",
          // Bounds what a start after a kill has to go through again.
          "checkpoint_timeout", "30s",
          "max_wal_size", "256MB",
          "max_connections", "60",
          "wal_sender_timeout", "20s");

  private final String name;
  private final TcpProxy proxy;
  private volatile EmbeddedPostgres server;

  private PostgresServer(String name, EmbeddedPostgres server) {
    this.name = name;
    this.server = server;
    this.proxy = TcpProxy.to(server.port());
  }

  static PostgresServer start(String name, Path directory) throws SQLException {
    EmbeddedPostgres server =
        EmbeddedPostgres.builder(directory).settings(SETTINGS).withoutShutdownHook().start();
    server.createDatabaseIfMissing(name);
    return new PostgresServer(name, server);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TcpProxy proxy() {
    return proxy;
  }

  /** A session past the proxy. */
  public Connection connect() throws SQLException {
    return server.connect(name);
  }

  /** The JDBC URL past the proxy. */
  public String directUrl() {
    return server.jdbcUrl(name);
  }

  /** The JDBC URL through the proxy. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/" + name;
  }

  public String user() {
    return server.user();
  }

  public String password() {
    return server.password();
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
