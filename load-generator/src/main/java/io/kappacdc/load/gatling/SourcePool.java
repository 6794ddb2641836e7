package io.kappacdc.load.gatling;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.SourceConfig;
import java.time.Duration;

/** Connections to the source. */
final class SourcePool {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

  private SourcePool() {}

  /**
   * Opens the pool.
   *
   * @throws KappaException if there is no source to go to, or it does not answer
   */
  static HikariDataSource open(SourceConfig source, KappaHome home, int size) {
    if (source.url() == null) {
      throw new KappaException(
          "There is no source database to go to",
          "no stack is up in " + home.directory() + " and the configuration has no source.url",
          "Start ./kappa up first (same --home), or set source.url.");
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(source.url());
    config.setUsername(source.user());
    config.setPassword(source.password());
    config.setMaximumPoolSize(size);
    config.setConnectionTimeout(CONNECT_MAX.toMillis());
    config.setAutoCommit(true);
    config.addDataSourceProperty("ApplicationName", "kappa load");
    config.addDataSourceProperty("reWriteBatchedInserts", "true");
    try {
      return new HikariDataSource(config);
    } catch (HikariPool.PoolInitializationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new KappaException(
          "Cannot connect to the source",
          String.valueOf(cause.getMessage()),
          "Check source.url, source.user and source.password, and that the server runs.",
          e);
    }
  }
}
