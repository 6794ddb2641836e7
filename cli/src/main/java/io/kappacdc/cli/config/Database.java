package io.kappacdc.cli.config;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.SinkConfig;
import io.kappacdc.runtime.config.SourceConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Where a database of the pipeline is, and how to log in. */
public record Database(String url, @Nullable String user, @Nullable String password) {
  private static final String CONNECT_SECONDS_MAX = "5";

  /** The source, of a running stack or as configured. */
  public static Database of(SourceConfig source, KappaHome home) {
    return of("source", source.url(), source.user(), source.password(), home);
  }

  /** The sink, of a running stack or as configured. */
  public static Database of(SinkConfig sink, KappaHome home) {
    return of("sink", sink.url(), sink.user(), sink.password(), home);
  }

  /** A database among the values in effect. */
  public static Database of(String section, Map<String, String> values) {
    return new Database(
        values.get(section + ".url"),
        values.get(section + ".user"),
        values.get(section + ".password"));
  }

  private static Database of(
      String section,
      @Nullable String url,
      @Nullable String user,
      @Nullable String password,
      KappaHome home) {
    if (url == null) {
      throw new KappaException(
          "There is no " + section + " database to go to",
          "no stack is up in "
              + home.directory()
              + " and the configuration has no "
              + section
              + ".url",
          "Start ./kappa up first (same --home), or set " + section + ".url.");
    }
    DatabaseUrl parsed = DatabaseUrl.parse(url);
    return new Database(
        parsed.url(),
        parsed.user() == null ? user : parsed.user(),
        parsed.password() == null ? password : parsed.password());
  }

  /** A new connection. */
  public Connection connect() throws SQLException {
    Properties properties = new Properties();
    if (user != null) {
      properties.put("user", user);
    }
    if (password != null) {
      properties.put("password", password);
    }
    properties.put("ApplicationName", "kappa");
    properties.put("connectTimeout", CONNECT_SECONDS_MAX);
    properties.put("reWriteBatchedInserts", "true");
    return DriverManager.getConnection(url, properties);
  }

  @Override
  public String toString() {
    return url; // never the password
  }
}
