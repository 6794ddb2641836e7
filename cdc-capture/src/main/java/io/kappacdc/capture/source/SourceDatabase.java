package io.kappacdc.capture.source;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.SourceConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** The source as configured: how we and Debezium connect to it, with settings that fix its text. */
public final class SourceDatabase {
  /**
   * What a value's text depends on. The driver sets DateStyle and TimeZone itself, TimeZone from
   * the JVM's default, which is UTC in this process. And that a query which policies of the source
   * hide rows from is an error: by default it has fewer rows.
   */
  private static final String SETTINGS =
      "-c DateStyle=ISO -c TimeZone=UTC -c IntervalStyle=postgres"
          + " -c bytea_output=hex -c extra_float_digits=1 -c row_security=off";

  private final String url;
  private final Properties parsed;
  private final @Nullable String user;
  private final @Nullable String password;

  /**
   * @throws KappaException if no URL is configured or it is not one of PostgreSQL
   */
  public SourceDatabase(SourceConfig config) {
    if (config.url() == null) {
      throw new KappaException(
          "There is no source database.",
          "source.url is not set.",
          "Set source.url to jdbc:postgresql://host:port/database in kappa.yaml, or KAPPA_SOURCE_URL.");
    }
    this.url = config.url();
    Properties properties = Driver.parseURL(url, null);
    if (properties == null) {
      throw new KappaException(
          "The source's address cannot be understood.",
          "source.url is not a JDBC URL of PostgreSQL.",
          "Write it as jdbc:postgresql://host:port/database.");
    }
    this.parsed = properties;
    this.user = config.user() != null ? config.user() : PGProperty.USER.getOrDefault(parsed);
    this.password =
        config.password() != null ? config.password() : PGProperty.PASSWORD.getOrDefault(parsed);
  }

  String host() {
    return PGProperty.PG_HOST.getOrDefault(parsed);
  }

  String port() {
    return PGProperty.PG_PORT.getOrDefault(parsed);
  }

  String databaseName() {
    return PGProperty.PG_DBNAME.getOrDefault(parsed);
  }

  @Nullable String user() {
    return user;
  }

  @Nullable String password() {
    return password;
  }

  /** Where it is, for people. */
  String address() {
    return host() + ':' + port() + '/' + databaseName();
  }

  /** Driver properties beyond address and user: those of the URL, and the settings. */
  Properties driverProperties() {
    Properties properties = new Properties();
    for (String name : parsed.stringPropertyNames()) {
      if (PGProperty.forName(name) != null && !isAddress(name)) {
        properties.setProperty(name, parsed.getProperty(name));
      }
    }
    String own = PGProperty.OPTIONS.getOrDefault(parsed);
    properties.setProperty(
        PGProperty.OPTIONS.getName(), own == null ? SETTINGS : own + ' ' + SETTINGS);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    return properties;
  }

  private static boolean isAddress(String name) {
    return name.equals(PGProperty.PG_HOST.getName())
        || name.equals(PGProperty.PG_PORT.getName())
        || name.equals(PGProperty.PG_DBNAME.getName())
        || name.equals(PGProperty.USER.getName())
        || name.equals(PGProperty.PASSWORD.getName());
  }

  /** A new connection in auto-commit mode. */
  public Connection connect() throws SQLException {
    return connect(driverProperties());
  }

  /** A new connection that speaks the replication protocol. */
  Connection connectForReplication() throws SQLException {
    Properties properties = driverProperties();
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
    return connect(properties);
  }

  private Connection connect(Properties properties) throws SQLException {
    if (user != null) {
      PGProperty.USER.set(properties, user);
    }
    if (password != null) {
      PGProperty.PASSWORD.set(properties, password);
    }
    PGProperty.APPLICATION_NAME.set(properties, "kappa capture");
    PGProperty.CONNECT_TIMEOUT.set(properties, 10);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + host() + ':' + port() + '/' + encoded(databaseName()), properties);
  }

  private static String encoded(String name) {
    return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8)
        .replace("+", "%20");
  }
}
