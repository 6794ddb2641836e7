package io.kappacdc.processor.postgres;

import com.zaxxer.hikari.HikariConfig;
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

  private static HikariDataSource open(PostgresSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("trail");
    config.setJdbcUrl(settings.url());
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(0);
    config.setAutoCommit(false);
    config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("ApplicationName", "kappa-cdc processor");
    config.setConnectionInitSql(
        "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'");
    return new HikariDataSource(config);
  }

  /** Closes this JVM's pool of that database, if there is one. */
  static void close(PostgresSettings settings) {
    HikariDataSource pool = POOLS.remove(settings);
    if (pool != null) {
      pool.close();
    }
  }
}
