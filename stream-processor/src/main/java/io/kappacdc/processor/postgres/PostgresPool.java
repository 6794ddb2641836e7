package io.kappacdc.processor.postgres;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One connection pool a JVM and database, since tasks of all queries and batches share it.
 * Thread-safe.
 */
final class PostgresPool {
  private static final Map<PostgresSettings, HikariDataSource> POOLS = new ConcurrentHashMap<>();

  /** Short, since a waiting task keeps a core from the other sinks; the query tries again. */
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(2);

  private PostgresPool() {}

  /** A connection without auto-commit; the caller closes it. */
  static Connection connect(PostgresSettings settings) throws SQLException {
    return POOLS.computeIfAbsent(settings, PostgresPool::open).getConnection();
  }

  /**
   * A pool that connects when it is first asked to. Spark's distributions bring HikariCP 2.5.1 for
   * Hive, which goes before ours where spark-submit adds it: only what that version has, too, may
   * be called here.
   */
  private static HikariDataSource open(PostgresSettings settings) {
    HikariDataSource pool = new HikariDataSource();
    pool.setPoolName("trail");
    pool.setJdbcUrl(settings.url());
    pool.setUsername(settings.user());
    pool.setPassword(settings.password());
    pool.setMaximumPoolSize(settings.poolSize());
    pool.setMinimumIdle(0);
    pool.setAutoCommit(false);
    pool.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    pool.addDataSourceProperty("ApplicationName", "kappa-cdc processor");
    pool.setConnectionInitSql(
        "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'");
    return pool;
  }

  /** Closes this JVM's pool of that database, if there is one. */
  static void close(PostgresSettings settings) {
    HikariDataSource pool = POOLS.remove(settings);
    if (pool != null) {
      pool.close();
    }
  }
}
