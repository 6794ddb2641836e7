package io.kappacdc.stack;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A running PostgreSQL 18 server on the loopback interface, set up for logical replication. Its one
 * user is a superuser with a password made up for this server.
 *
 * <p>Thread-safe. The server ends with {@link #stop()}, with {@link #kill()}, or with this JVM.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String NAME = "PostgreSQL";
  private static final Duration FAST_STOP_MAX = Duration.ofSeconds(30);
  private static final Duration IMMEDIATE_STOP_MAX = Duration.ofSeconds(5);
  private static final String DUPLICATE_DATABASE = "42P04";

  private final Builder builder;
  private final ServerDirectory directory;
  private final PostgresCluster cluster;
  private final ServerProcess process;
  private final String password;
  private final int port;
  private final StopWithJvm stopWithJvm;
  private boolean stopped;

  private EmbeddedPostgres(
      Builder builder,
      ServerDirectory directory,
      PostgresCluster cluster,
      ServerProcess process,
      int port) {
    this.builder = builder;
    this.directory = directory;
    this.cluster = cluster;
    this.process = process;
    this.password = cluster.password();
    this.port = port;
    this.stopWithJvm = builder.shutdownHook ? StopWithJvm.register(this::stop) : StopWithJvm.none();
  }

  /**
   * @param directory of this server alone: data, log, password, port; created when missing
   */
  public static Builder builder(Path directory) {
    return new Builder(directory);
  }

  /** How to start a server. Not thread-safe. */
  public static final class Builder {
    private static final int TRIES_MAX = 3;

    private final Path directory;
    private final Map<String, String> settings = new LinkedHashMap<>(defaultSettings());
    private Duration startTimeout = Duration.ofMinutes(5);
    private boolean shutdownHook = true;
    private @Nullable Path binaries;
    private @Nullable Unprivileged unprivileged;

    private Builder(Path directory) {
      this.directory = Objects.requireNonNull(directory, "directory");
    }

    private static Map<String, String> defaultSettings() {
      var settings = new LinkedHashMap<String, String>();
      settings.put("wal_level", "logical");
      settings.put("max_wal_senders", "10");
      settings.put("max_replication_slots", "10");
      settings.put("track_commit_timestamp", "on");
      settings.put("shared_buffers", "128MB");
      settings.put("timezone", "UTC");
      settings.put("log_timezone", "UTC");
      // Statements and details hold users' values.
      settings.put("log_error_verbosity", "terse");
      settings.put("log_min_error_statement", "panic");
      settings.put("log_checkpoints", "off");
      return settings;
    }

    /** A setting as in postgresql.conf, {@code ("max_connections", "200")}; the last one wins. */
    public Builder setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    public Builder settings(Map<String, String> more) {
      settings.putAll(more);
      return this;
    }

    /** How long a start may take, which includes recovery after a crash: 5 minutes by default. */
    public Builder startTimeout(Duration timeout) {
      this.startTimeout = timeout;
      return this;
    }

    /** Where PostgreSQL's programs are unpacked, by default the project's .kappa/binaries. */
    public Builder binaries(Path cache) {
      this.binaries = cache;
      return this;
    }

    Builder unprivileged(Unprivileged way) {
      this.unprivileged = way;
      return this;
    }

    /**
     * Leaves it to the caller to stop the server before this JVM ends: it then ends after those who
     * use it. Without the caller's stop it ends once this JVM is gone.
     */
    public Builder withoutShutdownHook() {
      this.shutdownHook = false;
      return this;
    }

    /**
     * Returns once the server answers queries. What an earlier run left running on the same
     * directory is stopped first.
     *
     * @throws io.kappacdc.runtime.KappaException when it cannot start, or another live process runs
     *     it
     */
    public EmbeddedPostgres start() {
      ServerDirectory claimed = ServerDirectory.claim(NAME, directory);
      try {
        Path cache =
            binaries != null ? binaries : ServerClassPath.root().resolve(".kappa/binaries");
        var cluster =
            new PostgresCluster(
                claimed,
                PostgresPrograms.in(cache),
                unprivileged != null ? unprivileged : Unprivileged.detect());
        cluster.stopLeftovers();
        cluster.createOnce(settings);
        return startServer(claimed, cluster, 1);
      } catch (RuntimeException | Error e) {
        claimed.close();
        throw e;
      }
    }

    private EmbeddedPostgres startServer(
        ServerDirectory claimed, PostgresCluster cluster, int attempt) {
      int port = claimed.port("port");
      cluster.configure(listeningOn(port));
      ServerProcess process =
          ServerProcess.start(NAME, cluster.serverCommand(), cluster.data(), claimed.log());
      try {
        Guardian.watch(process.process());
        process.awaitReady(
            () -> cluster.isReady() && answers(port, cluster.password()), startTimeout);
        return new EmbeddedPostgres(this, claimed, cluster, process, port);
      } catch (RuntimeException e) {
        process.kill();
        cluster.killLeftovers();
        if (attempt < TRIES_MAX && !LoopbackPorts.isFree(port)) {
          return startServer(claimed, cluster, attempt + 1); // somebody was faster
        }
        throw e;
      }
    }

    private Map<String, String> listeningOn(int port) {
      var all = new LinkedHashMap<>(settings);
      all.put("listen_addresses", "127.0.0.1");
      all.put("port", Integer.toString(port));
      all.put("unix_socket_directories", "");
      return all;
    }
  }

  public int port() {
    return port;
  }

  public String user() {
    return PostgresCluster.USER;
  }

  public String password() {
    return password;
  }

  /** Without user and password. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  public Connection connect(String database) throws SQLException {
    return dataSource(port, password, database).getConnection();
  }

  public void createDatabaseIfMissing(String database) throws SQLException {
    try (Connection connection = connect("postgres");
        PreparedStatement exists =
            connection.prepareStatement("SELECT 1 FROM pg_database WHERE datname = ?");
        Statement create = connection.createStatement()) {
      exists.setString(1, database);
      try (ResultSet found = exists.executeQuery()) {
        if (!found.next()) {
          create.execute("CREATE DATABASE \"" + database.replace("\"", "\"\"") + "\"");
        }
      }
    } catch (SQLException e) {
      if (!DUPLICATE_DATABASE.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  /** True while the server's process lives and answers a query. */
  public boolean isHealthy() {
    return process.isAlive() && answers(port, password);
  }

  public long pid() {
    return process.pid();
  }

  /** The server's processes of this moment, for the accounts of CPU and memory. */
  public List<Long> pids() {
    return process.pids();
  }

  public Path log() {
    return directory.log();
  }

  /**
   * Stops the server, ending open sessions; what was committed is on disk. A server that does not
   * obey within 30 s is killed and recovers at the next start.
   */
  public synchronized void stop() {
    if (stopped) {
      return;
    }
    stopWithJvm.cancel();
    if (process.isAlive()) {
      cluster.signal("INT", process.pid());
      if (!process.exits(FAST_STOP_MAX)) {
        cluster.signal("QUIT", process.pid());
        process.exits(IMMEDIATE_STOP_MAX);
      }
    }
    end();
  }

  /** Kills all the server's processes (SIGKILL), as a crash or a power cut would. */
  public synchronized void kill() {
    if (!stopped) {
      stopWithJvm.cancel();
      end();
    }
  }

  private void end() {
    process.kill();
    cluster.killLeftovers();
    directory.close();
    stopped = true;
  }

  /** Starts a stopped or killed server again, the same way; this object stays stopped. */
  public EmbeddedPostgres startAgain() {
    return builder.start();
  }

  @Override
  public void close() {
    stop();
  }

  private static boolean answers(int port, String password) {
    try (Connection connection = dataSource(port, password, "postgres").getConnection();
        Statement statement = connection.createStatement()) {
      return statement.execute("SELECT 1");
    } catch (SQLException e) {
      return false;
    }
  }

  private static PGSimpleDataSource dataSource(int port, String password, String database) {
    var source = new PGSimpleDataSource();
    source.setServerNames(new String[] {"127.0.0.1"});
    source.setPortNumbers(new int[] {port});
    source.setDatabaseName(database);
    source.setUser(PostgresCluster.USER);
    source.setPassword(password);
    return source;
  }
}
