package io.kappacdc.chaos.stack;

import io.kappacdc.chaos.proxy.TcpProxy;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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

  private static final Duration STANDBY_MAX = Duration.ofSeconds(120);
  private static final Duration POLL = Duration.ofMillis(100);

  /** What the one that takes over knows it by. */
  private static final String STANDBY = "standby";

  private final String name;
  private final Path first;
  private final TcpProxy proxy;
  private volatile EmbeddedPostgres server;
  private Path directory;
  private int successors;

  private PostgresServer(String name, Path directory, EmbeddedPostgres server) {
    this.name = name;
    this.first = directory;
    this.directory = directory;
    this.server = server;
    this.proxy = TcpProxy.to(server.port());
  }

  static PostgresServer start(String name, Path directory) throws SQLException {
    EmbeddedPostgres server = builder(directory).start();
    server.createDatabaseIfMissing(name);
    return new PostgresServer(name, directory, server);
  }

  private static EmbeddedPostgres.Builder builder(Path directory) {
    return EmbeddedPostgres.builder(directory).settings(SETTINGS).withoutShutdownHook();
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

  /**
   * Kills the server for good; a standby takes over that has all that logical decoding was given,
   * with capture's slot.
   *
   * @param slot that the standby keeps in step
   */
  public void failOver(String slot) throws SQLException, IOException, InterruptedException {
    EmbeddedPostgres primary = server;
    Path copy = nextDirectory();
    EmbeddedPostgres standby;
    try (Connection session = connect();
        Statement statement = session.createStatement()) {
      statement.execute("SELECT pg_create_physical_replication_slot('" + STANDBY + "', true)");
      PostgresBackup.takeWithoutLog(session, directory, copy);
      // Only now, or the successor would wait for a standby of its own.
      statement.execute("ALTER SYSTEM SET synchronized_standby_slots = '" + STANDBY + "'");
      statement.execute("SELECT pg_reload_conf()");
      PostgresBackup.makeStandby(copy);
      standby = builder(copy).settings(following(primary)).start();
      awaitSlot(standby, slot, statement);
    }
    primary.kill();
    promote(standby);
    succeed(standby, copy);
  }

  private Map<String, String> following(EmbeddedPostgres primary) {
    return Map.of(
        "primary_conninfo",
        "host=127.0.0.1 port=%d user=%s password=%s dbname=%s"
            .formatted(primary.port(), primary.user(), primary.password(), name),
        "primary_slot_name",
        STANDBY,
        "hot_standby_feedback",
        "on",
        "wal_receiver_status_interval",
        "1s",
        "sync_replication_slots",
        "on");
  }

  private void awaitSlot(EmbeddedPostgres standby, String slot, Statement primary)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + STANDBY_MAX.toNanos();
    try (Connection session = standby.connect(name);
        PreparedStatement synced =
            session.prepareStatement(
                "SELECT 1 FROM pg_replication_slots WHERE slot_name = ? AND synced AND NOT"
                    + " temporary")) {
      synced.setString(1, slot);
      while (System.nanoTime() < deadline) {
        primary.execute("SELECT pg_log_standby_snapshot()"); // lets the slot move on
        try (ResultSet row = synced.executeQuery()) {
          if (row.next()) {
            return;
          }
        }
        Thread.sleep(POLL.toMillis());
      }
    }
    standby.kill();
    throw new IllegalStateException("The standby has not got slot " + slot + " in time");
  }

  /** Makes a backup, as of now, and leaves it lying. */
  public Path backUp() throws SQLException, IOException {
    Path copy = nextDirectory();
    try (Connection session = connect()) {
      PostgresBackup.takeWithLog(session, directory, copy);
    }
    return copy;
  }

  /** Kills the server for good, and starts a backup of it in its place. */
  public void restore(Path backup) {
    server.kill();
    succeed(builder(backup).start(), backup);
  }

  /** The same on a timeline of its own, as point-in-time recovery does it. */
  public void restoreOnNewTimeline(Path backup) throws SQLException, IOException {
    server.kill();
    PostgresBackup.makeStandby(backup);
    EmbeddedPostgres restored = builder(backup).start();
    promote(restored);
    succeed(restored, backup);
  }

  private static void promote(EmbeddedPostgres standby) throws SQLException {
    try (Connection session = standby.connect("postgres");
        Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_promote(true, 60)")) {
      row.next();
      if (!row.getBoolean(1)) {
        throw new IllegalStateException("The standby was not promoted in time");
      }
    }
  }

  private void succeed(EmbeddedPostgres successor, Path at) throws UncheckedIOException {
    Path before = directory;
    directory = at;
    server = successor;
    proxy.cut();
    proxy.pointTo(successor.port());
    delete(before);
  }

  private Path nextDirectory() {
    return first.resolveSibling(name + "-" + ++successors);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    proxy.close();
    server.kill();
  }
}
